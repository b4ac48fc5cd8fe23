using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Terminal;
using Rundlet.Engine;
using Rundlet.Engine.Operations;

namespace Rundlet.Cli.Commands.Networks;

internal sealed class NetworkPruneCommand : Command
{
    public override string Name => "prune";

    public override string Usage => "";

    public override string Summary => "Remove networks that no container is on.";

    public override IReadOnlyList<Option> Options =>
    [
        new("filter", null, "FILTER", "only such networks: label=KEY[=VALUE], label!=KEY[=VALUE], until=24h"),
        Confirmation.Option,
    ];

    public override int Run(Session session, Arguments arguments)
    {
        RefuseWords(arguments);
        using ContainerEngine engine = session.OpenEngine();
        Confirmation.Demand(arguments, "This will remove all networks that no container is on.");
        Out.Text(TextOf(PruneNetworks.Run(engine, arguments.Values("filter"), DateTimeOffset.UtcNow)));
        return 0;
    }

    /// <summary>The names of networks that were removed, as a paragraph; nothing for none.</summary>
    public static string TextOf(IReadOnlyList<string> names) => names.Count > 0 ? $"Deleted Networks:\n{string.Join('\n', names)}\n\n" : "";
}
