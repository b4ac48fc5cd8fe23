using Rundlet.Cli.CommandLine;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands;

internal sealed class KillCommand : Command
{
    public override string Name => "kill";

    public override string Usage => "CONTAINER…";

    public override string Summary => "Send a signal to the first process of containers.";

    public override IReadOnlyList<Option> Options => [new("signal", 's', "SIGNAL", "which, by name or number (default KILL)")];

    public override int Run(Session session, Arguments arguments)
    {
        int signal = SignalNames.Parse(arguments.Value("signal") ?? "KILL");
        using ContainerEngine engine = session.OpenEngine();
        return ForEach(session, arguments, reference =>
        {
            KillContainer.Run(engine, engine.Containers.Get(reference), signal);
            return reference;
        });
    }
}
