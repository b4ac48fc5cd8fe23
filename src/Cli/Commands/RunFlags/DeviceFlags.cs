using Rundlet.Cli.CommandLine;
using Rundlet.Engine.Options;

namespace Rundlet.Cli.Commands.RunFlags;

/// <summary>Devices of the host that the container gets.</summary>
internal static class DeviceFlags
{
    /// <summary>The flags.</summary>
    public static IEnumerable<Option> All { get; } = Option.Under(
        "Devices",
        new("device", null, "HOST[:PATH][:rwm]", "give it a device, a folder of them, or VENDOR/CLASS=NAME of a specification file"),
        new("gpus", null, "all|NUMBER|device=LIST", "give it GPUs, as nvidia.com/gpu of a specification file"),
        new("device-cgroup-rule", null, "RULE", "allow devices by number, as in 'c 10:* rwm'"));

    /// <summary>The options with what the flags say.</summary>
    /// <exception cref="Linux.ContainerException">InvalidArgument: one of them is wrong.</exception>
    public static ContainerOptions Apply(Arguments arguments, ContainerOptions options) => options with
    {
        Devices = new DeviceOptions { Rules = arguments.Values("device-cgroup-rule") }.With([.. arguments.Values("device"), .. arguments.Values("gpus").SelectMany(GpuOption.Parse)]),
    };
}
