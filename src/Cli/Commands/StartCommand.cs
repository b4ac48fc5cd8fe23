using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Cli.Commands;

internal sealed class StartCommand : Command
{
    public override string Name => "start";

    public override string Usage => "CONTAINER…";

    public override string Summary => "Start containers that were made or have ended.";

    public override IReadOnlyList<Option> Options =>
    [
        new("attach", 'a', null, "tie your standard output and standard error to the container's, and pass signals on"),
        new("interactive", 'i', null, "tie your standard input too"),
        AttachCommand.DetachKeysOption,
        AttachCommand.SignalsOption,
    ];

    public override int Run(Session session, Arguments arguments)
    {
        bool interactive = arguments.Has("interactive"), attach = interactive || arguments.Has("attach");
        DetachKeys keys = DetachKeys.Parse(arguments.Value(AttachCommand.DetachKeysOption.Name));
        if (attach && arguments.Words.Count > 1)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "only one container can be started and attached to at once");
        using ContainerEngine engine = session.OpenEngine();
        if (attach && arguments.Words.Count == 1)
            return Attached(engine, engine.Containers.Get(arguments.Words[0]), interactive, keys, AttachCommand.PassesSignals(arguments));
        return ForEach(session, arguments, reference =>
        {
            StartContainer.Run(engine, engine.Containers.Get(reference));
            return reference;
        });
    }

    private static int Attached(ContainerEngine engine, ContainerRecord record, bool interactive, DetachKeys keys, bool passesSignals)
    {
        SupervisorConnection? connection = null;
        AttachedSession? attached = null;
        try
        {
            bool started = StartContainer.Run(engine, record, start => Attach(SupervisorConnection.TryOpen(start.RunFolder)
                ?? throw new ContainerException(ContainerErrorKind.Internal, "the supervisor died")));
            if (!started)
                Attach(engine.Connect(record));
            return AttachCommand.Finish(engine, record, attached!);
        }
        finally
        {
            attached?.Dispose();
            connection?.Dispose();
        }

        void Attach(SupervisorConnection opened)
        {
            connection = opened;
            attached = AttachCommand.Attach(engine, record, opened, interactive, keys, passesSignals);
        }
    }
}
