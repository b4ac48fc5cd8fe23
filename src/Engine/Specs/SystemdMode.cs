using Rundlet.Engine.Options;
using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Oci;

namespace Rundlet.Engine.Specs;

/// <summary>
/// What systemd wants of a container whose first process it is (systemd.io/CONTAINER_INTERFACE): a cgroup of its own that it may write
/// to, memory file systems where it expects them to be empty at boot, to be told that it is in a container, and another stop signal.
/// Podman's <c>--systemd</c>.
/// </summary>
public static class SystemdMode
{
    /// <summary>The signal that makes systemd halt its machine: systemd(1), SIGRTMIN+3.</summary>
    public const string StopSignal = "SIGRTMIN+3";

    // The mode of each; what the image has there is copied.
    private static readonly (string Path, string Mode)[] s_memory = [("/run", "mode=755"), ("/run/lock", "mode=1777"), ("/tmp", "mode=1777"), ("/var/log/journal", "mode=755")];

    private static readonly string[] s_programs = ["/sbin/init", "/usr/sbin/init", "/usr/local/sbin/init"];

    /// <summary>Whether a container is set up for systemd: where the user says so, or its program is called like it.</summary>
    /// <exception cref="ContainerException">InvalidArgument: neither user nor image say what to run.</exception>
    public static bool IsWanted(ContainerOptions options, ContainerConfig image) => options.Systemd switch
    {
        "always" => true,
        "false" => false,
        _ => !options.Init && SpecBuilder.ArgumentsOf(options, image)[0] is var program && (s_programs.Contains(program) || Path.GetFileName(program) == "systemd"),
    };

    /// <summary>Refuses what systemd cannot live with, and chooses its stop signal.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="image">What the image says.</param>
    /// <param name="cgroups">How they are mounted on this machine; only asked where it matters.</param>
    /// <returns>The options with that.</returns>
    /// <exception cref="ContainerException">InvalidArgument or Unsupported.</exception>
    public static ContainerOptions Complete(ContainerOptions options, ContainerConfig image, Func<CgroupMode> cgroups)
    {
        if (!IsWanted(options, image))
            return options;
        if (options.Init)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "--init and --systemd always exclude each other: systemd must be the first process");
        if (options.Namespaces.Cgroup is not (null or "private"))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"systemd needs a cgroup namespace of its own, and --cgroupns is '{options.Namespaces.Cgroup}'");
        // With v1 it would have to write to its folder of each controller, which are also its limits.
        if (!options.Security.Privileged && cgroups() is var mode and not CgroupMode.V2)
        {
            throw new ContainerException(ContainerErrorKind.Unsupported, $"systemd as the first process needs cgroup v2 alone, and this machine has {NameOf(mode)}")
            {
                Hint = "boot with systemd.unified_cgroup_hierarchy=1; --systemd false starts the program as any other",
            };
        }
        return options with { StopSignal = options.StopSignal ?? image.StopSignal ?? StopSignal };
    }

    /// <summary>Changes the mounts of every container to what systemd wants.</summary>
    internal static void Apply(List<Mount> mounts)
    {
        foreach ((string path, string mode) in s_memory)
        {
            mounts.RemoveAll(mount => mount.Destination == path);
            mounts.Add(new Mount { Destination = path, Type = "tmpfs", Source = "tmpfs", Options = ["nosuid", "nodev", mode, "tmpcopyup"] });
        }
        foreach (Mount cgroup in mounts.Where(mount => mount.Destination == "/sys/fs/cgroup"))
            cgroup.Options = [.. (cgroup.Options ?? []).Select(option => option == "ro" ? "rw" : option)];
    }

    /// <summary>The variables that tell it where it is.</summary>
    internal static IEnumerable<string> Environment(string id) => ["container=rundlet", $"container_uuid={id[..32]}"];

    private static string NameOf(CgroupMode mode) => mode switch
    {
        CgroupMode.Hybrid => "cgroup v1 and v2 together",
        CgroupMode.V1 => "cgroup v1",
        _ => "no cgroups",
    };
}
