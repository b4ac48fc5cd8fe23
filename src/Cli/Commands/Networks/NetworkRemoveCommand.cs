using Rundlet.Cli.CommandLine;
using Rundlet.Engine;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands.Networks;

internal sealed class NetworkRemoveCommand : Command
{
    public override string Name => "rm";

    public override string Usage => "NETWORK…";

    public override string Summary => "Remove networks that no container is on.";

    public override IReadOnlyList<Option> Options => [new("force", 'f', null, "none is no error")];

    public override int Run(Session session, Arguments arguments)
    {
        bool force = arguments.Has("force");
        using ContainerEngine engine = session.OpenEngine();
        return ForEach(session, arguments, name =>
        {
            try
            {
                engine.Networks.Remove(engine.Networks.Get(name));
            }
            catch (ContainerException e) when (force && e.Kind == ContainerErrorKind.NotFound)
            {
                _ = e; // ignored: as docker's, which prints the name all the same
            }
            return name;
        }, "network");
    }
}
