namespace Rundlet.Linux.Cgroups;

/// <summary>Memory, in bytes; a limit of <see cref="ulong.MaxValue"/> is none.</summary>
public sealed class MemoryStats
{
    /// <summary>In use, page cache included.</summary>
    public ulong Usage { get; internal set; }

    /// <summary>The limit.</summary>
    public ulong Limit { get; internal set; }

    /// <summary>The most that was in use.</summary>
    public ulong MaxUsage { get; internal set; }

    /// <summary>How often the limit was hit: <c>failcnt</c> of v1, <c>max</c> in <c>memory.events</c> of v2.</summary>
    public ulong FailCount { get; internal set; }

    /// <summary>Swap in use, without memory.</summary>
    public ulong Swap { get; internal set; }

    /// <summary>Limit of swap alone.</summary>
    public ulong SwapLimit { get; internal set; }

    /// <summary>Page cache, shared memory included.</summary>
    public ulong Cache { get; internal set; }

    /// <summary>Anonymous memory.</summary>
    public ulong Anonymous { get; internal set; }

    /// <summary>Page cache that is backed by files.</summary>
    public ulong File { get; internal set; }

    /// <summary>Page cache that was not used for long: what tools take off the usage.</summary>
    public ulong InactiveFile { get; internal set; }

    /// <summary>Memory of the kernel.</summary>
    public ulong Kernel { get; internal set; }

    /// <summary>Memory of the kernel that is in slabs; null where it does not say, on v1.</summary>
    public ulong? Slab { get; internal set; }

    /// <summary>How many processes the kernel killed because memory was short.</summary>
    public ulong OomKills { get; internal set; }

    /// <summary>Page faults.</summary>
    public ulong PageFaults { get; internal set; }

    /// <summary>Page faults that waited for a disk.</summary>
    public ulong MajorPageFaults { get; internal set; }

    /// <summary>Memory and swap together, as v1 counts them, on v2 too.</summary>
    public MemoryFigure WithSwap { get; internal set; }

    /// <summary>Memory of the kernel; limit and maximum on v1 only.</summary>
    public MemoryFigure KernelFigure { get; internal set; }

    /// <summary>TCP buffers; v1 only, else zero.</summary>
    public MemoryFigure KernelTcp { get; internal set; }

    /// <summary>Every line of <c>memory.stat</c>, by its name.</summary>
    public IReadOnlyDictionary<string, ulong> Raw { get; internal set; } = new Dictionary<string, ulong>();

    /// <summary>Pressure; where there is a cgroup2 mount.</summary>
    public PressureStats? Pressure { get; internal set; }
}
