using Rundlet.Oci;

namespace Rundlet.Runtime;

/// <summary>The spec that <c>runcs spec</c> writes: a shell in all namespaces, with few rights.</summary>
public static class DefaultSpec
{
    private static readonly string[] s_capabilities = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"];

    /// <summary>Makes one.</summary>
    /// <param name="rootless">For a caller who is not root: with a user namespace that maps only them, and no network of its own.</param>
    /// <param name="uid">The caller.</param>
    /// <param name="gid">The caller's group.</param>
    public static Spec Make(bool rootless, uint uid, uint gid) => new()
    {
        OciVersion = "1.3.0",
        Process = new Process
        {
            Terminal = true,
            Args = ["sh"],
            Env = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
            Cwd = "/",
            Capabilities = new Capabilities { Bounding = [.. s_capabilities], Effective = [.. s_capabilities], Permitted = [.. s_capabilities] },
            Rlimits = [new Rlimit { Type = "RLIMIT_NOFILE", Soft = 1024, Hard = 1024 }],
            NoNewPrivileges = true,
        },
        Root = new Root { Path = "rootfs", Readonly = true },
        Hostname = "runcs",
        Mounts = Mounts(rootless),
        Linux = new LinuxSpec
        {
            Resources = rootless ? null : new Resources { Devices = [new DeviceRule { Allow = false, Access = "rwm" }] },
            Namespaces = Namespaces(rootless),
            UidMappings = rootless ? [new IdMapping { ContainerId = 0, HostId = uid, Size = 1 }] : null,
            GidMappings = rootless ? [new IdMapping { ContainerId = 0, HostId = gid, Size = 1 }] : null,
            MaskedPaths = ["/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware", "/proc/scsi"],
            ReadonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
        },
    };

    private static List<Namespace> Namespaces(bool rootless)
    {
        List<Namespace> list = [];
        foreach (string type in new[] { "pid", "network", "ipc", "uts", "mount", "cgroup" })
        {
            if (!rootless || type != "network")
                list.Add(new Namespace { Type = type });
        }
        if (rootless)
            list.Add(new Namespace { Type = "user" });
        return list;
    }

    private static List<Mount> Mounts(bool rootless) =>
    [
        new() { Destination = "/proc", Type = "proc", Source = "proc" },
        new() { Destination = "/dev", Type = "tmpfs", Source = "tmpfs", Options = ["nosuid", "strictatime", "mode=755", "size=65536k"] },
        new() { Destination = "/dev/pts", Type = "devpts", Source = "devpts", Options = ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", .. rootless ? Array.Empty<string>() : ["gid=5"]] },
        new() { Destination = "/dev/shm", Type = "tmpfs", Source = "shm", Options = ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"] },
        new() { Destination = "/dev/mqueue", Type = "mqueue", Source = "mqueue", Options = ["nosuid", "noexec", "nodev"] },
        rootless
            ? new() { Destination = "/sys", Type = "none", Source = "/sys", Options = ["rbind", "nosuid", "noexec", "nodev", "ro"] }
            : new() { Destination = "/sys", Type = "sysfs", Source = "sysfs", Options = ["nosuid", "noexec", "nodev", "ro"] },
        .. rootless ? Array.Empty<Mount>() : [new() { Destination = "/sys/fs/cgroup", Type = "cgroup", Source = "cgroup", Options = ["nosuid", "noexec", "nodev", "relatime", "ro"] }],
    ];
}
