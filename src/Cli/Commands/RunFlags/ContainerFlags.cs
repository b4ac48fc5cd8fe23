using Rundlet.Cli.CommandLine;
using Rundlet.Engine.Options;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands.RunFlags;

/// <summary>Which image, what it is called, what is known of it.</summary>
internal static class ContainerFlags
{
    private static readonly string[] s_streams = ["stdin", "stdout", "stderr"];

    /// <summary>The flags.</summary>
    public static IEnumerable<Option> All { get; } = Option.Under(
        "Container",
        new("name", null, "NAME", "name it (default: one is made up)"),
        new("rm", null, null, "remove it when it ends"),
        new("pull", null, "missing|always|never", "when to pull the image first (default missing)"),
        new("platform", null, "OS/ARCH[/VARIANT]", "the image for this platform (default: this machine's)"),
        new("quiet", 'q', null, "do not show how a pull goes on"),
        new("attach", 'a', "STREAM", "attach to stdin, stdout or stderr alone"),
        new("cidfile", null, "FILE", "write its id to a new file"),
        new("label", 'l', "KEY[=VALUE]", "attach metadata"),
        new("label-file", null, "FILE", "attach the metadata in a file"),
        new("annotation", null, "KEY=VALUE", "attach metadata for the runtime and its hooks"),
        new("runtime", null, "NAME|PATH", "make it by another OCI runtime, such as runc"),
        new("disable-content-trust", null, null, "") { Refusal = "Notary is gone; rundlet image verify tells what the machine's policy says" },
        new("isolation", null, "WORD", "") { Refusal = "it chooses between kinds of containers of Windows" });

    /// <summary>The options with what the flags say.</summary>
    /// <exception cref="ContainerException">InvalidArgument: one of them is wrong; NotFound: a file.</exception>
    public static ContainerOptions Apply(Arguments arguments, ContainerOptions options) => options with
    {
        Name = arguments.Value("name"),
        AutoRemove = arguments.Has("rm"),
        Attached = Attached(arguments),
        Runtime = arguments.Value("runtime"),
        IdFile = arguments.Value("cidfile"),
        Labels = KeyValueOption.Parse(arguments.Values("label-file").SelectMany(path => KeyValueOption.ReadFile(path, "label")).Concat(arguments.Values("label")), "label"),
        Annotations = KeyValueOption.Parse(arguments.Values("annotation"), "annotation", valueNeeded: true),
    };

    private static List<string> Attached(Arguments arguments)
    {
        List<string> streams = [.. arguments.Values("attach").Select(stream => stream.ToLowerInvariant()).Distinct()];
        if (streams.Find(stream => !s_streams.Contains(stream)) is { } wrong)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"there is no stream '{wrong}' to attach to") { Hint = "there are stdin, stdout and stderr" };
        return streams;
    }
}
