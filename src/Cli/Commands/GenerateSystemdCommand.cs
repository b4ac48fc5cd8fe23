using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Engine.State;

namespace Rundlet.Cli.Commands;

internal sealed class GenerateSystemdCommand : Command
{
    public override string Name => "systemd";

    public override string Usage => "[CONTAINER]";

    public override string Summary => "Print a unit that starts a container, or without one all whose restart policies want it, with the machine.";

    public override IReadOnlyList<string> Examples =>
    [
        "rundlet generate systemd > /etc/systemd/system/rundlet.service",
        "rundlet generate systemd web > /etc/systemd/system/rundlet-web.service",
    ];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count > 1)
            throw Wants(arguments, "one container");
        using ContainerEngine engine = session.OpenEngine();
        if (arguments.Words.Count == 0)
        {
            Out.Text(SystemdUnit.OfEngine(engine.Paths));
            return 0;
        }
        ContainerRecord record = engine.Containers.Get(arguments.Words[0]);
        Out.Text(SystemdUnit.OfContainer(engine.Paths, record, InspectContainer.OptionsOf(record)));
        return 0;
    }
}
