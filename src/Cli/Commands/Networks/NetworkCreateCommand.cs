using Rundlet.Cli.CommandLine;
using Rundlet.Engine;
using Rundlet.Engine.Networks;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands.Networks;

internal sealed class NetworkCreateCommand : Command
{
    private const string ForSwarms = "it is for swarms, which there are not";

    public override string Name => "create";

    public override string Usage => "NETWORK";

    public override string Summary => "Make a network, and print its id.";

    public override IReadOnlyList<Option> Options =>
    [
        new("aux-address", null, "NAME=ADDRESS", "an address that no container gets"),
        new("driver", 'd', "bridge|macvlan|ipvlan", "what it is made of (default bridge)"),
        new("gateway", null, "ADDRESS", "the gateway of a subnet (default the first address)"),
        new("ignore", null, null, "one of that name is no error, and stays as it is"),
        new("internal", null, null, "nothing leads out of it"),
        new("interface-name", null, "NAME", "the bridge's name, or the interface that macvlan and ipvlan stand on"),
        new("ip-range", null, "SUBNET", "where within a subnet containers get their addresses"),
        new("ipv6", null, null, "with IPv6 too"),
        new("label", null, "KEY[=VALUE]", "attach metadata"),
        new("opt", 'o', "KEY=VALUE", "options of the driver, as in com.docker.network.driver.mtu=1400 or parent=eth0"),
        new("subnet", null, "SUBNET", "its addresses, as in 10.1.0.0/16 (default a free one)"),
        new("attachable", null, null, "") { Refusal = ForSwarms },
        new("config-from", null, "NETWORK", "") { Refusal = ForSwarms },
        new("config-only", null, null, "") { Refusal = ForSwarms },
        new("ingress", null, null, "") { Refusal = ForSwarms },
        new("ipam-driver", null, "DRIVER", "") { Refusal = "there are no plugins" },
        new("ipam-opt", null, "KEY=VALUE", "") { Refusal = "there are no plugins" },
        new("ipv4", null, null, "") { Refusal = "every network has IPv4" },
        new("scope", null, "SCOPE", "") { Refusal = ForSwarms },
    ];

    public override IReadOnlyList<string> Examples =>
    [
        "rundlet network create --subnet 10.1.0.0/24 front",
        "rundlet network create -d macvlan -o parent=eth0 --subnet 192.168.1.0/24 --gateway 192.168.1.1 lan",
    ];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count != 1)
            throw Wants(arguments, "one name");
        string driver = arguments.Value("driver") ?? NetworkOptions.BridgeDriver;
        var wanted = new NetworkRecord
        {
            Id = NetworkName.NewId(),
            Name = arguments.Words[0],
            Driver = driver,
            Created = DateTimeOffset.UtcNow,
            Options = Read(arguments, driver),
            Labels = KeyValueOption.Parse(arguments.Values("label"), "label"),
        };
        using ContainerEngine engine = session.OpenEngine();
        Out.Line(engine.Networks.Create(wanted, ignore: arguments.Has("ignore")).Id);
        return 0;
    }

    private static NetworkOptions Read(Arguments arguments, string driver)
    {
        Dictionary<string, string> options = KeyValueOption.Parse(arguments.Values("opt"), "option", valueNeeded: true);
        if (arguments.Value("interface-name") is { } name)
            options[driver == NetworkOptions.BridgeDriver ? "com.docker.network.bridge.name" : "parent"] = name;
        IReadOnlyList<SubnetOptions> subnets = SubnetFlags.Read(
            arguments.Values("subnet"), arguments.Values("ip-range"), arguments.Values("gateway"), KeyValueOption.Parse(arguments.Values("aux-address"), "auxiliary address", valueNeeded: true));
        return new NetworkOptions
        {
            Subnets = subnets,
            Ipv6 = arguments.Has("ipv6") || (arguments.Value("ipv6") is null && subnets.Any(static subnet => NetworkOptions.FamilyOf(subnet) == System.Net.Sockets.AddressFamily.InterNetworkV6)),
            Internal = arguments.Has("internal"),
            Driver = options,
        };
    }
}
