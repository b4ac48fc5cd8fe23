using Rundlet.Cli.CommandLine;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands;

internal sealed class StopCommand : Command
{
    /// <summary>The flags that say how a container is stopped.</summary>
    public static IReadOnlyList<Option> HowToStop { get; } =
    [
        new("time", 't', "SECONDS", "how long to wait before killing; -1 for ever (default: the container's)"),
        new("timeout", null, "SECONDS", "the same as --time"),
        new("signal", 's', "SIGNAL", "how to ask it to end, by name or number (default: the container's)"),
    ];

    public override string Name => "stop";

    public override string Usage => "CONTAINER…";

    public override string Summary => "Ask containers to end, and kill those that do not in time.";

    public override IReadOnlyList<Option> Options => HowToStop;

    /// <summary>Reads the flags.</summary>
    /// <exception cref="ContainerException">InvalidArgument: one is wrong.</exception>
    public static (int? Seconds, int? Signal) Read(Arguments arguments)
    {
        const int Longest = int.MaxValue / 1000;
        long? seconds = arguments.Number("timeout", -1, Longest) ?? arguments.Number("time", -1, Longest);
        return ((int?)seconds, arguments.Value("signal") is { } signal ? SignalNames.Parse(signal) : null);
    }

    public override int Run(Session session, Arguments arguments)
    {
        (int? seconds, int? signal) = Read(arguments);
        using ContainerEngine engine = session.OpenEngine();
        // All are asked to end before the first one is waited for.
        Dictionary<string, StopContainer> begun = [];
        foreach (string reference in arguments.Words.Count > 1 ? arguments.Words : [])
        {
            if (engine.Containers.TryGet(reference) is { } record)
                begun[reference] = StopContainer.Begin(engine, record, seconds, signal);
        }
        return ForEach(session, arguments, reference =>
        {
            StopContainer stop = begun.GetValueOrDefault(reference) ?? StopContainer.Begin(engine, engine.Containers.Get(reference), seconds, signal);
            stop.Finish();
            return reference;
        });
    }
}
