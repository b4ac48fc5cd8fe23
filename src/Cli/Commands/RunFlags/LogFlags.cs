using Rundlet.Cli.CommandLine;
using Rundlet.Engine.Options;

namespace Rundlet.Cli.Commands.RunFlags;

/// <summary>What becomes of the container's output.</summary>
internal static class LogFlags
{
    /// <summary>The flags.</summary>
    public static IEnumerable<Option> All { get; } = Option.Under(
        "Logging",
        new("log-driver", null, "json-file|local|journald|none", "where its output is kept (default json-file)"),
        new("log-opt", null, "NAME=VALUE", "max-size, max-file, compress, labels, env, tag, mode=non-blocking, max-buffer-size"));

    /// <summary>The options with what the flags say.</summary>
    /// <exception cref="Linux.ContainerException">InvalidArgument: one of them is wrong.</exception>
    public static ContainerOptions Apply(Arguments arguments, ContainerOptions options) =>
        options with { Log = LogOptions.Parse(arguments.Value("log-driver"), arguments.Values("log-opt")) };
}
