using Rundlet.Cli.CommandLine;
using Rundlet.Engine.Options;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands.RunFlags;

/// <summary>What becomes of it when it ends.</summary>
internal static class LifeFlags
{
    /// <summary>The flags.</summary>
    public static IEnumerable<Option> All { get; } = Option.Under(
        "Life",
        new Option("restart", null, "POLICY", "start it again when it ends: no, on-failure[:RETRIES], always, unless-stopped (default no)"));

    /// <summary>The options with what the flags say.</summary>
    /// <exception cref="ContainerException">InvalidArgument: one of them is wrong.</exception>
    public static ContainerOptions Apply(Arguments arguments, ContainerOptions options) => options with
    {
        Restart = arguments.Value("restart"),
    };
}
