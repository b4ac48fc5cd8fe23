using Rundlet.Cli.CommandLine;
using Rundlet.Engine.Options;

namespace Rundlet.Cli.Commands.RunFlags;

/// <summary>What the container shares with the host, or with another container.</summary>
internal static class NamespaceFlags
{
    /// <summary>The flags.</summary>
    public static IEnumerable<Option> All { get; } = Option.Under(
        "Namespaces",
        new("ipc", null, "MODE", "private, shareable, none, host or container:NAME (default private)"),
        new("pid", null, "MODE", "private, host or container:NAME (default private)"),
        new("uts", null, "MODE", "host name: private, host or container:NAME (default private)"),
        new("cgroupns", null, "MODE", "private, host or container:NAME (default private)"),
        new("userns", null, "MODE", "ids: host, auto, auto:size=NUMBER or container:NAME (default host)"));

    /// <summary>The options with what the flags say.</summary>
    public static ContainerOptions Apply(Arguments arguments, ContainerOptions options) => options with
    {
        Namespaces = new NamespaceOptions
        {
            Ipc = NonEmpty(arguments.Value("ipc")),
            Pid = NonEmpty(arguments.Value("pid")),
            Uts = NonEmpty(arguments.Value("uts")),
            Cgroup = NonEmpty(arguments.Value("cgroupns")),
            User = NonEmpty(arguments.Value("userns")),
        },
    };

    // docker's word for the default
    private static string? NonEmpty(string? mode) => mode is { Length: > 0 } ? mode : null;
}
