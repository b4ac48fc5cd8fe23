using Rundlet.Engine.Options;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runtime.Planning;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Specs;

/// <summary>The namespaces of a container, and what it may set in them.</summary>
internal static class NamespaceChoice
{
    /// <summary>All namespaces that are not the host's.</summary>
    public static List<Namespace> For(ContainerOptions options)
    {
        List<Namespace> namespaces = [new() { Type = "mount" }];
        NamespaceOptions modes = options.Namespaces;
        Add(namespaces, "uts", modes.Uts);
        Add(namespaces, "pid", modes.Pid);
        Add(namespaces, "ipc", modes.Ipc);
        Add(namespaces, "cgroup", modes.Cgroup);
        Add(namespaces, "network", options.Network);
        if (modes.HasUsers)
            Add(namespaces, "user", modes.User);
        return namespaces;
    }

    /// <summary>Kernel parameters; only what is in a namespace of the container's own may be set.</summary>
    /// <exception cref="ContainerException">InvalidArgument: one would change the host or another container, or its value is more than one.</exception>
    public static Dictionary<string, string>? Sysctls(ContainerOptions options, List<Namespace> namespaces)
    {
        if (options.Sysctls.Count == 0)
            return null;
        ulong own = 0;
        foreach (Namespace item in namespaces.Where(item => item.Path is null))
            own |= item.Type switch { "network" => CLONE.NEWNET, "ipc" => CLONE.NEWIPC, "uts" => CLONE.NEWUTS, _ => 0 };
        foreach ((string key, string value) in options.Sysctls)
        {
            _ = SysctlRules.PathOf(key, own); // ignored: only whether it may be set matters here
            if (value.Any(char.IsControl))
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"sysctl '{key}': the value must be one line");
        }
        return new Dictionary<string, string>(options.Sysctls);
    }

    private static void Add(List<Namespace> namespaces, string type, string? mode)
    {
        if (mode == "host")
            return;
        namespaces.Add(new Namespace { Type = type, Path = NamespaceOptions.ContainerOf(mode) is { } container ? JoinedNamespace.PathOf(container, type) : null });
    }
}
