using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Images;
using Rundlet.Images.References;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands;

internal sealed class SystemDfCommand : Command
{
    private const string None = "<none>";
    private const int ShortId = 12;

    private static readonly Listing<Kind> s_kinds = new(
        ["Type", "TotalCount", "Active", "Size", "Reclaimable"],
        new("Type", "TYPE", kind => kind.Name),
        new("TotalCount", "TOTAL", kind => $"{kind.Count}"),
        new("Active", "ACTIVE", kind => $"{kind.Active}"),
        new("Size", "SIZE", kind => Human.Decimal((ulong)kind.Size)),
        new("Reclaimable", "RECLAIMABLE", kind => $"{Human.Decimal((ulong)kind.Reclaimable)} ({(kind.Size > 0 ? 100 * kind.Reclaimable / kind.Size : 0)}%)"));

    public override string Name => "df";

    public override string Usage => "";

    public override string Summary => "Show how much space images, containers and volumes take.";

    public override IReadOnlyList<Option> Options => [new("verbose", 'v', null, "each image, each container and each volume"), FormatOption];

    public override int Run(Session session, Arguments arguments)
    {
        RefuseWords(arguments);
        bool verbose = arguments.Has("verbose");
        string? format = arguments.Value("format");
        if (verbose && format is not null)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "--format does not go with --verbose") { Hint = "rundlet images --format, rundlet ps --format and rundlet volume ls --format print each" };
        using ContainerEngine engine = session.OpenEngine();
        StoreUsage images = engine.Images.Store.Usage();
        List<ContainerUsage> containers = ContainerUsage.ReadAll(engine);
        List<VolumeUsage> volumes = VolumeUsage.ReadAll(engine);
        Out.Text(verbose ? Verbose(images, containers, volumes, DateTimeOffset.UtcNow) : s_kinds.Print([Of(images), Of(containers), Of(volumes)], format));
        return 0;
    }

    private static Kind Of(StoreUsage images) => new("Images", images.Images.Count, images.Images.Count(image => image.Containers.Count > 0), images.Size, images.Reclaimable);

    private static Kind Of(List<ContainerUsage> containers) => new(
        "Containers", containers.Count, containers.Count(container => container.Standing.IsRunning), containers.Sum(container => container.Bytes),
        containers.Where(container => !container.Standing.IsRunning).Sum(container => container.Bytes));

    private static Kind Of(List<VolumeUsage> volumes) => new(
        "Local Volumes", volumes.Count, volumes.Count(volume => volume.Users > 0), volumes.Sum(volume => volume.Bytes), volumes.Where(volume => volume.Users == 0).Sum(volume => volume.Bytes));

    private static string Verbose(StoreUsage images, List<ContainerUsage> containers, List<VolumeUsage> volumes, DateTimeOffset now)
    {
        Table imageTable = new(), containerTable = new(), volumeTable = new();
        imageTable.Add("REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE", "SHARED SIZE", "UNIQUE SIZE", "CONTAINERS");
        foreach (ImageUsage image in images.Images)
        {
            foreach (ImageReference? name in image.Names.Select(ImageReference.Parse).DefaultIfEmpty<ImageReference?>(null))
            {
                imageTable.Add(
                    name?.FamiliarName ?? None, name?.Tag ?? None, image.Image.Id.Hex[..ShortId], image.Image.Created is { } created ? Human.Ago(created, now) : "N/A",
                    Human.Decimal((ulong)image.Size), Human.Decimal((ulong)image.Shared), Human.Decimal((ulong)image.Unique), $"{image.Containers.Count}");
            }
        }
        containerTable.Add("CONTAINER ID", "IMAGE", "SIZE", "CREATED", "STATUS", "NAMES");
        foreach (ContainerUsage container in containers)
        {
            containerTable.Add(
                container.Record.ShortId, container.Record.Image, Human.Decimal((ulong)container.Bytes), Human.Ago(container.Record.Created, now),
                Human.Status(container.Standing, now), container.Record.Name);
        }
        volumeTable.Add("VOLUME NAME", "LINKS", "SIZE");
        foreach (VolumeUsage volume in volumes)
            volumeTable.Add(volume.Volume.Name, $"{volume.Users}", Human.Decimal((ulong)volume.Bytes));
        return $"Images space usage:\n\n{imageTable}\nContainers space usage:\n\n{containerTable}\nLocal Volumes space usage:\n\n{volumeTable}";
    }

    private sealed record Kind(string Name, int Count, int Active, long Size, long Reclaimable);
}
