using Rundlet.Cli.CommandLine;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Images.Pull;

namespace Rundlet.Cli.Commands;

internal sealed class PullCommand : Command
{
    public override string Name => "pull";

    public override string Usage => "NAME[:TAG|@DIGEST]";

    public override string Summary => "Get an image from a registry.";

    public override string Group => "Images";

    public override IReadOnlyList<Option> Options => [new("quiet", 'q', null, "print the reference only")];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count != 1)
            throw Wants(arguments, "an image");
        using ContainerEngine engine = session.OpenEngine();
        PulledImage pulled = PullImage.Run(engine, arguments.Words[0], new PullOptions());
        if (!arguments.Has("quiet"))
        {
            Out.Line($"Digest: {pulled.Target}");
            Out.Line(pulled.IsNew ? $"Status: Downloaded newer image for {pulled.Reference.Familiar}" : $"Status: Image is up to date for {pulled.Reference.Familiar}");
        }
        Out.Line(pulled.Reference.ToString());
        return 0;
    }
}
