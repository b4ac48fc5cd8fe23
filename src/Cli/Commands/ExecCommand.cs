using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Cli.Commands;

internal sealed class ExecCommand : Command
{
    public override string Name => "exec";

    public override string Usage => "CONTAINER COMMAND [ARG…]";

    public override string Summary => "Run a further program in a running container.";

    public override int FreeWords => 1;

    public override int FailureCode => ErrorReport.UsageCode;

    public override IReadOnlyList<Option> Options =>
    [
        new("detach", 'd', null, "do not wait for it"),
        AttachCommand.DetachKeysOption,
        new("interactive", 'i', null, "give it your standard input"),
        new("tty", 't', null, "give it a terminal"),
        new("env", 'e', "NAME[=VALUE]", "set a variable; without a value, take yours"),
        new("env-file", null, "FILE", "set the variables in a file"),
        new("workdir", 'w', "FOLDER", "start in this folder (default: the container's)"),
        new("user", 'u', "USER[:GROUP]", "run as this user (default: the container's)"),
        new("privileged", null, null, "give it all capabilities"),
    ];

    public override IReadOnlyList<string> Examples => ["rundlet exec -it web sh"];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count < 2)
            throw Wants(arguments, "a container and a command");
        ExecOptions options = Read(arguments);
        DetachKeys keys = DetachKeys.Parse(arguments.Value(AttachCommand.DetachKeysOption.Name));
        if (options is { Terminal: true, Detach: false } && arguments.Has("interactive") && !Out.IsTerminal(0))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "standard input is not a terminal") { Hint = "leave -t away, or call rundlet from a terminal" };
        using ContainerEngine engine = session.OpenEngine();
        ContainerRecord record = engine.Containers.Get(arguments.Words[0]);
        using SupervisorConnection supervisor = engine.Connect(record);
        try
        {
            return options.Terminal && !options.Detach
                ? WithTerminal(engine, record, supervisor, options, arguments.Has("interactive"), keys)
                : WithPipes(engine, record, supervisor, options, arguments.Has("interactive"));
        }
        catch (ContainerException e) when (supervisor.Failure is { } failure)
        {
            ErrorReport.Write(e, session.Debug);
            return failure.ExitCode;
        }
    }

    private static ExecOptions Read(Arguments arguments) => new()
    {
        Command = arguments.Words[1..],
        Detach = arguments.Has("detach"),
        Terminal = arguments.Has("tty"),
        Environment = EnvironmentOption.Merge(
            arguments.Values("env-file").SelectMany(EnvironmentOption.ReadFile), arguments.Values("env").Select(EnvironmentOption.Parse).OfType<string>()),
        User = arguments.Value("user"),
        WorkingFolder = arguments.Value("workdir"),
        Privileged = arguments.Has("privileged"),
    };

    // The program gets our own streams: no byte of it passes through anybody else.
    private static int WithPipes(ContainerEngine engine, ContainerRecord record, SupervisorConnection supervisor, ExecOptions options, bool interactive)
    {
        if (options.Detach)
        {
            ExecInContainer.Run(engine, record, supervisor, options, []).Terminal?.Dispose();
            return 0;
        }
        using OwnedFd nothing = FileIo.Open(Syscalls.Sys.AT_FDCWD, "/dev/null", Syscalls.O.RDONLY);
        ExecReply reply = ExecInContainer.Run(engine, record, supervisor, options, [interactive ? 0 : nothing.Value, 1, 2]);
        reply.Terminal?.Dispose();
        return supervisor.WaitExit().ExitCode;
    }

    private static int WithTerminal(ContainerEngine engine, ContainerRecord record, SupervisorConnection supervisor, ExecOptions options, bool interactive, DetachKeys keys)
    {
        ExecReply reply = ExecInContainer.Run(engine, record, supervisor, options, []);
        OwnedFd terminal = reply.Terminal ?? throw new ContainerException(ContainerErrorKind.Internal, "the supervisor gave no terminal");
        using (terminal)
        using (var copy = new TerminalCopy(terminal, interactive, keys))
            return copy.Run() == AttachOutcome.Detached ? 0 : supervisor.WaitExit().ExitCode;
    }
}
