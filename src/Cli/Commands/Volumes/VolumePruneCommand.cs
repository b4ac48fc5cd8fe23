using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Operations;

namespace Rundlet.Cli.Commands.Volumes;

internal sealed class VolumePruneCommand : Command
{
    public override string Name => "prune";

    public override string Usage => "";

    public override string Summary => "Remove volumes without a name that no container uses.";

    public override IReadOnlyList<Option> Options =>
    [
        new("all", 'a', null, "volumes with names too"),
        new("filter", null, "FILTER", "only such volumes: label=KEY[=VALUE], label!=KEY[=VALUE], until=24h; all=true"),
        Confirmation.Option,
    ];

    public override int Run(Session session, Arguments arguments)
    {
        RefuseWords(arguments);
        bool all = arguments.Has("all");
        using ContainerEngine engine = session.OpenEngine();
        Confirmation.Demand(arguments, $"This will remove {(all ? "all volumes" : "volumes without a name")} that no container uses.");
        (IReadOnlyList<string> names, long bytes) = PruneVolumes.Run(engine, all, arguments.Values("filter"), DateTimeOffset.UtcNow);
        Out.Text($"{TextOf(names)}Total reclaimed space: {Human.Decimal((ulong)bytes)}\n");
        return 0;
    }

    /// <summary>The names of volumes that were removed, as a paragraph; nothing for none.</summary>
    public static string TextOf(IReadOnlyList<string> names) => names.Count > 0 ? $"Deleted Volumes:\n{string.Join('\n', names)}\n\n" : "";
}
