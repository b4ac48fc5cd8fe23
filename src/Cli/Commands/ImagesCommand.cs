using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output;
using Rundlet.Engine;

namespace Rundlet.Cli.Commands;

internal sealed class ImagesCommand : Command
{
    public override string Name => "images";

    public override string Usage => "";

    public override string Summary => "List images.";

    public override string Group => "Images";

    public override IReadOnlyList<Option> Options =>
    [
        new("quiet", 'q', null, "ids only"),
        new("no-trunc", null, null, "do not shorten ids"),
        new("digests", null, null, "show what the registry calls them"),
        FormatOption,
    ];

    public override int Run(Session session, Arguments arguments)
    {
        RefuseWords(arguments);
        using ContainerEngine engine = session.OpenEngine();
        var listing = ImageListing.Of(arguments.Has("no-trunc"), arguments.Has("digests"), DateTimeOffset.UtcNow);
        Out.Text(listing.Print(engine.Images.List(), arguments.Value("format") ?? (arguments.Has("quiet") ? "{{.ID}}" : null)));
        return 0;
    }
}
