using Rundlet.Engine.State;
using Rundlet.Linux.Cgroups;

namespace Rundlet.Engine.Stats;

/// <summary>
/// What a running container used until one moment: the kernel's counters as they are, from its cgroup and its interfaces, and what docker
/// makes of them. Counters begin again when a container is started again: <see cref="Process"/> tells one life from the next.
/// </summary>
public sealed record ContainerStats
{
    /// <summary>When it was read, as <see cref="TimeProvider.GetTimestamp"/> has it.</summary>
    public required long Timestamp { get; init; }

    /// <summary>The container's first process, another one in each life.</summary>
    public required ProcessIdentity Process { get; init; }

    /// <summary>The cgroup's figures; parts whose controller is missing are null.</summary>
    public required CgroupStats Cgroup { get; init; }

    /// <summary>The memory limit in bytes: the container's, or the machine's.</summary>
    public required ulong MemoryLimit { get; init; }

    /// <summary>The container's own interfaces; none where it shares the host's or has no network.</summary>
    public IReadOnlyList<InterfaceTraffic> Interfaces { get; init; } = [];

    /// <summary>CPU time in nanoseconds.</summary>
    public ulong CpuTime => Cgroup.Cpu?.Total ?? 0;

    /// <summary>Memory in bytes as docker counts it: without page cache that was not used for long.</summary>
    public ulong Memory => Cgroup.Memory is { } memory ? memory.Usage - Math.Min(memory.Usage, memory.InactiveFile) : 0;

    /// <summary>Memory used, in percent of the limit.</summary>
    public double MemoryPercent => MemoryLimit == 0 ? 0 : 100.0 * Memory / MemoryLimit;

    /// <summary>Tasks.</summary>
    public ulong Tasks => Cgroup.Pids?.Current ?? 0;

    /// <summary>Bytes read from block devices.</summary>
    public ulong BlockRead => Sum(Cgroup.BlockIo, static device => device.ReadBytes);

    /// <summary>Bytes written to block devices.</summary>
    public ulong BlockWritten => Sum(Cgroup.BlockIo, static device => device.WrittenBytes);

    /// <summary>Bytes that came in.</summary>
    public ulong NetworkReceived => Sum(Interfaces, static one => one.Counters.ReceivedBytes);

    /// <summary>Bytes that went out.</summary>
    public ulong NetworkSent => Sum(Interfaces, static one => one.Counters.SentBytes);

    /// <summary>A sum over block devices, or over interfaces.</summary>
    public static ulong Sum<T>(IReadOnlyList<T> parts, Func<T, ulong> value)
    {
        ulong sum = 0;
        foreach (T part in parts)
            sum += value(part);
        return sum;
    }
}
