using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Engine.State;

namespace Rundlet.Cli.Commands.Networks;

internal sealed class NetworkListCommand : Command
{
    public override string Name => "ls";

    public override string Usage => "";

    public override string Summary => "List networks.";

    public override IReadOnlyList<Option> Options =>
    [
        new("filter", 'f', "FILTER", "only such networks: dangling=true, driver=bridge, id=ID, label=KEY[=VALUE], name=PART, type=builtin|custom, until=24h"),
        FormatOption,
        new("no-trunc", null, null, "do not shorten ids"),
        new("quiet", 'q', null, "ids only"),
    ];

    public override int Run(Session session, Arguments arguments)
    {
        RefuseWords(arguments);
        using ContainerEngine engine = session.OpenEngine();
        List<NetworkRecord> networks = ListNetworks.Run(engine, arguments.Values("filter"), DateTimeOffset.UtcNow);
        Out.Text(ListingOf(arguments.Has("no-trunc")).Print(networks, arguments.Value("format") ?? (arguments.Has("quiet") ? "{{.ID}}" : null)));
        return 0;
    }

    private static Listing<NetworkRecord> ListingOf(bool whole) => new(
        ["ID", "Name", "Driver", "Scope"],
        new("CreatedAt", "CREATED AT", network => Human.Moment(network.Created)),
        new("Driver", "DRIVER", network => network.Driver),
        new("ID", "NETWORK ID", network => whole ? network.Id : network.ShortId),
        new("IPv4", "IPV4", _ => "true"),
        new("IPv6", "IPV6", network => Truth(network.Options.Ipv6)),
        new("Internal", "INTERNAL", network => Truth(network.Options.Internal)),
        new("Labels", "LABELS", network => string.Join(',', network.Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"))),
        new("Name", "NAME", network => network.Name),
        new("Scope", "SCOPE", _ => "local"));

    private static string Truth(bool value) => value ? "true" : "false";
}
