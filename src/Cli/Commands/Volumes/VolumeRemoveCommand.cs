using Rundlet.Cli.CommandLine;
using Rundlet.Engine;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands.Volumes;

internal sealed class VolumeRemoveCommand : Command
{
    public override string Name => "rm";

    public override string Usage => "VOLUME…";

    public override string Summary => "Remove volumes that no container uses, with what is in them.";

    public override IReadOnlyList<Option> Options => [new("force", 'f', null, "none is no error")];

    public override int Run(Session session, Arguments arguments)
    {
        bool force = arguments.Has("force");
        using ContainerEngine engine = session.OpenEngine();
        return ForEach(session, arguments, name =>
        {
            try
            {
                engine.Volumes.Remove(name);
            }
            catch (ContainerException e) when (force && e.Kind == ContainerErrorKind.NotFound)
            {
                _ = e; // ignored: as docker's, which prints the name all the same
            }
            return name;
        }, "volume");
    }
}
