namespace Rundlet.Linux.Cgroups;

/// <summary>
/// What to set on a cgroup, in terms of no one kernel version. Null, an empty list, and zero where zero is no
/// sensible value, leave a setting as it is; -1 takes a limit away.
/// </summary>
public sealed class CgroupSettings
{
    /// <summary>Memory and swap.</summary>
    public MemorySettings? Memory { get; set; }

    /// <summary>CPU time.</summary>
    public CpuSettings? Cpu { get; set; }

    /// <summary>CPUs to run on, as a list: <c>0-3,7</c>.</summary>
    public string? CpusetCpus { get; set; }

    /// <summary>Memory nodes to use, as a list: <c>0-1</c>.</summary>
    public string? CpusetMems { get; set; }

    /// <summary>The most tasks; -1 for no limit.</summary>
    public long? PidsLimit { get; set; }

    /// <summary>Block devices.</summary>
    public BlockIoSettings? BlockIo { get; set; }

    /// <summary>Huge pages.</summary>
    public IReadOnlyList<HugetlbSetting> Hugetlb { get; set; } = [];

    /// <summary>RDMA devices.</summary>
    public IReadOnlyList<RdmaSetting> Rdma { get; set; } = [];

    /// <summary>Class of the packets, for tc(8); v1 only.</summary>
    public uint? NetworkClassId { get; set; }

    /// <summary>Priorities of packets by interface; v1 only.</summary>
    public IReadOnlyList<NetworkPriority> NetworkPriorities { get; set; } = [];

    /// <summary>
    /// Access to device nodes, in order: for each kind of access the last rule that matches decides. What no rule
    /// matches is denied. Null sets nothing; an empty list denies all.
    /// </summary>
    public IReadOnlyList<DeviceAccessRule>? Devices { get; set; }

    /// <summary>Files of cgroup v2 and what to write into them, as they are; written last.</summary>
    public IReadOnlyDictionary<string, string>? Unified { get; set; }

    /// <summary>
    /// Whether to go on without device rules where the kernel does not permit them (a user namespace). Limits that
    /// cannot be set are errors all the same.
    /// </summary>
    public bool BestEffort { get; set; }
}
