namespace Rundlet.Oci;

/// <summary>Rate limit for one block device (config-linux.md, Block IO).</summary>
public sealed class ThrottleDevice
{
    /// <summary>Major number.</summary>
    public required long Major { get; set; }

    /// <summary>Minor number.</summary>
    public required long Minor { get; set; }

    /// <summary>Bytes or operations in a second.</summary>
    public required ulong Rate { get; set; }
}
