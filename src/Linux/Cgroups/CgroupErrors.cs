using Rundlet.Syscalls;

namespace Rundlet.Linux.Cgroups;

/// <summary>The sentences about cgroup files that did not take a value.</summary>
internal static class CgroupErrors
{
    /// <summary>What sort of failure an errno of a cgroup file is.</summary>
    public static ContainerErrorKind KindOf(Errno errno) => errno switch
    {
        Errno.EINVAL or Errno.ERANGE or Errno.ENOSPC => ContainerErrorKind.InvalidArgument,
        Errno.EBUSY => ContainerErrorKind.Conflict,
        Errno.EACCES or Errno.EPERM or Errno.EROFS => ContainerErrorKind.PermissionDenied,
        Errno.ENOENT or Errno.EOPNOTSUPP or Errno.ENODEV => ContainerErrorKind.Unsupported,
        _ => ContainerErrorKind.Internal,
    };

    /// <summary><c>memory limit: write '4096' to '/sys/fs/cgroup/…/memory.max': EBUSY (…)</c>.</summary>
    public static ContainerException CannotWrite(CgroupFolder folder, string file, string value, string setting, Errno error) =>
        new(KindOf(error), setting, new LinuxException(error, $"write '{value}' to", $"{folder.Path}/{file}"))
        {
            Hint = error switch
            {
                Errno.ENOENT => $"this kernel has no '{file}', or a parent cgroup does not hand the controller on",
                Errno.EBUSY when file.StartsWith("memory.", StringComparison.Ordinal) && TryUsage(folder) is { } usage =>
                    $"the container uses {usage} bytes now and the kernel cannot free them",
                _ => null,
            },
        };

    private static ulong? TryUsage(CgroupFolder folder)
    {
        try
        {
            return folder.TryReadNumber(folder.IsV2 ? "memory.current" : "memory.usage_in_bytes");
        }
        catch (LinuxException gone)
        {
            _ = gone; // ignored: it is only for the hint
            return null;
        }
    }

    /// <summary><c>memory limit: no memory controller is mounted</c>.</summary>
    public static ContainerException NoController(string setting, CgroupControllers controller) =>
        new(ContainerErrorKind.Unsupported, $"{setting}: no {ControllerNames.NameOf(controller)} controller is mounted");

    /// <summary><c>memory swappiness: cgroup v2 has no such setting</c>.</summary>
    public static ContainerException NotInV2(string setting) =>
        new(ContainerErrorKind.Unsupported, $"{setting}: cgroup v2 has no such setting");
}
