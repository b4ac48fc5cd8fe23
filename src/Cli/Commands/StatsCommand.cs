using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Engine.State;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Commands;

internal sealed class StatsCommand : Command
{
    private const string HomeAndClear = "\e[H\e[J";
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    public override string Name => "stats";

    public override string Usage => "[CONTAINER…]";

    public override string Summary => "Show what running containers use.";

    public override IReadOnlyList<Option> Options =>
    [
        new("no-stream", null, null, "once, after a second of measuring"),
        new("no-trunc", null, null, "do not shorten ids"),
        FormatOption,
    ];

    public override int Run(Session session, Arguments arguments)
    {
        bool once = arguments.Has("no-stream");
        string? format = arguments.Value("format");
        Listing<Used> listing = ListingOf(arguments.Has("no-trunc"));
        listing.Print([], format); // a wrong format is told before a second has passed
        using ContainerEngine engine = session.OpenEngine();
        using var canceled = new CancellationTokenSource();
        using SignalForwarder signals = new(_ => canceled.Cancel(), null);
        bool redraws = !once && format is null or "table" && Out.IsTerminal(1);
        Dictionary<string, ContainerStats> earlier = [];
        Read(engine, arguments.Words, earlier);
        while (!canceled.Token.WaitHandle.WaitOne(s_interval))
        {
            Dictionary<string, ContainerStats> now = [];
            List<ContainerRecord> records = Read(engine, arguments.Words, now);
            string text = listing.Print(records.Select(record => new Used(record, now.GetValueOrDefault(record.Id), earlier.GetValueOrDefault(record.Id))), format);
            Out.Text(redraws ? HomeAndClear + text : text);
            if (once)
                return 0;
            earlier = now;
        }
        return 128 + SIG.INT;
    }

    private static List<ContainerRecord> Read(ContainerEngine engine, List<string> names, Dictionary<string, ContainerStats> stats)
    {
        List<ContainerRecord> records = names.Count > 0 ? [.. names.Select(engine.Containers.Get)] : engine.Containers.List();
        if (names.Count == 0)
            records.RemoveAll(record => !engine.StandingOf(record).IsRunning);
        foreach (ContainerRecord record in records)
        {
            if (ContainerStats.TryRead(engine, record) is { } used)
                stats[record.Id] = used;
        }
        return records;
    }

    private static Listing<Used> ListingOf(bool whole)
    {
        string IdOf(Used usage) => whole ? usage.Record.Id : usage.Record.ShortId;
        return new Listing<Used>(
            ["ID", "Name", "CPUPerc", "MemUsage", "MemPerc", "NetIO", "BlockIO", "PIDs"],
            new("Container", "CONTAINER", IdOf),
            new("ID", "CONTAINER ID", IdOf),
            new("Name", "NAME", usage => usage.Record.Name),
            new("CPUPerc", "CPU %", usage => usage.Now is { } now ? Human.Percent(now.CpuPercentSince(usage.Earlier ?? now)) : "--"),
            new("MemUsage", "MEM USAGE / LIMIT", usage => usage.Now is { } now ? $"{Human.Binary(now.Memory)} / {Human.Binary(now.MemoryLimit)}" : "-- / --"),
            new("MemPerc", "MEM %", usage => usage.Now is { } now ? Human.Percent(now.MemoryPercent) : "--"),
            new("NetIO", "NET I/O", usage => usage.Now is { } now ? $"{Human.Decimal(now.NetworkReceived)} / {Human.Decimal(now.NetworkSent)}" : "--"),
            new("BlockIO", "BLOCK I/O", usage => usage.Now is { } now ? $"{Human.Decimal(now.BlockRead)} / {Human.Decimal(now.BlockWritten)}" : "--"),
            new("PIDs", "PIDS", usage => usage.Now is { } now ? now.Tasks.ToString() : "--"));
    }

    /// <summary>What a container uses; without figures where it does not run.</summary>
    private sealed record Used(ContainerRecord Record, ContainerStats? Now, ContainerStats? Earlier);
}
