namespace Rundlet.Linux.Cgroups;

/// <summary>Block devices; zero or null leaves a weight as it is.</summary>
public sealed class BlockIoSettings
{
    /// <summary>Relative weight as of v1, 10 to 1000. v2 gets the weight that corresponds.</summary>
    public ushort? Weight { get; set; }

    /// <summary>Weight against child cgroups, 10 to 1000; v1 of old kernels only.</summary>
    public ushort? LeafWeight { get; set; }

    /// <summary>Weights by device.</summary>
    public IReadOnlyList<DeviceWeight> DeviceWeights { get; set; } = [];

    /// <summary>Bytes read in a second.</summary>
    public IReadOnlyList<DeviceRate> ReadBytes { get; set; } = [];

    /// <summary>Bytes written in a second.</summary>
    public IReadOnlyList<DeviceRate> WriteBytes { get; set; } = [];

    /// <summary>Reads in a second.</summary>
    public IReadOnlyList<DeviceRate> ReadOperations { get; set; } = [];

    /// <summary>Writes in a second.</summary>
    public IReadOnlyList<DeviceRate> WriteOperations { get; set; } = [];
}
