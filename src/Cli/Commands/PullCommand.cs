using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output.Progress;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Images.Platforms;
using Rundlet.Images.Pull;
using Rundlet.Images.References;

namespace Rundlet.Cli.Commands;

internal sealed class PullCommand : Command
{
    public override string Name => "pull";

    public override string Usage => "NAME[:TAG|@DIGEST]";

    public override string Summary => "Get an image from a registry.";

    public override string Group => "Images";

    public override IReadOnlyList<Option> Options =>
    [
        new("platform", null, "OS/ARCH[/VARIANT]", "the image for this platform (default: this machine's)"),
        .. ProgressDisplay.Options,
    ];

    public override IReadOnlyList<string> Examples => ["rundlet pull debian:bookworm", "rundlet pull --platform linux/arm64 registry.test/team/web:2"];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count != 1)
            throw Wants(arguments, "one image");
        string name = arguments.Words[0];
        ImageReference reference = ImageReference.Parse(name);
        ImagePlatform? platform = arguments.Value("platform") is { } text ? ImagePlatform.Parse(text) : null;
        using ContainerEngine engine = session.OpenEngine();
        using IProgressDisplay display = ProgressDisplay.Open(arguments);
        if (reference.Digest.IsEmpty && !HasTag(name))
            display.Say($"Using default tag: {reference.Tag}");
        display.Say($"{(reference.Digest.IsEmpty ? reference.Tag : reference.Digest.ToString())}: Pulling from {reference.Repository}");
        PulledImage pulled = Interrupt.Run(
            $"the pull of '{reference.Familiar}'", "the same command goes on where this one stopped", cancel => PullImage.Run(engine, name, platform, new PullProgress(display), cancel));
        display.Say($"Digest: {pulled.Target}");
        display.Say($"Status: {(pulled.IsNew ? "Downloaded newer image" : "Image is up to date")} for {reference.Familiar}");
        display.Say(reference.ToString());
        if (ProgressDisplay.IsQuiet(arguments))
            Out.Line(reference.ToString());
        return 0;
    }

    private static bool HasTag(string name) => name.LastIndexOf(':') > name.LastIndexOf('/');
}
