namespace Rundlet.Linux.Cgroups;

/// <summary>CPU time, in nanoseconds.</summary>
public sealed class CpuStats
{
    /// <summary>All of it.</summary>
    public ulong Total { get; internal set; }

    /// <summary>In user mode.</summary>
    public ulong User { get; internal set; }

    /// <summary>In the kernel.</summary>
    public ulong System { get; internal set; }

    /// <summary>By CPU; v1 only, else empty.</summary>
    public IReadOnlyList<ulong> PerCpu { get; internal set; } = [];

    /// <summary>By CPU, in user mode; v1 only, else empty.</summary>
    public IReadOnlyList<ulong> PerCpuUser { get; internal set; } = [];

    /// <summary>By CPU, in the kernel; v1 only, else empty.</summary>
    public IReadOnlyList<ulong> PerCpuSystem { get; internal set; } = [];

    /// <summary>Periods with a quota in force.</summary>
    public ulong Periods { get; internal set; }

    /// <summary>Those of them in which the quota was used up.</summary>
    public ulong ThrottledPeriods { get; internal set; }

    /// <summary>Time that tasks waited for quota.</summary>
    public ulong ThrottledTime { get; internal set; }

    /// <summary>Pressure; where there is a cgroup2 mount.</summary>
    public PressureStats? Pressure { get; internal set; }
}
