using Rundlet.Cli.CommandLine;
using Rundlet.Engine;
using Rundlet.Engine.Operations;

namespace Rundlet.Cli.Commands.Networks;

internal sealed class NetworkReloadCommand : Command
{
    public override string Name => "reload";

    public override string Usage => "";

    public override string Summary => "Make bridges, rules and published ports again, after somebody flushed the firewall.";

    public override int Run(Session session, Arguments arguments)
    {
        RefuseWords(arguments);
        using ContainerEngine engine = session.OpenEngine();
        ReloadNetworks.Run(engine);
        return 0;
    }
}
