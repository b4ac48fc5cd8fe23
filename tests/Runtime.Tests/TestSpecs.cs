using Rundlet.Oci;

namespace Rundlet.Runtime.Tests;

/// <summary>A spec as an engine writes it, and one with a single thing wrong.</summary>
internal static class TestSpecs
{
    public static Spec Typical() => new()
    {
        OciVersion = "1.3.0",
        Hostname = "web",
        Process = new Process
        {
            Args = ["nginx", "-g", "daemon off;"],
            Env = ["PATH=/usr/sbin:/usr/bin", "HOME=/root"],
            Cwd = "/srv",
            User = new User { Uid = 101, Gid = 102, AdditionalGids = [5, 6] },
            Capabilities = new Capabilities { Bounding = ["CAP_CHOWN", "CAP_KILL"], Effective = ["CAP_CHOWN"], Permitted = ["CAP_CHOWN"], Inheritable = ["CAP_CHOWN"], Ambient = ["CAP_CHOWN"] },
            Rlimits = [new Rlimit { Type = "RLIMIT_CORE", Soft = 0, Hard = 0 }],
            NoNewPrivileges = true,
        },
        Root = new Root { Path = "rootfs", Readonly = true },
        Mounts =
        [
            new() { Destination = "/proc", Type = "proc", Source = "proc", Options = ["nosuid", "noexec", "nodev"] },
            new() { Destination = "/dev", Type = "tmpfs", Source = "tmpfs", Options = ["nosuid", "strictatime", "mode=755", "size=65536k"] },
            new() { Destination = "/dev/pts", Type = "devpts", Source = "devpts", Options = ["nosuid", "noexec", "newinstance", "ptmxmode=0666"] },
            new() { Destination = "/sys", Type = "sysfs", Source = "sysfs", Options = ["ro"] },
            new() { Destination = "/sys/fs/cgroup", Type = "cgroup", Source = "cgroup", Options = ["ro", "nosuid"] },
            new() { Destination = "/data", Source = "/", Options = ["bind", "ro"] },
        ],
        Linux = new LinuxSpec
        {
            Namespaces = [new() { Type = "pid" }, new() { Type = "network" }, new() { Type = "ipc" }, new() { Type = "uts" }, new() { Type = "mount" }, new() { Type = "cgroup" }],
            Devices = [new Device { Type = "c", Path = "/dev/fuse", Major = 10, Minor = 229, FileMode = 0x1B6 }],
            Sysctl = new() { ["net.ipv4.ip_forward"] = "1" },
            MaskedPaths = ["/proc/kcore", "/sys/firmware"],
            ReadonlyPaths = ["/proc/sys"],
            RootfsPropagation = "rprivate",
        },
    };

    /// <summary>The typical spec with one thing wrong.</summary>
    public static Spec Broken(string how)
    {
        Spec spec = Typical();
        LinuxSpec linux = spec.Linux!;
        Process process = spec.Process!;
        Action change = how switch
        {
            "no linux" => () => spec.Linux = null,
            "no root" => () => spec.Root = null,
            "empty root" => () => spec.Root!.Path = "",
            "no process" => () => spec.Process = null,
            "no args" => () => process.Args = null,
            "empty args" => () => process.Args = [],
            "empty program" => () => process.Args = ["", "x"],
            "relative cwd" => () => process.Cwd = "tmp",
            "empty cwd" => () => process.Cwd = "",
            "unknown rlimit" => () => process.Rlimits = [new() { Type = "RLIMIT_NONE", Soft = 0, Hard = 0 }],
            "rlimit twice" => () => process.Rlimits!.Add(process.Rlimits[0]),
            "rlimit upside down" => () => process.Rlimits![0].Soft = 1,
            "oom score" => () => process.OomScoreAdj = 1001,
            "env without =" => () => process.Env!.Add("HOME"),
            "env without name" => () => process.Env!.Add("=x"),
            "uid -1" => () => process.User.Uid = uint.MaxValue,
            "gid -1" => () => process.User.Gid = uint.MaxValue,
            "scheduler" => () => process.Scheduler = new Scheduler { Policy = "SCHED_MOON" },
            "io priority" => () => process.IoPriority = new IoPriority { Class = "IOPRIO_CLASS_NONE" },
            "affinity" => () => process.ExecCpuAffinity = new ExecCpuAffinity { Initial = "0-" },
            "gid -1 among the additional" => () => process.User.AdditionalGids = [0, uint.MaxValue],
            "hostname without uts" => () => linux.Namespaces!.RemoveAll(item => item.Type == "uts"),
            "long hostname" => () => spec.Hostname = new string('x', 65),
            "domainname without uts" => () => (spec.Hostname, spec.Domainname, linux.Namespaces) = (null, "x", [new() { Type = "mount" }]),
            "empty destination" => () => spec.Mounts!.Add(new() { Destination = "" }),
            "relative hook" => () => spec.Hooks = new Hooks { Poststop = [new Hook { Path = "true" }] },
            _ => () => BreakLinux(linux, how),
        };
        change();
        return spec;
    }

