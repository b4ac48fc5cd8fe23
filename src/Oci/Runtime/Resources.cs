namespace Rundlet.Oci;

/// <summary>Limits of a container; also the document of <c>update --resources</c> (config-linux.md, Control groups).</summary>
public sealed class Resources
{
    /// <summary>Device access rules, applied in order (Allowed Device list).</summary>
    public List<DeviceRule>? Devices { get; set; }

    /// <summary>Memory (Memory).</summary>
    public MemoryResources? Memory { get; set; }

    /// <summary>CPU time and placement (CPU).</summary>
    public CpuResources? Cpu { get; set; }

    /// <summary>Number of tasks (PIDs).</summary>
    public PidsResources? Pids { get; set; }

    /// <summary>Block devices (Block IO).</summary>
    public BlockIoResources? BlockIo { get; set; }

    /// <summary>Huge pages (Huge page limits).</summary>
    public List<HugepageLimit>? HugepageLimits { get; set; }

    /// <summary>Network classes and priorities, cgroup v1 only (Network).</summary>
    public NetworkResources? Network { get; set; }

    /// <summary>RDMA limits by device (RDMA).</summary>
    public Dictionary<string, RdmaLimit>? Rdma { get; set; }

    /// <summary>Cgroup v2 files and what to write to them, as they are (Unified).</summary>
    public Dictionary<string, string>? Unified { get; set; }
}
