using Rundlet.Cli.CommandLine;
using Rundlet.Engine.Options;

namespace Rundlet.Cli.Commands.RunFlags;

/// <summary>What the container may use up.</summary>
internal static class ResourceFlags
{
    /// <summary>The flags.</summary>
    public static IEnumerable<Option> All { get; } = Option.Under(
        "Resources",
        new("memory", 'm', "SIZE", "memory limit, as in 128m; at least 6m"),
        new("memory-swap", null, "SIZE", "limit of memory and swap together; -1 for none (default: twice the memory)"),
        new("cpus", null, "NUMBER", "how many CPUs' time it may use, as in 1.5"),
        new("cpu-shares", 'c', "WEIGHT", "CPU weight against others, 2 to 262144 (usual: 1024)"),
        new("pids-limit", null, "NUMBER", "how many processes and threads it may have; -1 for no limit"));

    /// <summary>The options with what the flags say.</summary>
    /// <exception cref="Linux.ContainerException">InvalidArgument: one of them is wrong.</exception>
    public static ContainerOptions Apply(Arguments arguments, ContainerOptions options) => options with { Resources = Read(arguments) };

    /// <summary>Limits alone; what no flag says is null.</summary>
    /// <exception cref="Linux.ContainerException">InvalidArgument: one of them is wrong.</exception>
    public static ResourceOptions Read(Arguments arguments) => new()
    {
        Memory = arguments.Value("memory") is { } memory ? Quantity.ParseBytes(memory, "memory limit") : null,
        MemorySwap = arguments.Value("memory-swap") is { } swap ? Quantity.ParseBytesOrNone(swap, "memory and swap limit") : null,
        NanoCpus = arguments.Value("cpus") is { } cpus ? Quantity.ParseCpus(cpus) : null,
        CpuShares = arguments.Number("cpu-shares"),
        PidsLimit = arguments.Number("pids-limit"),
    };
}
