using Rundlet.Cli.CommandLine;
using Rundlet.Engine.Options;

namespace Rundlet.Cli.Commands.RunFlags;

/// <summary>How the container is reached, and reaches others.</summary>
internal static class NetworkFlags
{
    /// <summary>The flags.</summary>
    public static IEnumerable<Option> All { get; } = Option.Under(
        "Network",
        new("network", null, "bridge|none|host", "which network (default bridge)"),
        new("publish", 'p', "[IP:][PORT:]PORT[/udp]", "lead a port of the host to one of the container's"));

    /// <summary>The options with what the flags say.</summary>
    public static ContainerOptions Apply(Arguments arguments, ContainerOptions options) => options with
    {
        Network = arguments.Value("network") ?? "bridge",
        Ports = arguments.Values("publish"),
    };
}
