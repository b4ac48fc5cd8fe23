namespace Rundlet.Oci;

/// <summary>Weight for one block device (config-linux.md, Block IO).</summary>
public sealed class WeightDevice
{
    /// <summary>Major number.</summary>
    public required long Major { get; set; }

    /// <summary>Minor number.</summary>
    public required long Minor { get; set; }

    /// <summary>Relative weight, 10 to 1000.</summary>
    public ushort? Weight { get; set; }

    /// <summary>Weight against child cgroups, 10 to 1000; old kernels only.</summary>
    public ushort? LeafWeight { get; set; }
}
