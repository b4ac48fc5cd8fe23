using Rundlet.Cli.CommandLine;
using Rundlet.Engine;
using Rundlet.Engine.Operations;

namespace Rundlet.Cli.Commands;

internal sealed class RenameCommand : Command
{
    public override string Name => "rename";

    public override string Usage => "CONTAINER NAME";

    public override string Summary => "Give a container another name.";

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count != 2)
            throw Wants(arguments, "a container and its new name");
        using ContainerEngine engine = session.OpenEngine();
        RenameContainer.Run(engine, engine.Containers.Get(arguments.Words[0]), arguments.Words[1]);
        return 0;
    }
}
