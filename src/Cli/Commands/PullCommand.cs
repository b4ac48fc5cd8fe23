using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output.Progress;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Images.Platforms;
using Rundlet.Images.Pull;
using Rundlet.Images.References;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands;

internal sealed class PullCommand : Command
{
    public override string Name => "pull";

    public override string Usage => "NAME[:TAG|@DIGEST]";

    public override string Summary => "Get an image from a registry.";

    public override string Group => "Images";

    public override IReadOnlyList<Option> Options =>
    [
        new("all-tags", 'a', null, "every tag that the registry has under the name"),
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
        bool all = arguments.Has("all-tags"), isPlain = reference.Digest.IsEmpty && !HasTag(name);
        if (all && !isPlain)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"--all-tags does not go with the tag or digest of '{name}'");
        ImagePlatform? platform = arguments.Value("platform") is { } text ? ImagePlatform.Parse(text) : null;
        using ContainerEngine engine = session.OpenEngine();
        using IProgressDisplay display = ProgressDisplay.Open(arguments);
        if (isPlain && !all)
            display.Say($"Using default tag: {reference.Tag}");
        return Interrupt.Run($"the pull of '{(all ? reference.FamiliarName : reference.Familiar)}'", "the same command goes on where this one stopped", cancel =>
        {
            foreach (string one in all ? ListRemoteTags.Run(name, cancel).Select(tagged => tagged.ToString()) : [name])
                Pull(engine, one, platform, display, ProgressDisplay.IsQuiet(arguments), cancel);
            return 0;
        });
    }

    private static void Pull(ContainerEngine engine, string name, ImagePlatform? platform, IProgressDisplay display, bool quiet, CancellationToken cancel)
    {
        ImageReference reference = ImageReference.Parse(name);
        display.Say($"{(reference.Digest.IsEmpty ? reference.Tag : reference.Digest.ToString())}: Pulling from {reference.Repository}");
        PulledImage pulled = PullImage.Run(engine, name, platform, new PullProgress(display), cancel);
        display.Say($"Digest: {pulled.Target}");
        display.Say($"Status: {(pulled.IsNew ? "Downloaded newer image" : "Image is up to date")} for {pulled.Reference.Familiar}");
        display.Say(pulled.Reference.ToString());
        if (quiet)
            Out.Line(pulled.Reference.ToString());
    }

    private static bool HasTag(string name) => name.LastIndexOf(':') > name.LastIndexOf('/');
}
