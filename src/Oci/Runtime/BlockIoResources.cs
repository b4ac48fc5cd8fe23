namespace Rundlet.Oci;

/// <summary>Limits on block devices (config-linux.md, Block IO).</summary>
public sealed class BlockIoResources
{
    /// <summary>Relative weight, 10 to 1000.</summary>
    public ushort? Weight { get; set; }

    /// <summary>Weight against child cgroups, 10 to 1000; old kernels only.</summary>
    public ushort? LeafWeight { get; set; }

    /// <summary>Weights by device.</summary>
    public List<WeightDevice>? WeightDevice { get; set; }

    /// <summary>Bytes read in a second, by device.</summary>
    public List<ThrottleDevice>? ThrottleReadBpsDevice { get; set; }

    /// <summary>Bytes written in a second, by device.</summary>
    public List<ThrottleDevice>? ThrottleWriteBpsDevice { get; set; }

    /// <summary>Reads in a second, by device.</summary>
    public List<ThrottleDevice>? ThrottleReadIopsDevice { get; set; }

    /// <summary>Writes in a second, by device.</summary>
    public List<ThrottleDevice>? ThrottleWriteIopsDevice { get; set; }
}
