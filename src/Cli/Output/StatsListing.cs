using Rundlet.Engine.Stats;
using Rundlet.Linux.Cgroups;
using Rundlet.Linux.Netlink.Route;

namespace Rundlet.Cli.Output;

/// <summary>What <c>stats</c> shows of a container: docker's columns, and for templates and JSON members of our own behind them.</summary>
internal static class StatsListing
{
    private const string Nothing = "--";

    /// <summary>Makes the listing.</summary>
    /// <param name="whole">Whether ids are not shortened.</param>
    public static Listing<ContainerSample> Make(bool whole)
    {
        string IdOf(ContainerSample sample) => whole ? sample.Record.Id : sample.Record.ShortId;
        return new Listing<ContainerSample>(
            ["ID", "Name", "CPUPerc", "MemUsage", "MemPerc", "NetIO", "BlockIO", "PIDs"],
            new("Container", "CONTAINER", sample => sample.Reference ?? IdOf(sample)),
            new("ID", "CONTAINER ID", IdOf),
            new("Name", "NAME", sample => sample.Record.Name),
            new("CPUPerc", "CPU %", sample => sample.Stats is null ? Nothing : Human.Percent(sample.Rates.CpuPercent)),
            new("MemUsage", "MEM USAGE / LIMIT", sample => sample.Stats is { } now ? $"{Human.Binary(now.Memory)} / {Human.Binary(now.MemoryLimit)}" : "-- / --"),
            new("MemPerc", "MEM %", Of(now => Human.Percent(now.MemoryPercent))),
            new("NetIO", "NET I/O", Of(now => Pair(now.NetworkReceived, now.NetworkSent))),
            new("BlockIO", "BLOCK I/O", Of(now => Pair(now.BlockRead, now.BlockWritten))),
            new("PIDs", "PIDS", Of(now => $"{now.Tasks}")),
            new("PIDsLimit", "PIDS LIMIT", Of(now => now.Cgroup.Pids is { Limit: < ulong.MaxValue } pids ? $"{pids.Limit}" : Nothing)),
            new("CPUTime", "CPU TIME", Of(cpu => cpu.Cpu, cpu => Human.Seconds(cpu.Total))),
            new("CPUUser", "CPU USER", Of(cpu => cpu.Cpu, cpu => Human.Seconds(cpu.User))),
            new("CPUSystem", "CPU SYSTEM", Of(cpu => cpu.Cpu, cpu => Human.Seconds(cpu.System))),
            new("Throttled", "THROTTLED", Of(cpu => cpu.Cpu, cpu => $"{cpu.ThrottledPeriods} / {cpu.Periods}")),
            new("ThrottledTime", "THROTTLED TIME", Of(cpu => cpu.Cpu, cpu => Human.Seconds(cpu.ThrottledTime))),
            new("MemAnon", "MEM ANON", Of(used => used.Memory, memory => Human.Binary(memory.Anonymous))),
            new("MemFile", "MEM FILE", Of(used => used.Memory, memory => Human.Binary(memory.Cache))),
            new("MemKernel", "MEM KERNEL", Of(used => used.Memory, memory => Human.Binary(memory.Kernel))),
            new("MemSlab", "MEM SLAB", Of(used => used.Memory, memory => memory.Slab is { } slab ? Human.Binary(slab) : Nothing)),
            new("MemPeak", "MEM PEAK", Of(used => used.Memory, memory => memory.MaxUsage > 0 ? Human.Binary(memory.MaxUsage) : Nothing)),
            new("MemFailures", "MEM FAILURES", Of(used => used.Memory, memory => $"{memory.FailCount}")),
            new("Swap", "SWAP", Of(used => used.Memory, memory => Human.Binary(memory.Swap))),
            new("OOMKills", "OOM KILLS", Of(used => used.Memory, memory => $"{memory.OomKills}")),
            new("CPUPressure", "CPU PRESSURE", Of(now => Pressure(now.Cgroup.Cpu?.Pressure))),
            new("MemPressure", "MEM PRESSURE", Of(now => Pressure(now.Cgroup.Memory?.Pressure))),
            new("IOPressure", "I/O PRESSURE", Of(now => Pressure(now.Cgroup.IoPressure))),
            new("BlockOps", "BLOCK OPERATIONS", Of(now => $"{Sum(now, device => device.Reads)} / {Sum(now, device => device.Writes)}")),
            new("NetPackets", "NET PACKETS", Of(now => $"{Sum(now, link => link.ReceivedPackets)} / {Sum(now, link => link.SentPackets)}")),
            new("NetInterfaces", "NET INTERFACES", Of(now => string.Join(", ", now.Interfaces.Select(one => $"{one.Name}: {Pair(one.Counters.ReceivedBytes, one.Counters.SentBytes)}")))),
            new("NetErrors", "NET ERRORS", Of(now => $"{Sum(now, link => link.ReceiveErrors)} / {Sum(now, link => link.SendErrors)}")),
            new("NetDropped", "NET DROPPED", Of(now => $"{Sum(now, link => link.ReceiveDropped)} / {Sum(now, link => link.SendDropped)}")));
    }

    private static Func<ContainerSample, string> Of(Func<ContainerStats, string> text) => sample => sample.Stats is { } now ? text(now) : Nothing;

    private static Func<ContainerSample, string> Of<T>(Func<CgroupStats, T?> part, Func<T, string> text) where T : class =>
        Of(now => part(now.Cgroup) is { } found ? text(found) : Nothing);

    private static string Pair(ulong first, ulong second) => $"{Human.Decimal(first)} / {Human.Decimal(second)}";

    // How much of the last ten seconds some task waited, as `some avg10` of the kernel.
    private static string Pressure(PressureStats? pressure) => pressure is { } known ? Human.Percent(known.Some.Average10 / 100.0) : Nothing;

    private static ulong Sum(ContainerStats now, Func<BlockIoStats, ulong> value) => ContainerStats.Sum(now.Cgroup.BlockIo, value);

    private static ulong Sum(ContainerStats now, Func<LinkStatistics, ulong> value) => ContainerStats.Sum(now.Interfaces, one => value(one.Counters));
}
