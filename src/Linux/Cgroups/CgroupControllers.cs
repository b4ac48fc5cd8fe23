namespace Rundlet.Linux.Cgroups;

// What belongs in this folder: control groups, v1, v2 and both together, from where they are mounted to what is in
// their files. `CgroupLayout` knows the machine, `Cgroup` is one container's place on it, `Controllers/` has one file
// for each controller with the same pair: Apply writes settings, Collect reads figures.

/// <summary>Controllers by the names of cgroups(7); <see cref="Io"/> is <c>blkio</c> in v1.</summary>
[Flags]
public enum CgroupControllers
{
    /// <summary>None, as in a named v1 hierarchy.</summary>
    None = 0,

    /// <summary>CPU time.</summary>
    Cpu = 1,

    /// <summary>CPU accounting, v1 only; part of <see cref="Cpu"/> in v2.</summary>
    Cpuacct = 1 << 1,

    /// <summary>CPUs and memory nodes.</summary>
    Cpuset = 1 << 2,

    /// <summary>Memory.</summary>
    Memory = 1 << 3,

    /// <summary>Block devices.</summary>
    Io = 1 << 4,

    /// <summary>Access to device nodes, v1 only; v2 has an eBPF program instead.</summary>
    Devices = 1 << 5,

    /// <summary>Freezer, v1 only; part of every v2 cgroup.</summary>
    Freezer = 1 << 6,

    /// <summary>Number of tasks.</summary>
    Pids = 1 << 7,

    /// <summary>Huge pages.</summary>
    Hugetlb = 1 << 8,

    /// <summary>RDMA objects.</summary>
    Rdma = 1 << 9,

    /// <summary>Network class, v1 only.</summary>
    NetCls = 1 << 10,

    /// <summary>Network priorities, v1 only.</summary>
    NetPrio = 1 << 11,

    /// <summary>perf events.</summary>
    PerfEvent = 1 << 12,

    /// <summary>Miscellaneous scalars.</summary>
    Misc = 1 << 13,
}
