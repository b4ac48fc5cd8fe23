namespace Rundlet.Linux.Cgroups;

/// <summary>What a cgroup used. A part is null where its controller is not there.</summary>
public sealed class CgroupStats
{
    /// <summary>CPU time.</summary>
    public CpuStats? Cpu { get; internal set; }

    /// <summary>Memory.</summary>
    public MemoryStats? Memory { get; internal set; }

    /// <summary>Tasks.</summary>
    public PidsStats? Pids { get; internal set; }

    /// <summary>Block devices, one entry each.</summary>
    public IReadOnlyList<BlockIoStats> BlockIo { get; internal set; } = [];

    /// <summary>How much tasks waited for block devices; where there is a cgroup2 mount.</summary>
    public PressureStats? IoPressure { get; internal set; }

    /// <summary>CPUs and memory nodes.</summary>
    public CpusetStats? Cpuset { get; internal set; }

    /// <summary>Limits of RDMA devices; <see cref="ulong.MaxValue"/> for none.</summary>
    public IReadOnlyList<RdmaStats> RdmaLimits { get; internal set; } = [];

    /// <summary>Huge pages, one entry a size.</summary>
    public IReadOnlyList<HugetlbStats> Hugetlb { get; internal set; } = [];

    /// <summary>RDMA devices.</summary>
    public IReadOnlyList<RdmaStats> Rdma { get; internal set; } = [];
}
