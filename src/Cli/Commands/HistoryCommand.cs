using System.Globalization;
using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output;
using Rundlet.Engine;
using Rundlet.Engine.Operations;

namespace Rundlet.Cli.Commands;

internal sealed class HistoryCommand : Command
{
    private const string Missing = "<missing>";
    private const int ShortId = 12, CommandLength = 45;

    public override string Name => "history";

    public override string Usage => "IMAGE";

    public override string Summary => "Show the steps that an image was made in.";

    public override string Group => "Images";

    public override IReadOnlyList<Option> Options =>
    [
        new("human", 'H', null, "sizes and ages as people read them (default; --human=false for bytes and times)"),
        new("no-trunc", null, null, "do not shorten ids and commands"),
        new("quiet", 'q', null, "ids only"),
        FormatOption,
    ];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count != 1)
            throw Wants(arguments, "one image");
        bool human = arguments.Value("human") is null || arguments.Has("human");
        Listing<HistoryStep> listing = ListingOf(arguments.Has("no-trunc"), human, DateTimeOffset.UtcNow);
        using ContainerEngine engine = session.OpenEngine();
        List<HistoryStep> steps = ImageHistory.Run(engine, arguments.Words[0]);
        Out.Text(listing.Print(steps, arguments.Value("format") ?? (arguments.Has("quiet") ? "{{.ID}}" : null)));
        return 0;
    }

    internal static Listing<HistoryStep> ListingOf(bool whole, bool human, DateTimeOffset now) => new(
        ["ID", "CreatedSince", "CreatedBy", "Size", "Comment"],
        new("ID", "IMAGE", step => step.ImageId is not { } id ? Missing : whole ? id.ToString() : id.Hex[..ShortId]),
        new("CreatedSince", human ? "CREATED" : "CREATED AT", step => step.Created is not { } created ? "N/A" : human ? Human.Ago(created, now) : Exact(created)),
        new("CreatedAt", "CREATED AT", step => step.Created is { } created ? Exact(created) : "N/A"),
        new("CreatedBy", "CREATED BY", step => whole ? step.CreatedBy : Human.Shortened(step.CreatedBy.Replace('\t', ' '), CommandLength)),
        new("Size", "SIZE", step => human ? Human.Decimal((ulong)step.Size) : step.Size.ToString(CultureInfo.InvariantCulture)),
        new("Comment", "COMMENT", step => step.Comment));

    private static string Exact(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
