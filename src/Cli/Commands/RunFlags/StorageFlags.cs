using Rundlet.Cli.CommandLine;
using Rundlet.Engine.Options;

namespace Rundlet.Cli.Commands.RunFlags;

/// <summary>What is mounted into the container.</summary>
internal static class StorageFlags
{
    /// <summary>The flags.</summary>
    public static IEnumerable<Option> All { get; } = Option.Under(
        "Storage",
        new("volume", 'v', "[SOURCE:]PATH[:OPTIONS]", "show a volume, or a file or folder of the host, at a path"),
        new("mount", null, "FIELDS", "type=volume|bind|tmpfs|image,source=…,target=…[,readonly][,volume-subpath=…][,tmpfs-size=…]"),
        new("volumes-from", null, "CONTAINER[:ro]", "show the volumes and bind mounts of another container at the same paths"),
        new("secret", null, "NAME|FILE[,target=PATH][,uid=ID][,gid=ID][,mode=OCTAL]", "give it a secret as a file in /run/secrets"),
        new("tmpfs", null, "PATH[:OPTIONS]", "memory file system, as in /tmp:size=64m"),
        new("storage-opt", null, "size=SIZE", "the most that it may write beside its volumes; wants project quotas"),
        new("shm-size", null, "SIZE", "size of /dev/shm (default 64m)"),
        new("read-only", null, null, "make the root file system read-only"),
        new("read-only-tmpfs", null, null, "with memory file systems at /run, /tmp and /var/tmp then"));

    /// <summary>The options with what the flags say.</summary>
    /// <exception cref="Linux.ContainerException">InvalidArgument: one of them is wrong.</exception>
    public static ContainerOptions Apply(Arguments arguments, ContainerOptions options) => options with
    {
        Mounts =
        [
            .. arguments.Values("volume").Select(MountOption.ParseVolume),
            .. arguments.Values("mount").Select(MountOption.ParseMount),
            .. arguments.Values("tmpfs").Select(MountOption.ParseTmpfs),
        ],
        StorageSize = StorageOption.ReadSize(arguments.Values("storage-opt")),
        VolumesFrom = arguments.Values("volumes-from"),
        Secrets = [.. arguments.Values("secret").Select(SecretOption.Parse)],
        SharedMemory = arguments.Value("shm-size") is { } size ? Quantity.ParseBytes(size, "size of /dev/shm") : null,
        ReadOnly = arguments.Has("read-only"),
        ReadOnlyTmpfs = arguments.Has("read-only-tmpfs"),
    };
}
