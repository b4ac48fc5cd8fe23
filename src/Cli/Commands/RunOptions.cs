using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Commands.RunFlags;
using Rundlet.Engine.Options;
using Rundlet.Linux;

namespace Rundlet.Cli.Commands;

/// <summary>The flags of <c>run</c> and <c>create</c>, and the options that they make; one file a group of them in <c>RunFlags</c>.</summary>
internal static class RunOptions
{
    // Each group adds what its flags say to the options so far.
    private static readonly Func<Arguments, ContainerOptions, ContainerOptions>[] s_groups =
    [
        ContainerFlags.Apply,
        ProcessFlags.Apply,
        ResourceFlags.Apply,
        DeviceFlags.Apply,
        StorageFlags.Apply,
        NetworkFlags.Apply,
        NamespaceFlags.Apply,
        LifeFlags.Apply,
        SecurityFlags.Apply,
        LogFlags.Apply,
    ];

    /// <summary>The flags that say how the container is to be: those of <c>create</c>.</summary>
    public static IReadOnlyList<Option> Create { get; } =
    [
        .. ContainerFlags.All,
        .. ProcessFlags.All,
        .. ResourceFlags.All,
        .. DeviceFlags.All,
        .. StorageFlags.All,
        .. NetworkFlags.All,
        .. NamespaceFlags.All,
        .. LifeFlags.All,
        .. SecurityFlags.All,
        .. LogFlags.All,
    ];

    /// <summary>All flags of <c>run</c>.</summary>
    public static IReadOnlyList<Option> All { get; } = [.. AttachFlags.All, .. Create];

    /// <summary>Reads them, with the image and its arguments behind them.</summary>
    /// <exception cref="ContainerException">InvalidArgument: one of them is wrong.</exception>
    public static ContainerOptions Read(Arguments arguments)
    {
        ContainerOptions options = new() { Image = arguments.Words[0], Command = arguments.Words[1..] };
        return s_groups.Aggregate(options, (soFar, apply) => apply(arguments, soFar));
    }
}
