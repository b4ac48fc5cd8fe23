using Rundlet.Cli.CommandLine;
using Rundlet.Engine;
using Rundlet.Engine.Operations;

namespace Rundlet.Cli.Commands;

internal sealed class StartCommand : Command
{
    public override string Name => "start";

    public override string Usage => "CONTAINER…";

    public override string Summary => "Start containers that have ended.";

    public override int Run(Session session, Arguments arguments)
    {
        using ContainerEngine engine = session.OpenEngine();
        return ForEach(session, arguments, reference =>
        {
            StartContainer.Run(engine, engine.Containers.Get(reference));
            return reference;
        });
    }
}
