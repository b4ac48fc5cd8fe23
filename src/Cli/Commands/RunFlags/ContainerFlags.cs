using Rundlet.Cli.CommandLine;
using Rundlet.Engine.Options;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands.RunFlags;

/// <summary>Which image, what it is called, what is known of it.</summary>
internal static class ContainerFlags
{
    /// <summary>The flags.</summary>
    public static IEnumerable<Option> All { get; } = Option.Under(
        "Container",
        new("name", null, "NAME", "name it (default: one is made up)"),
        new("rm", null, null, "remove it when it ends"),
        new("pull", null, "missing|always|never", "when to pull the image first (default missing)"),
        new("platform", null, "OS/ARCH[/VARIANT]", "the image for this platform (default: this machine's)"),
        new("quiet", 'q', null, "do not show how a pull goes on"),
        new("label", 'l', "KEY[=VALUE]", "attach metadata"));

    /// <summary>The options with what the flags say.</summary>
    /// <exception cref="ContainerException">InvalidArgument: one of them is wrong.</exception>
    public static ContainerOptions Apply(Arguments arguments, ContainerOptions options) => options with
    {
        Name = arguments.Value("name"),
        AutoRemove = arguments.Has("rm"),
        Labels = Labels(arguments.Values("label")),
    };

    private static Dictionary<string, string> Labels(IReadOnlyList<string> values)
    {
        Dictionary<string, string> labels = [];
        foreach (string value in values)
        {
            int equals = value.IndexOf('=');
            if (value.Length == 0 || equals == 0)
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid label '{value}': no key");
            labels[equals < 0 ? value : value[..equals]] = equals < 0 ? "" : value[(equals + 1)..];
        }
        return labels;
    }
}
