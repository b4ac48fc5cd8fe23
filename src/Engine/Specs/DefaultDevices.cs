using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Specs;

/// <summary>Devices that a container may use; the runtime makes the usual nodes itself.</summary>
internal static class DefaultDevices
{
    private static readonly string[] s_made = ["null", "zero", "full", "random", "urandom", "tty", "console", "ptmx"];

    /// <summary>Deny all, then the harmless ones. Any node may be made, for a node alone gives no access.</summary>
    public static List<DeviceRule> Rules() =>
    [
        new() { Allow = false, Access = "rwm" },
        Allow("c", null, null, "m"),
        Allow("b", null, null, "m"),
        Allow("c", 1, 3, "rwm"), // null
        Allow("c", 1, 5, "rwm"), // zero
        Allow("c", 1, 7, "rwm"), // full
        Allow("c", 1, 8, "rwm"), // random
        Allow("c", 1, 9, "rwm"), // urandom
        Allow("c", 5, 0, "rwm"), // tty
        Allow("c", 5, 1, "rwm"), // console
        Allow("c", 5, 2, "rwm"), // ptmx
        Allow("c", 136, null, "rwm"), // pseudo terminals
    ];

    /// <summary>Everything is allowed.</summary>
    public static List<DeviceRule> AllRules() => [new() { Allow = true, Access = "rwm" }];

    /// <summary>The nodes of the host's /dev besides those that every container has; a node that goes meanwhile is left out.</summary>
    public static List<Device> OfHost()
    {
        List<Device> devices = [];
        Collect("/dev", devices);
        return devices;
    }

    private static void Collect(string folder, List<Device> devices)
    {
        foreach (string path in Directory.EnumerateFileSystemEntries(folder))
        {
            string name = path["/dev/".Length..];
            if (name is "pts" or "shm" or "fd" or "mqueue" or "hugepages" || s_made.Contains(name))
                continue;
            if (Sys.statx(Sys.AT_FDCWD, path, AT.SYMLINK_NOFOLLOW, STATX.BASIC_STATS, out statx_t node) < 0)
                continue;
            switch (node.stx_mode & S.IFMT)
            {
                case S.IFDIR:
                    Collect(path, devices);
                    break;
                case S.IFCHR or S.IFBLK:
                    devices.Add(new Device
                    {
                        Path = path,
                        Type = (node.stx_mode & S.IFMT) == S.IFCHR ? "c" : "b",
                        Major = node.stx_rdev_major,
                        Minor = node.stx_rdev_minor,
                        FileMode = node.stx_mode & 0xFFFu,
                        Uid = node.stx_uid,
                        Gid = node.stx_gid,
                    });
                    break;
            }
        }
    }

    private static DeviceRule Allow(string type, long? major, long? minor, string access) =>
        new() { Allow = true, Type = type, Major = major, Minor = minor, Access = access };
}
