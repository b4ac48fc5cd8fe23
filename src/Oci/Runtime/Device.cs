namespace Rundlet.Oci;

/// <summary>A device node (config-linux.md, Devices).</summary>
public sealed class Device
{
    /// <summary><c>c</c>, <c>b</c>, <c>u</c> or <c>p</c>, as for mknod(1).</summary>
    public required string Type { get; set; }

    /// <summary>Absolute path inside the container.</summary>
    public required string Path { get; set; }

    /// <summary>Major number; of no meaning for <c>p</c>.</summary>
    public long Major { get; set; }

    /// <summary>Minor number; of no meaning for <c>p</c>.</summary>
    public long Minor { get; set; }

    /// <summary>Permission bits, in decimal in the document.</summary>
    public uint? FileMode { get; set; }

    /// <summary>Owner inside the container.</summary>
    public uint? Uid { get; set; }

    /// <summary>Group inside the container.</summary>
    public uint? Gid { get; set; }
}
