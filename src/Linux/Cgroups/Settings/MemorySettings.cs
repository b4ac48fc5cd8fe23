namespace Rundlet.Linux.Cgroups;

/// <summary>Memory limits in bytes; -1 takes a limit away, zero or null leaves it as it is.</summary>
public sealed class MemorySettings
{
    /// <summary>Memory.</summary>
    public long? Limit { get; set; }

    /// <summary>Memory and swap together, as in v1 and in the OCI specification.</summary>
    public long? Swap { get; set; }

    /// <summary>What to keep when the machine runs short: the soft limit of v1, <c>memory.low</c> of v2.</summary>
    public long? Reservation { get; set; }

    /// <summary>TCP buffers; v1 only.</summary>
    public long? KernelTcp { get; set; }

    /// <summary>Readiness to swap, 0 to 100; v1 only.</summary>
    public ulong? Swappiness { get; set; }

    /// <summary>No OOM killer: tasks wait for memory; true is for v1 only.</summary>
    public bool? DisableOomKiller { get; set; }

    /// <summary>Refuse a limit below what is used now; v2 would kill to get there.</summary>
    public bool CheckBeforeUpdate { get; set; }
}