    private static void BreakLinux(LinuxSpec linux, string how)
    {
        Action change = how switch
        {
            "unknown namespace" => () => linux.Namespaces!.Add(new() { Type = "moon" }),
            "namespace twice" => () => linux.Namespaces!.Add(new() { Type = "pid", Path = "/proc/1/ns/pid" }),
            "relative namespace" => () => linux.Namespaces![0].Path = "ns/pid",
            "no mount namespace" => () => linux.Namespaces!.RemoveAll(item => item.Type == "mount"),
            "relative mask" => () => linux.MaskedPaths = ["proc/kcore"],
            "relative read-only path" => () => linux.ReadonlyPaths = [""],
            "propagation" => () => linux.RootfsPropagation = "loud",
            "device type" => () => linux.Devices = [new() { Type = "x", Path = "/dev/x" }],
            "relative device" => () => linux.Devices = [new() { Type = "c", Path = "dev/x" }],
            "mapping without user namespace" => () => linux.UidMappings = [Mapping(0, 1000, 1)],
            "user namespace without mapping" => () => linux.Namespaces!.Add(new() { Type = "user" }),
            "empty mapping" => () => Map(linux, Mapping(0, 1000, 0)),
            "wrapping mapping" => () => Map(linux, Mapping(0, uint.MaxValue, 2)),
            "time offsets" => () => linux.TimeOffsets = new() { ["boottime"] = new() { Secs = 1 } },
            "personality" => () => linux.Personality = new() { Domain = "MINIX" },
            "personality flag" => () => linux.Personality = new() { Domain = "LINUX", Flags = ["X"] },
            "net devices on the host's network" => () => (linux.NetDevices, linux.Namespaces) = (new() { ["eth0"] = new() }, [new() { Type = "mount" }, new() { Type = "uts" }]),
            "net device name" => () => linux.NetDevices = new() { ["eth0"] = new() { Name = "a/b" } },
            "net device names" => () => linux.NetDevices = new() { ["eth0"] = new(), ["eth1"] = new() { Name = "eth0" } },
            "memory policy" => () => linux.MemoryPolicy = new() { Mode = "MPOL_MOON" },
            "memory policy with nodes too many" => () => linux.MemoryPolicy = new() { Mode = "MPOL_LOCAL", Nodes = "0" },
            "memory policy with nodes too few" => () => linux.MemoryPolicy = new() { Mode = "MPOL_BIND" },
            "memory policy flags" => () => linux.MemoryPolicy = new() { Mode = "MPOL_BIND", Nodes = "0", Flags = ["MPOL_F_STATIC_NODES", "MPOL_F_RELATIVE_NODES"] },
            "unmapped user" => () => Map(linux, Mapping(0, 100000, 100)),
            "seccomp metadata alone" => () => linux.Seccomp = new() { DefaultAction = "SCMP_ACT_ALLOW", ListenerMetadata = "text" },
            "seccomp rule without names" => () => linux.Seccomp = new() { DefaultAction = "SCMP_ACT_ALLOW", Syscalls = [new() { Names = [], Action = "SCMP_ACT_ERRNO" }] },
            _ => throw new ArgumentOutOfRangeException(nameof(how), how, "no such fault"),
        };
        change();
    }

    private static void Map(LinuxSpec linux, IdMapping mapping)
    {
        linux.Namespaces!.Add(new() { Type = "user" });
        (linux.UidMappings, linux.GidMappings) = ([mapping], [mapping]);
    }

    private static IdMapping Mapping(uint inside, uint outside, uint size) => new() { ContainerId = inside, HostId = outside, Size = size };
}
