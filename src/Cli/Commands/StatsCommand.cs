using System.Runtime.InteropServices;
using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Stats;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Commands;

internal sealed class StatsCommand : Command
{
    private const int StandardOutput = 1;
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    public override string Name => "stats";

    public override string Usage => "[CONTAINER…]";

    public override string Summary => "Show what running containers use.";

    public override IReadOnlyList<Option> Options =>
    [
        new("all", 'a', null, "those that do not run too"),
        new("no-stream", null, null, "once, after a second of measuring"),
        new("no-trunc", null, null, "do not shorten ids"),
        FormatOption,
    ];

    public override IReadOnlyList<string> Examples =>
    [
        "rundlet stats --no-stream",
        "rundlet stats --format 'table {{.Name}}\\t{{.CPUPerc}}\\t{{.Throttled}}\\t{{.MemPeak}}\\t{{.OOMKills}}' web",
    ];

    public override int Run(Session session, Arguments arguments)
    {
        string? format = arguments.Value("format");
        Listing<ContainerSample> listing = StatsListing.Make(arguments.Has("no-trunc"));
        listing.Print([], format); // a wrong format is told before a second has passed
        using ContainerEngine engine = session.OpenEngine();
        ContainerSampler sampler = new(engine, arguments.Words, arguments.Has("all"));
        IReadOnlyList<ContainerSample> first = sampler.Take();
        if (arguments.Has("no-stream"))
            return Once(sampler, listing, format);
        bool isTable = format is null or "table" || format.StartsWith("table ", StringComparison.Ordinal);
        return isTable && Out.IsTerminal(StandardOutput) ? Live(sampler, first, listing, format) : Stream(sampler, listing, format);
    }

    private static int Once(ContainerSampler sampler, Listing<ContainerSample> listing, string? format)
    {
        using var canceled = new CancellationTokenSource();
        using SignalForwarder signals = new(_ => canceled.Cancel(), null);
        if (canceled.Token.WaitHandle.WaitOne(s_interval))
            return 128 + SIG.INT;
        Out.Text(listing.Print(sampler.Take(), format));
        return 0;
    }

    private static int Stream(ContainerSampler sampler, Listing<ContainerSample> listing, string? format)
    {
        using var canceled = new CancellationTokenSource();
        using SignalForwarder signals = new(_ => canceled.Cancel(), null);
        while (!canceled.Token.WaitHandle.WaitOne(s_interval))
            Out.Text(listing.Print(sampler.Take(), format));
        return 128 + SIG.INT;
    }

    private static int Live(ContainerSampler sampler, IReadOnlyList<ContainerSample> first, Listing<ContainerSample> listing, string? format)
    {
        using var canceled = new CancellationTokenSource();
        using var resized = new AutoResetEvent(false);
        using SignalForwarder signals = new(_ => canceled.Cancel(), () => resized.Set());
        using PosixSignalRegistration continued = PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => resized.Set());
        LiveText screen = new(Out.Text, () => Out.SizeOf(StandardOutput));
        string text = listing.Print(first, format);
        long looked = TimeProvider.System.GetTimestamp();
        while (true)
        {
            screen.Show(text);
            TimeSpan left = s_interval - TimeProvider.System.GetElapsedTime(looked);
            int woken = WaitHandle.WaitAny([canceled.Token.WaitHandle, resized], left > TimeSpan.Zero ? left : TimeSpan.Zero);
            if (woken == 0)
                return 128 + SIG.INT;
            if (woken != WaitHandle.WaitTimeout)
                continue;
            looked = TimeProvider.System.GetTimestamp();
            text = listing.Print(sampler.Take(), format);
        }
    }
}
