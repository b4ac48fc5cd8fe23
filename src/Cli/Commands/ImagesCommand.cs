using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output;
using Rundlet.Engine;
using Rundlet.Images.References;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands;

internal sealed class ImagesCommand : Command
{
    private const int ShortId = 12;

    public override string Name => "images";

    public override string Usage => "";

    public override string Summary => "List images.";

    public override string Group => "Images";

    public override IReadOnlyList<Option> Options =>
    [
        new("quiet", 'q', null, "ids only"),
        new("no-trunc", null, null, "do not shorten ids"),
        new("format", null, "table|json", "how to print them (default table)"),
    ];

    public override int Run(Session session, Arguments arguments)
    {
        RefuseWords(arguments);
        using ContainerEngine engine = session.OpenEngine();
        bool whole = arguments.Has("no-trunc");
        IReadOnlyList<NamedImage> images = engine.Images.List();
        string IdOf(ImageRecord image) => whole ? image.Id.ToString() : image.Id.Hex[..ShortId];
        if (arguments.Has("quiet"))
        {
            foreach ((_, _, ImageRecord image) in images)
                Out.Line(IdOf(image));
            return 0;
        }
        if (arguments.Value("format") is { } format and not "table")
            return PrintJson(images, format);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        Table table = new("REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE");
        foreach ((string? name, _, ImageRecord image) in images)
        {
            ImageReference reference = ImageReference.Parse(name!);
            table.Add(reference.FamiliarName, reference.Tag ?? "<none>", IdOf(image), image.Created is { } created ? Human.Ago(created, now) : "N/A", Human.Decimal((ulong)image.Size));
        }
        Out.Text(table.ToString());
        return 0;
    }

    private static int PrintJson(IReadOnlyList<NamedImage> images, string format)
    {
        if (format != "json")
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"unknown format '{format}'") { Hint = "there are table and json" };
        foreach ((string? name, _, ImageRecord image) in images)
        {
            ImageReference reference = ImageReference.Parse(name!);
            Out.Line(Json.Object(json =>
            {
                json.WriteString("Repository"u8, reference.FamiliarName);
                json.WriteString("Tag"u8, reference.Tag);
                json.WriteString("ID"u8, image.Id.ToString());
                json.WriteString("Digest"u8, image.Manifest.ToString());
                json.WriteNumber("Size"u8, image.Size);
                if (image.Created is { } created)
                    json.WriteString("CreatedAt"u8, created);
            }));
        }
        return 0;
    }
}
