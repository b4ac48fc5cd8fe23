using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Images.References;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Cli.Commands;

internal sealed class ImagesCommand : Command
{
    public override string Name => "images";

    public override string Usage => "[NAME[:TAG]]";

    public override string Summary => "List images.";

    public override string Group => "Images";

    public override IReadOnlyList<Option> Options =>
    [
        new("all", 'a', null, "does nothing: there are no intermediate images to hide"),
        new("filter", 'f', "FILTER", "only such images: dangling=true, label=KEY[=VALUE], before=IMAGE, since=IMAGE, until=24h, reference=PATTERN"),
        new("quiet", 'q', null, "ids only"),
        new("no-trunc", null, null, "do not shorten ids"),
        new("digests", null, null, "show what the registry calls them"),
        new("tree", null, null, "draw which images stand on the same layers, and what each takes"),
        FormatOption,
    ];

    public override IReadOnlyList<string> Examples =>
    [
        "rundlet images 'team/*'",
        "rundlet images --filter dangling=true -q",
        "rundlet images --tree",
    ];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count > 1)
            throw Wants(arguments, "at most one name");
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using ContainerEngine engine = session.OpenEngine();
        Listing<NamedImage> listing = ImageListing.Of(engine.Containers.List, arguments.Has("no-trunc"), arguments.Has("digests"), now);
        if (arguments.Has("tree") && (arguments.Has("quiet") || arguments.Value("format") is not null))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "--tree does not go with --quiet or --format");
        List<NamedImage> images = ListImages.Run(engine, [.. arguments.Values("filter"), .. arguments.Words.Select(word => $"reference={word}")], now);
        Out.Text(arguments.Has("tree") ? TreeOf(engine, images) : listing.Print(images, arguments.Value("format") ?? (arguments.Has("quiet") ? "{{.ID}}" : null)));
        return 0;
    }

    private static string TreeOf(ContainerEngine engine, List<NamedImage> images)
    {
        HashSet<Digest> shown = [.. images.Select(named => named.Image.Manifest)];
        return ImageTree.Draw(engine.Images.Store.Usage().Images.Where(usage => shown.Contains(usage.Image.Manifest)), engine.Images.Store.Layers.SizeOf);
    }
}
