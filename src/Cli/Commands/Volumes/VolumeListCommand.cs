using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Engine.Volumes;

namespace Rundlet.Cli.Commands.Volumes;

internal sealed class VolumeListCommand : Command
{
    private const string Unknown = "N/A";

    public override string Name => "ls";

    public override string Usage => "";

    public override string Summary => "List volumes.";

    public override IReadOnlyList<Option> Options =>
    [
        new("filter", 'f', "FILTER", "only such volumes: dangling=true, driver=local, label=KEY[=VALUE], name=PART"),
        new("quiet", 'q', null, "names only"),
        FormatOption,
    ];

    public override int Run(Session session, Arguments arguments)
    {
        RefuseWords(arguments);
        using ContainerEngine engine = session.OpenEngine();
        Out.Text(ListingOf(engine).Print(ListVolumes.Run(engine, arguments.Values("filter")), arguments.Value("format") ?? (arguments.Has("quiet") ? "{{.Name}}" : null)));
        return 0;
    }

    private static Listing<ListVolumes> ListingOf(ContainerEngine engine) => new(
        ["Driver", "Name"],
        new("Availability", "AVAILABILITY", _ => Unknown),
        new("Driver", "DRIVER", _ => VolumeOptions.LocalDriver),
        new("Group", "GROUP", _ => Unknown),
        new("Labels", "LABELS", row => string.Join(',', row.Volume.Labels.Select(label => $"{label.Key}={label.Value}"))),
        new("Links", "LINKS", row => $"{row.Users}"),
        new("Mountpoint", "MOUNTPOINT", row => engine.Paths.VolumeData(row.Volume.Name)),
        new("Name", "VOLUME NAME", row => row.Volume.Name),
        new("Scope", "SCOPE", _ => VolumeOptions.LocalDriver),
        new("Size", "SIZE", _ => Unknown),
        new("Status", "STATUS", _ => Unknown));
}
