using Rundlet.Cli.CommandLine;
using Rundlet.Engine.Networks;
using Rundlet.Engine.Options;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands.RunFlags;

/// <summary>How the container is reached, and reaches others.</summary>
internal static class NetworkFlags
{
    /// <summary>The flag that bounds what comes in and goes out.</summary>
    public const string Rate = "network-rate";

    /// <summary>What it takes.</summary>
    public const string RateSyntax = "RATE|in=RATE,out=RATE";

    /// <summary>The flags.</summary>
    public static IEnumerable<Option> All { get; } = Option.Under(
        "Network",
        new("network", null, "NETWORK[:KEY=VALUE,…]", "a network (default bridge), or none, host, container:NAME; the keys are alias, ip, ip6, mac, interface_name, gw-priority, rate, rate-in, rate-out") { Aliases = ["net"] },
        new("network-alias", null, "NAME", "a further name in the first network") { Aliases = ["net-alias"] },
        new(Rate, null, RateSyntax, "the most that comes in and goes out by each of its networks that says nothing else, as in in=10mbit,out=800kbps"),
        new("publish", 'p', "[IP:][PORT:]PORT[/udp]", "lead a port of the host to one of the container's"),
        new("publish-all", 'P', null, "publish all exposed ports at free ports of the host"),
        new("publish-policy", null, "POLICY", "who judges those that come by published ports: 'open' (default), nobody, as with docker, or 'host', this machine's input firewall; the container then sees the bridge's address in place of theirs"),
        new("expose", null, "PORT[-PORT][/udp]", "say that the program listens on a port"),
        new("ip", null, "ADDRESS", "its IPv4 address in the first network (default: the next free one)"),
        new("ip6", null, "ADDRESS", "its IPv6 address in the first network (default: the next free one)"),
        new("mac-address", null, "ADDRESS", "its hardware address (default: made from the IPv4 address)"),
        new("add-host", null, "NAME:ADDRESS", "add a line to /etc/hosts; 'host-gateway' is this machine's address"),
        new("dns", null, "ADDRESS", "ask this nameserver in place of the host's"),
        new("dns-option", null, "OPTION", "option of resolv.conf, as in ndots:2") { Aliases = ["dns-opt"] },
        new("dns-search", null, "DOMAIN", "look names up in this domain; '.' for none"),
        new("link", null, "CONTAINER", "") { Refusal = "containers on a network of one's own know each other by name; docker has deprecated it" },
        new("link-local-ip", null, "ADDRESS", "") { Refusal = "addresses of a network are its own" });

    /// <summary>The options with what the flags say.</summary>
    public static ContainerOptions Apply(Arguments arguments, ContainerOptions options)
    {
        List<EndpointOptions> networks = [.. arguments.Values("network").DefaultIfEmpty(BuiltInNetworks.Bridge).Select(EndpointOptions.Parse)];
        networks[0] = First(arguments, networks[0]);
        NetworkRate rate = arguments.Value(Rate) is { } text ? NetworkRate.Parse(text) : default;
        networks = networks.ConvertAll(network => network.WithDefault(rate));
        return WithNetworks(options, networks) with
        {
            Ports = arguments.Values("publish"),
            PublishAll = arguments.Has("publish-all"),
            PublishPolicy = arguments.Value("publish-policy"),
            Exposed = arguments.Values("expose"),
            Dns = new DnsOptions
            {
                Servers = arguments.Values("dns"),
                Search = arguments.Values("dns-search"),
                Options = arguments.Values("dns-option"),
                Hosts = arguments.Values("add-host"),
            },
        };
    }

    // Flags that are older than several networks are about the first one.
    private static EndpointOptions First(Arguments arguments, EndpointOptions network) => network with
    {
        Aliases = [.. network.Aliases, .. arguments.Values("network-alias")],
        Address = Either("ip", network.Address, arguments.Value("ip")),
        Address6 = Either("ip6", network.Address6, arguments.Value("ip6")),
        Mac = Either("mac-address", network.Mac, arguments.Value("mac-address")),
    };

    private static string? Either(string flag, string? ofNetwork, string? ofFlag) => ofNetwork is null || ofFlag is null
        ? ofNetwork ?? ofFlag
        : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"--{flag} and the same of --network exclude each other");

    private static ContainerOptions WithNetworks(ContainerOptions options, List<EndpointOptions> networks)
    {
        string mode = networks[0].Network;
        foreach (EndpointOptions network in networks.Where(network => IsMode(network.Network)))
        {
            if (networks.Count > 1)
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"network '{network.Network}' goes with no other");
            if (!network.IsPlain)
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"addresses, aliases and rates cannot be chosen with network '{network.Network}'");
        }
        if (IsMode(mode))
            return options with { Network = mode };
        bool isDefault = networks.Count == 1 && BuiltInNetworks.IdOf(mode) == BuiltInNetworks.BridgeId && (networks[0] with { Address = null, Mac = null }).IsPlain;
        return isDefault
            ? options with { Network = BuiltInNetworks.Bridge, Address = networks[0].Address, MacAddress = networks[0].Mac }
            : options with { Network = mode, Networks = networks };
    }

    private static bool IsMode(string network) => network is BuiltInNetworks.Host or BuiltInNetworks.None || NamespaceOptions.ContainerOf(network) is not null;
}
