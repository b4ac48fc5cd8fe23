using Rundlet.Cli.CommandLine;
using Rundlet.Engine.Options;

namespace Rundlet.Cli.Commands.RunFlags;

/// <summary>What the container may do.</summary>
internal static class SecurityFlags
{
    /// <summary>The flags.</summary>
    public static IEnumerable<Option> All { get; } = Option.Under(
        "Security",
        new("cap-add", null, "CAPABILITY", "give a capability, or ALL"),
        new("cap-drop", null, "CAPABILITY", "take a capability, or ALL"),
        new("privileged", null, null, "give nearly everything that root may do"),
        new("security-opt", null, "OPTION", "seccomp=FILE|unconfined|builtin, apparmor=PROFILE, label=…, no-new-privileges, mask=PATHS, unmask=PATHS|ALL, systempaths=unconfined, proc-opts=OPTIONS"),
        new("sysctl", null, "KEY=VALUE", "set a kernel parameter of its own namespaces"));

    /// <summary>The options with what the flags say.</summary>
    /// <exception cref="Linux.ContainerException">InvalidArgument: one of them is wrong.</exception>
    public static ContainerOptions Apply(Arguments arguments, ContainerOptions options) => options with
    {
        Security = new SecurityOptions
        {
            Privileged = arguments.Has("privileged"),
            CapAdd = arguments.Values("cap-add"),
            CapDrop = arguments.Values("cap-drop"),
        }.With(arguments.Values("security-opt")),
        Sysctls = KeyValueOption.Parse(arguments.Values("sysctl"), "sysctl", valueNeeded: true),
    };
}
