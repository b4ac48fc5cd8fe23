using Rundlet.Cli.CommandLine;
using Rundlet.Engine;
using Rundlet.Engine.Operations;

namespace Rundlet.Cli.Commands;

internal sealed class StopCommand : Command
{
    public override string Name => "stop";

    public override string Usage => "CONTAINER…";

    public override string Summary => "Ask containers to end, and kill those that do not in time.";

    public override IReadOnlyList<Option> Options => [new("time", 't', "SECONDS", "how long to wait before killing; -1 for ever (default: the container's)")];

    public override int Run(Session session, Arguments arguments)
    {
        int? seconds = (int?)arguments.Number("time", -1, int.MaxValue / 1000);
        using ContainerEngine engine = session.OpenEngine();
        return ForEach(session, arguments, reference =>
        {
            StopContainer.Run(engine, engine.Containers.Get(reference), seconds);
            return reference;
        });
    }
}
