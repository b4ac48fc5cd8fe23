using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Operations;
using Rundlet.Engine.Options;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Cli.Commands;

internal sealed class PsCommand : Command
{
    private const int CommandLength = 20, MountLength = 15, StandardOutput = 1;

    public override string Name => "ps";

    public override string Usage => "";

    public override string Summary => "List containers.";

    public override IReadOnlyList<Option> Options =>
    [
        new("all", 'a', null, "those that have ended too"),
        new("filter", 'f', "FILTER", $"only such, as in name=web, status=exited or label=KEY=VALUE; the keys are {string.Join(", ", ContainerFilter.Keys)}"),
        FormatOption,
        new("last", 'n', "NUMBER", "the last that were made, whether they run or not"),
        new("latest", 'l', null, "the last that was made, whether it runs or not"),
        new("no-trunc", null, null, "do not shorten ids, commands and mounts"),
        new("quiet", 'q', null, "ids only"),
        new("size", 's', null, "count their files"),
    ];

    public override IReadOnlyList<string> Examples => ["rundlet ps -a --filter status=exited --format 'table {{.Names}}\\t{{.Status}}'"];

    public override int Run(Session session, Arguments arguments)
    {
        RefuseWords(arguments);
        int? last = arguments.Has("latest") ? 1 : (int?)arguments.Number("last", -1, int.MaxValue);
        string? format = arguments.Value("format") ?? (arguments.Has("quiet") ? "{{.ID}}" : null);
        bool sizes = arguments.Has("size") || (format?.Contains(".Size", StringComparison.Ordinal) ?? false);
        Listing<ContainerSummary> listing = ListingOf(arguments.Has("no-trunc"), sizes, DateTimeOffset.UtcNow);
        using ContainerEngine engine = session.OpenEngine();
        ContainerFilter? filter = arguments.Values("filter") is { Count: > 0 } filters ? ContainerFilter.Parse(engine, filters) : null;
        Out.Text(listing.Print(ListContainers.Run(engine, arguments.Has("all"), filter, last is -1 ? null : last), format, Style.For(StandardOutput)));
        return 0;
    }

    private static Listing<ContainerSummary> ListingOf(bool whole, bool sizes, DateTimeOffset now)
    {
        string[] table = ["ID", "Image", "Command", "RunningFor", "Status", "Ports", "Names"];
        return new Listing<ContainerSummary>(
            sizes ? [.. table, "Size"] : table,
            new("ID", "CONTAINER ID", container => whole ? container.Record.Id : container.Record.ShortId),
            new("Names", "NAMES", container => container.Record.Name),
            new("Image", "IMAGE", container => container.Record.Image),
            new("Command", "COMMAND", container => $"\"{(whole ? container.Record.Command : Human.Shortened(container.Record.Command, CommandLength))}\""),
            new("CreatedAt", "CREATED AT", container => Human.Moment(container.Record.Created)),
            new("RunningFor", "CREATED", container => Human.Ago(container.Record.Created, now)),
            new("State", "STATE", container => container.Standing.Phase.ToString().ToLowerInvariant()),
            new("Status", "STATUS", container => Human.Status(container.Standing, now)) { Paint = (container, style, cell) => PaintOf(container.Standing, style)(cell) },
            new("Ports", "PORTS", container => string.Join(", ", container.Network?.Ports ?? [])),
            new("Networks", "NETWORKS", container => string.Join(',', container.NetworkNames)),
            new("Labels", "LABELS", container => string.Join(',', container.Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"))),
            new("Mounts", "MOUNTS", container => string.Join(',', MountsOf(container.Options).Select(mount => whole ? mount : Human.Shortened(mount, MountLength)))),
            new("LocalVolumes", "LOCAL VOLUMES", container => container.Options.Mounts.Count(mount => mount.Kind == MountKind.Volume).ToString()),
            new("Size", "SIZE", container => sizes ? SizeOf(container) : "0B"));
    }

    private static IEnumerable<string> MountsOf(ContainerOptions options) => options.Mounts.Where(mount => mount.Kind != MountKind.Tmpfs).Select(mount => mount.Source);

    private static Func<string, string> PaintOf(ContainerStanding standing, Style style) => (standing.Phase, standing.State?.Health) switch
    {
        (ContainerPhase.Dead, _) or (ContainerPhase.Running, HealthStatus.Unhealthy) => style.Bad,
        (ContainerPhase.Exited, _) when standing.Exit is { ExitCode: not 0 } => style.Bad,
        (ContainerPhase.Paused or ContainerPhase.Restarting, _) or (ContainerPhase.Running, HealthStatus.Starting) => style.Warning,
        (ContainerPhase.Running, _) => style.Good,
        _ => style.Faint,
    };

    private static string SizeOf(ContainerSummary container)
    {
        (long written, long whole) = container.Sizes;
        return $"{Human.Decimal((ulong)written)} (virtual {Human.Decimal((ulong)whole)})";
    }
}
