using Rundlet.Cli.CommandLine;
using Rundlet.Engine;
using Rundlet.Engine.Operations;

namespace Rundlet.Cli.Commands;

internal sealed class RestartCommand : Command
{
    public override string Name => "restart";

    public override string Usage => "CONTAINER…";

    public override string Summary => "Stop containers and start them again.";

    public override IReadOnlyList<Option> Options => StopCommand.HowToStop;

    public override int Run(Session session, Arguments arguments)
    {
        (int? seconds, int? signal) = StopCommand.Read(arguments);
        using ContainerEngine engine = session.OpenEngine();
        return ForEach(session, arguments, reference =>
        {
            RestartContainer.Run(engine, engine.Containers.Get(reference), seconds, signal);
            return reference;
        });
    }
}
