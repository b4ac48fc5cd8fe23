using Rundlet.Linux.Proc;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Resctrl;

// What belongs in this folder: cache and memory bandwidth of processors, through the files of resctrl. What does not: what a spec asks for.

/// <summary>
/// The mounted resctrl, the kernel's filesystems/resctrl.rst: Intel RDT, and what other makers call by other names.
///
///   POINT/schemata, tasks        the default group, in which all tasks are that nobody moved
///   POINT/NAME/schemata, tasks   a group: made by mkdir(2), with all its files; its tasks are the default group's after rmdir(2)
///   …/mon_groups/NAME/tasks      some tasks of a group, measured apart from the others
///   …/mon_data/mon_L3_00/…       what the tasks of a group use of one cache
///   POINT/info                   what the processor can do, and why the kernel refused last
///
/// A task has one group. Its children are born into it.
/// </summary>
public sealed class ResctrlFileSystem
{
    private const int Limit = 1 << 20;
    private const int LockMilliseconds = 10_000;

    private readonly bool _inMegabytes;

    /// <summary>Looks at a mount point.</summary>
    /// <param name="path">Where it is mounted: an absolute path.</param>
    /// <param name="inMegabytes">Whether it was mounted with <c>mba_MBps</c>: memory bandwidth is in MB/s then, and not rounded.</param>
    public ResctrlFileSystem(string path, bool inMegabytes = false)
    {
        Path = path;
        _inMegabytes = inMegabytes;
    }

    /// <summary>The mount point.</summary>
    public string Path { get; }

    /// <summary>Whether groups for measuring can be made: the processor has monitoring.</summary>
    public bool CanMonitor => IsFolder($"{Path}/mon_groups");

    /// <summary>Whether this kernel has it for this processor; it is not registered for others.</summary>
    /// <exception cref="LinuxException">procfs could not be read.</exception>
    public static bool IsKnown() => FileIo.TryReadText("/proc/filesystems")?.Contains("\tresctrl\n", StringComparison.Ordinal) ?? false;

    /// <summary>The mounted one; null where it is not mounted.</summary>
    /// <exception cref="LinuxException">procfs could not be read.</exception>
    public static ResctrlFileSystem? Find() => FindIn(MountInfo.Read());

    /// <summary>The first among some mounts that shows all of it; null for none.</summary>
    public static ResctrlFileSystem? FindIn(IReadOnlyList<MountEntry> mounts)
    {
        foreach (MountEntry mount in mounts)
        {
            if (mount is { Type: "resctrl", Root: "/" })
                return new ResctrlFileSystem(mount.Point, $",{mount.SuperOptions},".Contains(",mba_MBps,", StringComparison.Ordinal));
        }
        return null;
    }

    /// <summary>A group.</summary>
    /// <param name="name">Its name; <c>/</c> is the default group.</param>
    public ResctrlGroup Group(string name) => new(this, name == "/" ? Path : $"{Path}/{name}");

    /// <summary>
    /// Keeps others away who lock too, as the kernel's document asks: until the fd is closed. Waits, but not for ever.
    /// </summary>
    /// <exception cref="LinuxException">It cannot be opened.</exception>
    /// <exception cref="ContainerException">Somebody does not let go of it.</exception>
    public OwnedFd Lock()
    {
        OwnedFd root = FileIo.Open(Sys.AT_FDCWD, Path, O.RDONLY | O.DIRECTORY);
        if (FolderLock.Take(root.Value, Path, LockMilliseconds))
            return root;
        root.Dispose();
        throw new ContainerException(ContainerErrorKind.Unavailable, $"another program holds the lock of '{Path}'") { Hint = "lslocks shows which" };
    }

    /// <summary>What can be controlled, as <c>L3</c> and <c>MB</c>; nothing where the processor can only measure.</summary>
    /// <exception cref="LinuxException">It cannot be read.</exception>
    public List<string> Resources()
    {
        List<string> names = [];
        foreach (SchemaLine line in SchemaLine.ParseAll(TryRead("schemata") ?? ""))
            names.Add(line.Resource);
        return names;
    }

    /// <summary>What can be measured, as <c>llc_occupancy</c> and <c>mbm_total_bytes</c>.</summary>
    /// <exception cref="LinuxException">It cannot be read.</exception>
    public string[] MonitorFeatures() => (TryRead("info/L3_MON/mon_features") ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Steps that a resource's values are rounded up to by the kernel; 1 for none.</summary>
    /// <exception cref="LinuxException">It cannot be read.</exception>
    public ulong StepOf(string resource) =>
        !_inMegabytes && TryReadNumber($"info/{resource}/bandwidth_gran") is { } step and > 0 ? step : 1;

    /// <summary>Why the kernel refused last, in its words; empty where it gave no reason. Only of use under <see cref="Lock"/>.</summary>
    public string LastStatus()
    {
        try
        {
            string text = TryRead("info/last_cmd_status")?.Trim() ?? "";
            return text == "ok" ? "" : text;
        }
        catch (LinuxException unknown)
        {
            _ = unknown; // ignored: it is only for the sentence about another failure
            return "";
        }
    }

    /// <summary>The text of a file beneath the mount point; null when there is none.</summary>
    /// <exception cref="LinuxException">It cannot be read.</exception>
    public string? TryRead(string file) => FileIo.TryReadText($"{Path}/{file}", Limit);

    /// <summary>The same for a number.</summary>
    /// <exception cref="LinuxException">It cannot be read.</exception>
    public ulong? TryReadNumber(string file) => ulong.TryParse(TryRead(file)?.Trim(), out ulong number) ? number : null;

    /// <summary>Whether there is such a folder.</summary>
    internal static bool IsFolder(string path)
    {
        int fd = Sys.openat(Sys.AT_FDCWD, path, O.PATH | O.DIRECTORY | O.NOFOLLOW);
        if (fd >= 0)
            _ = Sys.close(fd); // ignored: the fd is gone whatever close(2) answers
        return fd >= 0;
    }

    /// <summary>The failure of a step, with the kernel's reason.</summary>
    internal ContainerException Refused(nint answer, string operation, string subject)
    {
        Errno errno = Sys.ErrorOf(answer);
        string reason = LastStatus();
        LinuxException refused = new(errno, operation, subject);
        return new ContainerException(KindOf(errno), reason.Length == 0 ? "the kernel refused" : $"the kernel says '{reason}'", refused)
        {
            Hint = errno switch
            {
                Errno.ENOSPC => "the processor has only so many groups: remove one that is not used, or name one that exists as closID",
                Errno.EACCES or Errno.EPERM => "resctrl belongs to root: run as root, or leave linux.intelRdt out",
                _ => null,
            },
        };
    }

    private static ContainerErrorKind KindOf(Errno errno) => errno switch
    {
        Errno.EINVAL or Errno.ERANGE => ContainerErrorKind.InvalidArgument,
        Errno.ENOSPC or Errno.EBUSY or Errno.ESRCH => ContainerErrorKind.Conflict,
        Errno.EACCES or Errno.EPERM or Errno.EROFS => ContainerErrorKind.PermissionDenied,
        Errno.ENOENT or Errno.ENOTDIR => ContainerErrorKind.NotFound,
        _ => ContainerErrorKind.Internal,
    };
}
