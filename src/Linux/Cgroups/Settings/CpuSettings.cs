namespace Rundlet.Linux.Cgroups;

/// <summary>CPU time; zero or null leaves a setting as it is, except for <see cref="Idle"/>.</summary>
public sealed class CpuSettings
{
    /// <summary>Relative weight as of v1: 2 to 262144, 1024 is usual. v2 gets the weight that corresponds.</summary>
    public ulong? Shares { get; set; }

    /// <summary>Running time in each period, in microseconds; -1 for no limit.</summary>
    public long? Quota { get; set; }

    /// <summary>Length of a period in microseconds, 1000 to 1000000.</summary>
    public ulong? Period { get; set; }

    /// <summary>Quota that may be saved up, in microseconds.</summary>
    public ulong? Burst { get; set; }

    /// <summary>1 to run only when nothing else does, 0 as usual; Linux 5.15.</summary>
    public long? Idle { get; set; }

    /// <summary>Real-time running time in each real-time period, in microseconds; v1 only.</summary>
    public long? RealtimeRuntime { get; set; }

    /// <summary>Length of a real-time period in microseconds; v1 only.</summary>
    public ulong? RealtimePeriod { get; set; }
}
