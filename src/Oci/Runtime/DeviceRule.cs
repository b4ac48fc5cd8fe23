namespace Rundlet.Oci;

/// <summary>A rule of the device controller (config-linux.md, Allowed Device list).</summary>
public sealed class DeviceRule
{
    /// <summary>Allow or deny.</summary>
    public required bool Allow { get; set; }

    /// <summary><c>a</c> (all), <c>c</c> or <c>b</c>; absent is <c>a</c>.</summary>
    public string? Type { get; set; }

    /// <summary>Major number; absent is any.</summary>
    public long? Major { get; set; }

    /// <summary>Minor number; absent is any.</summary>
    public long? Minor { get; set; }

    /// <summary>Letters of <c>r</c>, <c>w</c> and <c>m</c> (mknod).</summary>
    public string? Access { get; set; }
}
