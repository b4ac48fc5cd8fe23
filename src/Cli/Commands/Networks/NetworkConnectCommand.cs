using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Commands.RunFlags;
using Rundlet.Engine;
using Rundlet.Engine.Operations;
using Rundlet.Engine.Options;

namespace Rundlet.Cli.Commands.Networks;

internal sealed class NetworkConnectCommand : Command
{
    public override string Name => "connect";

    public override string Usage => "NETWORK CONTAINER";

    public override string Summary => "Put a container on a further network: at once where it runs, else with its next start.";

    public override IReadOnlyList<Option> Options =>
    [
        new("alias", null, "NAME", "a further name of the container there"),
        new("driver-opt", null, "KEY=VALUE", "options of the driver"),
        new("gw-priority", null, "NUMBER", "the network with the highest one leads out (default 0)"),
        new("ip", null, "ADDRESS", "its IPv4 address (default the next free one)"),
        new("ip6", null, "ADDRESS", "its IPv6 address (default the next free one)"),
        new("mac-address", null, "ADDRESS", "its hardware address (default made from the IPv4 address)"),
        new(NetworkFlags.Rate, null, NetworkFlags.RateSyntax, "the most that comes in and goes out there, as in in=10mbit,out=800kbps"),
        new("link", null, "CONTAINER", "") { Refusal = "containers on a network know each other by name; docker has deprecated it" },
        new("link-local-ip", null, "ADDRESS", "") { Refusal = "addresses of a network are its own" },
    ];

    public override IReadOnlyList<string> Examples => ["rundlet network connect --alias db back postgres"];

    public override int Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Count != 2)
            throw Wants(arguments, "a network and a container");
        EndpointOptions settings = new()
        {
            Network = arguments.Words[0],
            Aliases = arguments.Values("alias"),
            Address = arguments.Value("ip"),
            Address6 = arguments.Value("ip6"),
            Mac = arguments.Value("mac-address"),
            GatewayPriority = arguments.Value("gw-priority") is { } priority ? EndpointOptions.ParsePriority(priority) : 0,
        };
        foreach (string option in arguments.Values("driver-opt"))
            settings = settings.WithDriverOption(option);
        if (arguments.Value(NetworkFlags.Rate) is { } rate)
            settings = settings.With(NetworkRate.Parse(rate));
        using ContainerEngine engine = session.OpenEngine();
        ConnectNetwork.Connect(engine, engine.Containers.Get(arguments.Words[1]), settings);
        return 0;
    }
}
