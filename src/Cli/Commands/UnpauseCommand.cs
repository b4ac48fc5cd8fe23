using Rundlet.Cli.CommandLine;
using Rundlet.Engine;
using Rundlet.Engine.Operations;

namespace Rundlet.Cli.Commands;

internal sealed class UnpauseCommand : Command
{
    public override string Name => "unpause";

    public override string Usage => "CONTAINER…";

    public override string Summary => "Let the processes of paused containers run again.";

    public override int Run(Session session, Arguments arguments)
    {
        using ContainerEngine engine = session.OpenEngine();
        return ForEach(session, arguments, reference =>
        {
            PauseContainer.Thaw(engine, engine.Containers.Get(reference));
            return reference;
        });
    }
}
