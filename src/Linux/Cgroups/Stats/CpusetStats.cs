namespace Rundlet.Linux.Cgroups;

/// <summary>CPUs and memory nodes that a cgroup may use, and the switches of v1, which are zero on v2.</summary>
public sealed class CpusetStats
{
    /// <summary>CPUs, by number.</summary>
    public IReadOnlyList<ulong> Cpus { get; internal set; } = [];

    /// <summary>Memory nodes, by number.</summary>
    public IReadOnlyList<ulong> Mems { get; internal set; } = [];

    /// <summary>No sibling shares the CPUs.</summary>
    public ulong CpuExclusive { get; internal set; }

    /// <summary>No sibling shares the memory nodes.</summary>
    public ulong MemExclusive { get; internal set; }

    /// <summary>The kernel's own allocations keep to the nodes too.</summary>
    public ulong MemHardwall { get; internal set; }

    /// <summary>Pages move when the nodes change.</summary>
    public ulong MemoryMigrate { get; internal set; }

    /// <summary>Page cache is spread over the nodes.</summary>
    public ulong MemorySpreadPage { get; internal set; }

    /// <summary>Slabs are spread over the nodes.</summary>
    public ulong MemorySpreadSlab { get; internal set; }

    /// <summary>How much tasks have had to free memory for themselves.</summary>
    public ulong MemoryPressure { get; internal set; }

    /// <summary>The scheduler balances within the set.</summary>
    public ulong SchedLoadBalance { get; internal set; }

    /// <summary>How far the scheduler looks for an idle CPU; -1 for the machine's default.</summary>
    public long SchedRelaxDomainLevel { get; internal set; }
}
