using Rundlet.Cli.CommandLine;
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

    public override string Summary => "Remove what is not in use: containers that do not run, images without a name, leftovers.";

    public override IReadOnlyList<Option> Options =>
    [
        new("all", 'a', null, "every image that no container uses"),
        new("filter", null, "FILTER", "only such containers and images: until=24h, label=KEY[=VALUE], label!=KEY[=VALUE]"),
        new("volumes", null, null, "does nothing yet: there are no volumes with names"),
        Confirmation.Option,
    ];

    public override int Run(Session session, Arguments arguments)
    {
        RefuseWords(arguments);
        bool all = arguments.Has("all");
        using ContainerEngine engine = session.OpenEngine();
        Confirmation.Demand(arguments, $"This will remove:\n  - all containers that do not run\n  - all images {(all ? "that no container uses" : "without a name")}\n  - what interrupted pulls left\n");
        DateTimeOffset now = DateTimeOffset.UtcNow;
        IReadOnlyList<string> filters = arguments.Values("filter");
        // Containers first: images that only they used are free then.
        (IReadOnlyList<string> ids, long bytes) = PruneContainers.Run(engine, filters, now);
        RemovedImages images = PruneImages.Run(engine, all, filters, now);
        Out.Text(ContainerPruneCommand.TextOf(ids) + ImageRemoval.PruneText(images with { Bytes = images.Bytes + bytes }));
        return 0;
    }
}
