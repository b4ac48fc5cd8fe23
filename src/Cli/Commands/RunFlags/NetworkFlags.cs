using Rundlet.Cli.CommandLine;
using Rundlet.Engine.Options;

namespace Rundlet.Cli.Commands.RunFlags;

/// <summary>How the container is reached, and reaches others.</summary>
internal static class NetworkFlags
{
    private const string NoNames = "the bridge network has no names; it has to wait for networks of one's own";

    /// <summary>The flags.</summary>
    public static IEnumerable<Option> All { get; } = Option.Under(
        "Network",
        new("network", null, "bridge|none|host|container:NAME", "which network (default bridge)") { Aliases = ["net"] },
        new("publish", 'p', "[IP:][PORT:]PORT[/udp]", "lead a port of the host to one of the container's"),
        new("publish-all", 'P', null, "publish all exposed ports at free ports of the host"),
        new("expose", null, "PORT[-PORT][/udp]", "say that the program listens on a port"),
        new("ip", null, "ADDRESS", "its IPv4 address (default: the next free one)"),
        new("mac-address", null, "ADDRESS", "its hardware address (default: made from the IPv4 address)"),
        new("add-host", null, "NAME:ADDRESS", "add a line to /etc/hosts; 'host-gateway' is this machine's address"),
        new("dns", null, "ADDRESS", "ask this nameserver in place of the host's"),
        new("dns-option", null, "OPTION", "option of resolv.conf, as in ndots:2") { Aliases = ["dns-opt"] },
        new("dns-search", null, "DOMAIN", "look names up in this domain; '.' for none"),
        new("ip6", null, "ADDRESS", "") { Refusal = "the bridge network is IPv4 only" },
        new("link", null, "CONTAINER", "") { Refusal = NoNames },
        new("link-local-ip", null, "ADDRESS", "") { Refusal = "addresses of the bridge network are its own" },
        new("network-alias", null, "NAME", "") { Refusal = NoNames, Aliases = ["net-alias"] });

    /// <summary>The options with what the flags say.</summary>
    public static ContainerOptions Apply(Arguments arguments, ContainerOptions options) => options with
    {
        Network = arguments.Value("network") ?? "bridge",
        Ports = arguments.Values("publish"),
        PublishAll = arguments.Has("publish-all"),
        Exposed = arguments.Values("expose"),
        Address = arguments.Value("ip"),
        MacAddress = arguments.Value("mac-address"),
        Dns = new DnsOptions
        {
            Servers = arguments.Values("dns"),
            Search = arguments.Values("dns-search"),
            Options = arguments.Values("dns-option"),
            Hosts = arguments.Values("add-host"),
        },
    };
}
