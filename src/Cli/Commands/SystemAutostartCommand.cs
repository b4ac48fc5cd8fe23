using Rundlet.Cli.CommandLine;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Engine.State;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands;

internal sealed class SystemAutostartCommand : Command
{
    public override string Name => "autostart";

    public override string Usage => "";

    public override string Summary => "Start the containers that their restart policies want started with the machine.";

    public override IReadOnlyList<string> Examples => ["rundlet generate systemd > /etc/systemd/system/rundlet.service"];

    public override int Run(Session session, Arguments arguments)
    {
        RefuseWords(arguments);
        using ContainerEngine engine = session.OpenEngine();
        int code = 0;
        foreach (ContainerRecord record in MachineContainers.ToStart(engine))
        {
            try
            {
                StartContainer.Run(engine, record);
                Out.Line(record.Name);
            }
            catch (Exception failed) when (ErrorReport.IsOurs(failed))
            {
                ErrorReport.Write(new ContainerException(ContainerErrorKind.Internal, $"start container '{record.Name}'", failed), session.Debug);
                code = FailureCode;
            }
        }
        return code;
    }
}
