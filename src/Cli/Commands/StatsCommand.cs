using System.Text.Json;
using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Engine.State;
using Rundlet.Linux;
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
        new("format", null, "table|json", "how to print it (default table)"),
    ];

    public override int Run(Session session, Arguments arguments)
    {
        bool once = arguments.Has("no-stream");
        bool asJson = arguments.Value("format") switch
        {
            null or "table" => false,
            "json" => true,
            var other => throw new ContainerException(ContainerErrorKind.InvalidArgument, $"unknown format '{other}'") { Hint = "there are table and json" },
        };
        using ContainerEngine engine = session.OpenEngine();
        using var canceled = new CancellationTokenSource();
        using SignalForwarder signals = new(_ => canceled.Cancel(), null);
        Dictionary<string, ContainerStats> earlier = [];
        Read(engine, arguments.Words, earlier);
        while (!canceled.Token.WaitHandle.WaitOne(s_interval))
        {
            Dictionary<string, ContainerStats> now = [];
            List<ContainerRecord> records = Read(engine, arguments.Words, now);
            string text = asJson ? AsJson(records, earlier, now) : AsTable(records, earlier, now);
            Out.Text(once || asJson || !Out.IsTerminal(1) ? text : HomeAndClear + text);
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

    private static string AsTable(List<ContainerRecord> records, Dictionary<string, ContainerStats> earlier, Dictionary<string, ContainerStats> now)
    {
        Table table = new("CONTAINER ID", "NAME", "CPU %", "MEM USAGE / LIMIT", "MEM %", "NET I/O", "BLOCK I/O", "PIDS");
        foreach (ContainerRecord record in records)
        {
            ContainerStats? used = now.GetValueOrDefault(record.Id);
            table.Add(
                record.ShortId,
                record.Name,
                used is null ? "--" : Human.Percent(used.CpuPercentSince(earlier.GetValueOrDefault(record.Id, used))),
                used is null ? "-- / --" : $"{Human.Binary(used.Memory)} / {Human.Binary(used.MemoryLimit)}",
                used is null ? "--" : Human.Percent(used.MemoryPercent),
                used is null ? "--" : $"{Human.Decimal(used.NetworkReceived)} / {Human.Decimal(used.NetworkSent)}",
                used is null ? "--" : $"{Human.Decimal(used.BlockRead)} / {Human.Decimal(used.BlockWritten)}",
                used is null ? "--" : used.Tasks.ToString());
        }
        return table.ToString();
    }

    private static string AsJson(List<ContainerRecord> records, Dictionary<string, ContainerStats> earlier, Dictionary<string, ContainerStats> now)
    {
        string text = "";
        foreach (ContainerRecord record in records)
        {
            if (now.TryGetValue(record.Id, out ContainerStats? used))
                text += Json.Object(json => Write(json, record, used, earlier.GetValueOrDefault(record.Id, used))) + "\n";
        }
        return text;
    }

    private static void Write(Utf8JsonWriter json, ContainerRecord record, ContainerStats used, ContainerStats earlier)
    {
        json.WriteString("ID"u8, record.Id);
        json.WriteString("Name"u8, record.Name);
        json.WriteNumber("CPUPercent"u8, Math.Round(used.CpuPercentSince(earlier), 2));
        json.WriteNumber("MemoryUsage"u8, used.Memory);
        json.WriteNumber("MemoryLimit"u8, used.MemoryLimit);
        json.WriteNumber("NetworkReceived"u8, used.NetworkReceived);
        json.WriteNumber("NetworkSent"u8, used.NetworkSent);
        json.WriteNumber("BlockRead"u8, used.BlockRead);
        json.WriteNumber("BlockWritten"u8, used.BlockWritten);
        json.WriteNumber("PIDs"u8, used.Tasks);
    }
}
