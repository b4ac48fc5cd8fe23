using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Operations;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Cli.Commands;

internal sealed class AttachCommand : Command
{
    /// <summary>The flag for the keys that detach.</summary>
    public static Option DetachKeysOption { get; } = new("detach-keys", null, "KEYS", "what detaches when it is typed at a terminal (default ctrl-p,ctrl-q)");

    /// <summary>The flag for signals.</summary>
    public static Option SignalsOption { get; } = new("sig-proxy", null, null, "pass signals on to the program (default true)");

    public override string Name => "attach";

    public override string Usage => "CONTAINER";

    public override string Summary => "Tie your standard streams to those of a running container.";

    public override IReadOnlyList<Option> Options => [DetachKeysOption, new("no-stdin", null, null, "not standard input"), SignalsOption];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count != 1)
            throw Wants(arguments, "one container");
        DetachKeys keys = DetachKeys.Parse(arguments.Value(DetachKeysOption.Name));
        using ContainerEngine engine = session.OpenEngine();
        ContainerRecord record = engine.Containers.Get(arguments.Words[0]);
        if (engine.StandingOf(record).Phase == ContainerPhase.Paused)
            throw new ContainerException(ContainerErrorKind.Conflict, $"container '{record.Name}' is paused") { Hint = $"let it run first: rundlet unpause {record.Name}" };
        using SupervisorConnection connection = engine.Connect(record);
        using AttachedSession attached = Attach(engine, record, connection, !arguments.Has("no-stdin"), keys, PassesSignals(arguments));
        return Finish(engine, record, attached);
    }

    /// <summary>Whether signals are passed on.</summary>
    public static bool PassesSignals(Arguments arguments) => arguments.Value(SignalsOption.Name) != "false";

    /// <summary>Attaches to a container over a connection, and sets the terminal up.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="connection">The connection, which is used for nothing else.</param>
    /// <param name="stdin">Whether standard input is tied too, where the container has one.</param>
    /// <param name="keys">What detaches.</param>
    /// <param name="passesSignals">Whether signals are passed on.</param>
    /// <exception cref="ContainerException">InvalidArgument: the container has a terminal, and our standard input is none.</exception>
    public static AttachedSession Attach(ContainerEngine engine, ContainerRecord record, SupervisorConnection connection, bool stdin, DetachKeys keys, bool passesSignals)
    {
        ContainerOptions options = InspectContainer.OptionsOf(record);
        bool input = stdin && options.OpenStdin;
        if (input && options.Terminal && !Out.IsTerminal(0))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "standard input is not a terminal, and that of the container is") { Hint = "leave standard input away, or call rundlet from a terminal" };
        connection.Attach(input, stdout: true, stderr: true);
        var attached = new AttachedSession(connection, engine.Paths.Live(record.Id), input, options.Terminal, keys, passesSignals);
        attached.Prepare();
        return attached;
    }

    /// <summary>Copies until the container ends or the user detaches.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="attached">The session.</param>
    /// <param name="stdout">Whether standard output is tied.</param>
    /// <param name="stderr">Whether standard error is tied.</param>
    /// <param name="ended">Gets the container's end, before the container is gone with <c>--rm</c>.</param>
    /// <returns>The container's exit code; 0 where the user detached.</returns>
    public static int Finish(ContainerEngine engine, ContainerRecord record, AttachedSession attached, bool stdout = true, bool stderr = true, Action<ExitRecord>? ended = null)
    {
        AttachResult result = attached.Run();
        if (result.Outcome == AttachOutcome.Lost)
            result = Reattachment.GoOn(engine, record, attached, stdout, stderr);
        if (result.Outcome == AttachOutcome.Detached)
            return 0;
        if (result.Exit is { } exit)
            ended?.Invoke(exit);
        Ended.Collect(engine, record);
        return result.Exit?.ExitCode ?? ErrorReport.UsageCode;
    }
}
