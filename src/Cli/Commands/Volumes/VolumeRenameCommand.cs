using Rundlet.Cli.CommandLine;
using Rundlet.Engine;

namespace Rundlet.Cli.Commands.Volumes;

internal sealed class VolumeRenameCommand : Command
{
    public override string Name => "rename";

    public override string Usage => "VOLUME NAME";

    public override string Summary => "Give a volume that no container uses another name.";

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count != 2)
            throw Wants(arguments, "a volume and a name");
        using ContainerEngine engine = session.OpenEngine();
        engine.Volumes.Rename(arguments.Words[0], arguments.Words[1]);
        return 0;
    }
}
