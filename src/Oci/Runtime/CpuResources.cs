namespace Rundlet.Oci;

/// <summary>CPU time and placement (config-linux.md, CPU).</summary>
public sealed class CpuResources
{
    /// <summary>Relative weight as of cgroup v1, 2 to 262144.</summary>
    public ulong? Shares { get; set; }

    /// <summary>Running time in each period in microseconds; -1 is no limit.</summary>
    public long? Quota { get; set; }

    /// <summary>Unused quota that may be saved up, in microseconds.</summary>
    public ulong? Burst { get; set; }

    /// <summary>Length of a period in microseconds.</summary>
    public ulong? Period { get; set; }

    /// <summary>Real-time running time in each real-time period, in microseconds; cgroup v1 only.</summary>
    public long? RealtimeRuntime { get; set; }

    /// <summary>Length of a real-time period in microseconds; cgroup v1 only.</summary>
    public ulong? RealtimePeriod { get; set; }

    /// <summary>CPU list: <c>0-3,7</c>.</summary>
    public string? Cpus { get; set; }

    /// <summary>Memory node list: <c>0-1</c>.</summary>
    public string? Mems { get; set; }

    /// <summary>1 makes the cgroup run only when nothing else does (SCHED_IDLE), 0 is usual.</summary>
    public long? Idle { get; set; }
}
