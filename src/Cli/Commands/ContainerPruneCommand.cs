using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Operations;

namespace Rundlet.Cli.Commands;

internal sealed class ContainerPruneCommand : Command
{
    public override string Name => "prune";

    public override string Usage => "";

    public override string Summary => "Remove containers that do not run.";

    public override IReadOnlyList<Option> Options =>
    [
        new("filter", null, "FILTER", "only such containers: until=24h, label=KEY[=VALUE], label!=KEY[=VALUE]"),
        Confirmation.Option,
    ];

    public override int Run(Session session, Arguments arguments)
    {
        RefuseWords(arguments);
        using ContainerEngine engine = session.OpenEngine();
        Confirmation.Demand(arguments, "This will remove all containers that do not run.");
        (IReadOnlyList<string> ids, long bytes) = PruneContainers.Run(engine, arguments.Values("filter"), DateTimeOffset.UtcNow);
        Out.Text($"{TextOf(ids)}Total reclaimed space: {Human.Decimal((ulong)bytes)}\n");
        return 0;
    }

    /// <summary>The ids of containers that were removed, as a paragraph; nothing for none.</summary>
    public static string TextOf(IReadOnlyList<string> ids) => ids.Count > 0 ? $"Deleted Containers:\n{string.Join('\n', ids)}\n\n" : "";
}
