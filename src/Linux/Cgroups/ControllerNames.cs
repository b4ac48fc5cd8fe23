namespace Rundlet.Linux.Cgroups;

/// <summary>Controller names as the kernel writes them.</summary>
internal static class ControllerNames
{
    /// <summary>The controller of a name, of either version; <see cref="CgroupControllers.None"/> for a name that we do not use.</summary>
    public static CgroupControllers Parse(ReadOnlySpan<char> name) => name switch
    {
        "cpu" => CgroupControllers.Cpu,
        "cpuacct" => CgroupControllers.Cpuacct,
        "cpuset" => CgroupControllers.Cpuset,
        "memory" => CgroupControllers.Memory,
        "blkio" or "io" => CgroupControllers.Io,
        "devices" => CgroupControllers.Devices,
        "freezer" => CgroupControllers.Freezer,
        "pids" => CgroupControllers.Pids,
        "hugetlb" => CgroupControllers.Hugetlb,
        "rdma" => CgroupControllers.Rdma,
        "net_cls" => CgroupControllers.NetCls,
        "net_prio" => CgroupControllers.NetPrio,
        "perf_event" => CgroupControllers.PerfEvent,
        "misc" => CgroupControllers.Misc,
        _ => CgroupControllers.None,
    };

    /// <summary>All controllers of a list of names.</summary>
    public static CgroupControllers ParseAll(ReadOnlySpan<string> names)
    {
        CgroupControllers all = CgroupControllers.None;
        foreach (string name in names)
            all |= Parse(name);
        return all;
    }

    /// <summary>What to call a controller in a message.</summary>
    public static string NameOf(CgroupControllers controller) => controller switch
    {
        CgroupControllers.Cpu => "cpu",
        CgroupControllers.Cpuacct => "cpuacct",
        CgroupControllers.Cpuset => "cpuset",
        CgroupControllers.Memory => "memory",
        CgroupControllers.Io => "block io",
        CgroupControllers.Devices => "devices",
        CgroupControllers.Freezer => "freezer",
        CgroupControllers.Pids => "pids",
        CgroupControllers.Hugetlb => "hugetlb",
        CgroupControllers.Rdma => "rdma",
        CgroupControllers.NetCls => "net_cls",
        CgroupControllers.NetPrio => "net_prio",
        CgroupControllers.PerfEvent => "perf_event",
        CgroupControllers.Misc => "misc",
        _ => "cgroup",
    };
}
