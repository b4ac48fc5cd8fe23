using Rundlet.Cli.CommandLine;
using Rundlet.Engine;
using Rundlet.Engine.Operations;

namespace Rundlet.Cli.Commands;

internal sealed class PauseCommand : Command
{
    public override string Name => "pause";

    public override string Usage => "CONTAINER…";

    public override string Summary => "Freeze the processes of containers.";

    public override int Run(Session session, Arguments arguments)
    {
        using ContainerEngine engine = session.OpenEngine();
        return ForEach(session, arguments, reference =>
        {
            PauseContainer.Freeze(engine, engine.Containers.Get(reference));
            return reference;
        });
    }
}
