using Rundlet.Cli.CommandLine;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Engine.State;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands.Networks;

internal sealed class NetworkDisconnectCommand : Command
{
    public override string Name => "disconnect";

    public override string Usage => "NETWORK CONTAINER";

    public override string Summary => "Take a container off a network.";

    public override IReadOnlyList<Option> Options => [new("force", 'f', null, "a container that is not there, or not on it, is no error")];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count != 2)
            throw Wants(arguments, "a network and a container");
        using ContainerEngine engine = session.OpenEngine();
        NetworkRecord network = engine.Networks.Get(arguments.Words[0]);
        try
        {
            ConnectNetwork.Disconnect(engine, engine.Containers.Get(arguments.Words[1]), network);
        }
        catch (ContainerException e) when (arguments.Has("force") && e.Kind == ContainerErrorKind.NotFound)
        {
            _ = e; // ignored: what is wanted is so
        }
        return 0;
    }
}
