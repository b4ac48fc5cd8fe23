using Rundlet.Cli.CommandLine;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Engine.State;

namespace Rundlet.Cli.Commands;

internal sealed class SystemShutdownCommand : Command
{
    public override string Name => "shutdown";

    public override string Usage => "";

    public override string Summary => "Stop all containers as the machine does when it goes down: 'autostart' starts them again.";

    public override int Run(Session session, Arguments arguments)
    {
        RefuseWords(arguments);
        using ContainerEngine engine = session.OpenEngine();
        foreach (ContainerRecord record in MachineContainers.ShutDown(engine))
            Out.Line(record.Name);
        return 0;
    }
}
