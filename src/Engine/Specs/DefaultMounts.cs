using Rundlet.Engine.Options;
using Rundlet.Oci;

namespace Rundlet.Engine.Specs;

/// <summary>Mounts of every container, and those that the user asked for.</summary>
internal static class DefaultMounts
{
    private const int SharedMemoryBytes = 64 << 20;

    /// <summary>All mounts in the order they are made: what lies deeper comes later.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="files">The files we bind: path in the container to path on the host.</param>
    public static List<Mount> For(ContainerOptions options, IReadOnlyList<(string Destination, string Source)> files)
    {
        string kernel = options.Security.Privileged ? "rw" : "ro";
        List<Mount> mounts =
        [
            Make("/proc", "proc", "proc", "nosuid", "noexec", "nodev"),
            Make("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
            Make("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
            Make("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", kernel),
            Make("/sys/fs/cgroup", "cgroup", "cgroup", kernel, "nosuid", "noexec", "nodev"),
            Make("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"),
            Make("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", $"size={SharedMemoryBytes}"),
        ];
        foreach ((string destination, string source) in files)
            mounts.Add(Make(destination, "bind", source, "rbind", "rprivate"));
        foreach (MountOption option in options.Mounts)
        {
            mounts.RemoveAll(mount => mount.Destination == option.Destination);
            mounts.Add(option.Kind == MountKind.Bind
                ? Make(option.Destination, "bind", option.Source, [.. option.Options])
                : Make(option.Destination, "tmpfs", "tmpfs", [.. option.Options]));
        }
        // A stable sort: mounts of one depth stay in the order the user gave.
        return [.. mounts.OrderBy(mount => mount.Destination.Count('/'))];
    }

    private static Mount Make(string destination, string type, string source, params List<string> options) =>
        new() { Destination = destination, Type = type, Source = source, Options = options };
}
