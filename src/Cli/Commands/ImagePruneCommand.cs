using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Operations;

namespace Rundlet.Cli.Commands;

internal sealed class ImagePruneCommand : Command
{
    public override string Name => "prune";

    public override string Usage => "";

    public override string Summary => "Remove images without a name, and what interrupted pulls left.";

    public override IReadOnlyList<Option> Options =>
    [
        new("all", 'a', null, "every image that no container uses"),
        new("filter", null, "FILTER", "only such images: until=24h, label=KEY[=VALUE], label!=KEY[=VALUE]"),
        Confirmation.Option,
    ];

    public override int Run(Session session, Arguments arguments)
    {
        RefuseWords(arguments);
        bool all = arguments.Has("all");
        using ContainerEngine engine = session.OpenEngine();
        Confirmation.Demand(arguments, $"This will remove all {(all ? "images that no container uses" : "images without a name")}.");
        Out.Text(ImageRemoval.PruneText(PruneImages.Run(engine, all, arguments.Values("filter"), DateTimeOffset.UtcNow)));
        return 0;
    }
}
