using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Commands.Networks;
using Rundlet.Cli.Commands.Volumes;
using Rundlet.Cli.Output;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Images;

namespace Rundlet.Cli.Commands;

internal sealed class SystemPruneCommand : Command
{
    public override string Name => "prune";

    public override string Usage => "";

    public override string Summary => "Remove what is not in use: containers that do not run, networks without one, images without a name, leftovers.";

    public override IReadOnlyList<Option> Options =>
    [
        new("all", 'a', null, "every image that no container uses"),
        new("filter", null, "FILTER", "only such containers, networks, images and volumes: until=24h, label=KEY[=VALUE], label!=KEY[=VALUE]"),
        new("volumes", null, null, "volumes without a name that no container uses, too"),
        Confirmation.Option,
    ];

    public override int Run(Session session, Arguments arguments)
    {
        RefuseWords(arguments);
        bool all = arguments.Has("all"), withVolumes = arguments.Has("volumes");
        using ContainerEngine engine = session.OpenEngine();
        Confirmation.Demand(arguments, $"This will remove:\n  - all containers that do not run\n  - all networks that no container is on\n  - all images {(all ? "that no container uses" : "without a name")}\n  - what interrupted pulls left\n{(withVolumes ? "  - all volumes without a name that no container uses\n" : "")}");
        DateTimeOffset now = DateTimeOffset.UtcNow;
        IReadOnlyList<string> filters = arguments.Values("filter");
        // Containers first: networks and images that only they used are free then.
        (IReadOnlyList<string> ids, long bytes) = PruneContainers.Run(engine, filters, now);
        IReadOnlyList<string> networks = PruneNetworks.Run(engine, filters, now);
        RemovedImages images = PruneImages.Run(engine, all, filters, now);
        (IReadOnlyList<string> volumes, long volumeBytes) = withVolumes ? PruneVolumes.Run(engine, all: false, filters, now) : ([], 0);
        bytes += volumeBytes;
        Out.Text(ContainerPruneCommand.TextOf(ids) + NetworkPruneCommand.TextOf(networks) + VolumePruneCommand.TextOf(volumes) + ImageRemoval.PruneText(images with { Bytes = images.Bytes + bytes }));
        return 0;
    }
}
