using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output;
using Rundlet.Engine;
using Rundlet.Engine.Operations;

namespace Rundlet.Cli.Commands;

internal sealed class PsCommand : Command
{
    private const int CommandLength = 20;

    public override string Name => "ps";

    public override string Usage => "";

    public override string Summary => "List containers.";

    public override IReadOnlyList<Option> Options =>
    [
        new("all", 'a', null, "those that have ended too"),
        new("quiet", 'q', null, "ids only"),
        new("no-trunc", null, null, "do not shorten ids and commands"),
        FormatOption,
    ];

    public override int Run(Session session, Arguments arguments)
    {
        RefuseWords(arguments);
        using ContainerEngine engine = session.OpenEngine();
        List<ContainerSummary> containers = ListContainers.Run(engine, arguments.Has("all"));
        Listing<ContainerSummary> listing = ListingOf(arguments.Has("no-trunc"), DateTimeOffset.UtcNow);
        Out.Text(listing.Print(containers, arguments.Value("format") ?? (arguments.Has("quiet") ? "{{.ID}}" : null)));
        return 0;
    }

    internal static Listing<ContainerSummary> ListingOf(bool whole, DateTimeOffset now) => new(
        ["ID", "Image", "Command", "RunningFor", "Status", "Ports", "Names"],
        new("ID", "CONTAINER ID", container => whole ? container.Record.Id : container.Record.ShortId),
        new("Names", "NAMES", container => container.Record.Name),
        new("Image", "IMAGE", container => container.Record.Image),
        new("Command", "COMMAND", container => $"\"{(whole ? container.Record.Command : Human.Shortened(container.Record.Command, CommandLength))}\""),
        new("CreatedAt", "CREATED AT", container => Human.Moment(container.Record.Created)),
        new("RunningFor", "CREATED", container => Human.Ago(container.Record.Created, now)),
        new("State", "STATE", container => container.Standing.Phase.ToString().ToLowerInvariant()),
        new("Status", "STATUS", container => Human.Status(container.Standing, now)),
        new("Ports", "PORTS", container => string.Join(", ", container.Network?.Ports ?? [])),
        new("Networks", "NETWORKS", container => container.Network?.Name ?? ""),
        new("Labels", "LABELS", container => string.Join(',', InspectContainer.OptionsOf(container.Record).Labels.Select(label => $"{label.Key}={label.Value}"))),
        new("Mounts", "MOUNTS", container => string.Join(',', InspectContainer.OptionsOf(container.Record).Mounts.Select(mount => mount.Source))));
}
