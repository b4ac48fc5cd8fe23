using Rundlet.Cli.CommandLine;
using Rundlet.Engine;

namespace Rundlet.Cli.Commands;

internal sealed class TagCommand : Command
{
    public override string Name => "tag";

    public override string Usage => "IMAGE NAME[:TAG]";

    public override string Summary => "Give an image one more name.";

    public override string Group => "Images";

    public override IReadOnlyList<string> Examples => ["rundlet tag debian:bookworm registry.test/base/debian:12"];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count != 2)
            throw Wants(arguments, "an image and a name");
        using ContainerEngine engine = session.OpenEngine();
        engine.Images.Tag(arguments.Words[0], arguments.Words[1]);
        return 0;
    }
}
