using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Network;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Operations;

/// <summary>What a running container used until one moment.</summary>
public sealed record ContainerStats
{
    /// <summary>When it was read, as <see cref="TimeProvider.GetTimestamp"/> has it.</summary>
    public required long Timestamp { get; init; }

    /// <summary>CPU time in nanoseconds.</summary>
    public ulong CpuTime { get; init; }

    /// <summary>Memory in bytes, without page cache that was not used for long.</summary>
    public ulong Memory { get; init; }

    /// <summary>The memory limit in bytes: the container's, or the machine's.</summary>
    public ulong MemoryLimit { get; init; }

    /// <summary>Tasks.</summary>
    public ulong Tasks { get; init; }

    /// <summary>Bytes read from block devices.</summary>
    public ulong BlockRead { get; init; }

    /// <summary>Bytes written to block devices.</summary>
    public ulong BlockWritten { get; init; }

    /// <summary>Bytes that came in.</summary>
    public ulong NetworkReceived { get; init; }

    /// <summary>Bytes that went out.</summary>
    public ulong NetworkSent { get; init; }

    /// <summary>Memory used, in percent of the limit.</summary>
    public double MemoryPercent => MemoryLimit == 0 ? 0 : 100.0 * Memory / MemoryLimit;

    /// <summary>CPU used since an earlier reading, in percent of one processor.</summary>
    public double CpuPercentSince(ContainerStats earlier)
    {
        double elapsed = TimeProvider.System.GetElapsedTime(earlier.Timestamp, Timestamp).TotalNanoseconds;
        return elapsed <= 0 || CpuTime < earlier.CpuTime ? 0 : 100.0 * (CpuTime - earlier.CpuTime) / elapsed;
    }

    /// <summary>Reads them; null when the container does not run.</summary>
    public static ContainerStats? TryRead(ContainerEngine engine, ContainerRecord record)
    {
        if (engine.StandingOf(record) is not { IsRunning: true, State: { } state })
            return null;
        CgroupStats used;
        try
        {
            using Cgroup cgroup = Cgroup.FromPaths(state.Cgroups);
            used = cgroup.Stats();
        }
        catch (Exception e) when (e is LinuxException or ContainerException && !engine.StandingOf(record).IsRunning)
        {
            return null; // it ended while we looked
        }
        LinkStatistics traffic = TrafficOf(engine, record);
        ulong machine = (ulong)EngineInfo.MemoryOfMachine();
        ulong usage = used.Memory?.Usage ?? 0, idle = used.Memory?.InactiveFile ?? 0;
        return new ContainerStats
        {
            Timestamp = TimeProvider.System.GetTimestamp(),
            CpuTime = used.Cpu?.Total ?? 0,
            Memory = usage - Math.Min(usage, idle),
            MemoryLimit = Math.Min(used.Memory?.Limit ?? machine, machine),
            Tasks = used.Pids?.Current ?? 0,
            BlockRead = Sum(used.BlockIo, static device => device.ReadBytes),
            BlockWritten = Sum(used.BlockIo, static device => device.WrittenBytes),
            NetworkReceived = traffic.ReceivedBytes,
            NetworkSent = traffic.SentBytes,
        };
    }

    private static LinkStatistics TrafficOf(ContainerEngine engine, ContainerRecord record) =>
        NetworkNote.TryRead(engine.Paths, record.Id)?.HostInterface is { } name
            ? engine.Network.TryGetStatistics(new NetworkAttachment(NetworkMode.Bridge) { HostInterface = name }) ?? default
            : default;

    private static ulong Sum(IReadOnlyList<BlockIoStats> devices, Func<BlockIoStats, ulong> value)
    {
        ulong sum = 0;
        foreach (BlockIoStats device in devices)
            sum += value(device);
        return sum;
    }
}
