using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Logs;
using Rundlet.Engine.Operations;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands;

internal sealed class LogsCommand : Command
{
    public override string Name => "logs";

    public override string Usage => "CONTAINER";

    public override string Summary => "Print what a container has written.";

    public override IReadOnlyList<Option> Options =>
    [
        new("follow", 'f', null, "go on until the container ends"),
        new("tail", 'n', "LINES|all", "only the last lines"),
        new("since", null, "MOMENT", "only what is not older: a date, seconds since 1970, or how long ago, as in 10m"),
        new("until", null, "MOMENT", "only what is not newer"),
        new("timestamps", 't', null, "the time before each line"),
        new("details", null, null, "the labels, variables and tag that --log-opt chose, before each line"),
        new("clear", null, null, "print nothing and empty the log, also of a container that runs"),
    ];

    public override IReadOnlyList<string> Examples =>
    [
        "rundlet logs -f --tail 20 web",
        "rundlet logs --since 1h30m -t web",
    ];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count != 1)
            throw Wants(arguments, "one container");
        LogRequest request = Read(arguments);
        using ContainerEngine engine = session.OpenEngine();
        ContainerRecord record = engine.Containers.Get(arguments.Words[0]);
        if (arguments.Has("clear"))
            return Clear(engine, record, arguments);
        var output = new LogOutput(arguments.Has("timestamps"), arguments.Has("details"));
        return request.Follow ? Interrupt.Watch(Print) : Print(CancellationToken.None);

        int Print(CancellationToken cancel)
        {
            long damaged = ContainerLogs.Run(engine, record, request, output.Write, output.Flush, cancel);
            if (damaged > 0)
                Out.Error($"rundlet: {damaged} damaged {(damaged == 1 ? "line" : "lines")} of the log passed over");
            return 0;
        }
    }

    private static LogRequest Read(Arguments arguments)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        long? tail = arguments.Value("tail") is null or "all" ? null : arguments.Number("tail", -1);
        LogRequest request = new()
        {
            Tail = tail is -1 ? null : tail,
            Follow = arguments.Has("follow"),
            Since = arguments.Value("since") is { } since ? MomentOption.Parse(since, now) : null,
            Until = arguments.Value("until") is { } until ? MomentOption.Parse(until, now) : null,
        };
        return request.Until < request.Since
            ? throw new ContainerException(ContainerErrorKind.InvalidArgument, "--until is before --since")
            : request;
    }

    private static int Clear(ContainerEngine engine, ContainerRecord record, Arguments arguments)
    {
        foreach (string flag in (ReadOnlySpan<string>)["follow", "tail", "since", "until", "timestamps", "details"])
        {
            if (arguments.Value(flag) is not null)
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"--clear prints nothing: --{flag} does not go with it");
        }
        ContainerLogs.Clear(engine, record);
        return 0;
    }
}
