using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

internal sealed partial class ContainerPlanner
{
    private const long OpenPath = O.PATH | O.CLOEXEC;

    private void PlanPaths()
    {
        PlanWorkingFolder();
        PlanSysctls();
        foreach (string path in _linux.ReadonlyPaths ?? [])
            PlanReadonlyPath(path);
        if (_linux.MaskedPaths is { Count: > 0 } masked)
            PlanMaskedPaths(masked);
    }

    // Docker's callers rely on it: a working folder that the image lacks is made.
    private void PlanWorkingFolder()
    {
        if (_process.Cwd == "/")
            return;
        PlanSlot folder = Target($"make the working folder '{_process.Cwd}'", _root, _process.Cwd, folder: true, 0x1ED, 0, new Tolerated(Errno.EROFS));
        Close(folder);
    }

    private PlanSlot OpenInRoot(PlanSentence sentence, string path, long flags, Tolerated first, Tolerated second)
    {
        PlanSlot slot = _plan.Slot();
        open_how how = new() { flags = (ulong)flags, resolve = RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS };
        _plan.Call(sentence, slot, first, second, SYS.openat2, _root, _plan.Text(path), _plan.Struct(how), 24);
        return slot;
    }

    private void PlanReadonlyPath(string path)
    {
        PlanLabel done = _plan.Label();
        PlanSlot target = OpenInRoot($"open the read-only path '{path}'", path, OpenPath, new Tolerated(Errno.ENOENT, done), new Tolerated(Errno.ENOTDIR, done));
        PlanSlot clone = _plan.Slot();
        _plan.Call($"bind '{path}' on itself", clone, SYS.open_tree, target, _empty, (long)(MOUNT.OPEN_TREE_CLONE | MOUNT.OPEN_TREE_CLOEXEC) | AT.EMPTY_PATH | AT.RECURSIVE);
        SetAttributes($"make '{path}' read-only", clone, MOUNT_ATTR.RDONLY, 0, 0, recursive: true);
        Move($"mount '{path}' read-only", clone, target);
        Close(clone);
        Close(target);
        _plan.Place(done);
    }

    // A folder is covered by one empty read-only tmpfs, shared by all; a file by the null device of the host, which
    // was checked to be it: the image's own /dev/null may be anything (CVE-2025-31133). Both are cloned for each path, and
    // only a mount that stands somewhere in this namespace can be: the tmpfs stands on the host's /proc, in the old root
    // that is about to go.
    private void PlanMaskedPaths(List<string> paths)
    {
        CheckNullDevice();
        PlanSlot nullDevice = _plan.Slot();
        _plan.Call("open the host's '/dev/null'", nullDevice, SYS.openat, Sys.AT_FDCWD, _plan.Text("/dev/null"), OpenPath);
        PlanSlot cover = Create(new Mount { Destination = "masked paths" }, "tmpfs", MountOptions.Parse(["ro", "nr_inodes=1", "size=0"]));
        PlanSlot stand = _plan.Slot();
        _plan.Call("open the host's '/proc'", stand, SYS.openat, Sys.AT_FDCWD, _plan.Text("/proc"), OpenPath | (long)O.DIRECTORY);
        Move("put up the mask of folders", cover, stand);
        Close(stand);
        foreach (string path in paths)
        {
            PlanLabel file = _plan.Label();
            PlanLabel done = _plan.Label();
            PlanSlot clone = _plan.Slot();
            PlanSlot folder = OpenInRoot($"open the masked path '{path}'", path, OpenPath | (long)O.DIRECTORY, new Tolerated(Errno.ENOTDIR, file), new Tolerated(Errno.ENOENT, done));
            MaskWith(path, cover, clone, folder);
            _plan.Jump(done);
            _plan.Place(file);
            PlanSlot target = OpenInRoot($"open the masked path '{path}'", path, OpenPath, new Tolerated(Errno.ENOENT, done), new Tolerated(Errno.ENOTDIR, done));
            MaskWith(path, nullDevice, clone, target);
            _plan.Place(done);
        }
        Close(nullDevice);
        Close(cover);
    }

    private void MaskWith(string path, PlanArg source, PlanSlot clone, PlanSlot target)
    {
        _plan.Call($"prepare the mask of '{path}'", clone, SYS.open_tree, source, _empty, (long)(MOUNT.OPEN_TREE_CLONE | MOUNT.OPEN_TREE_CLOEXEC) | AT.EMPTY_PATH);
        Move($"mask '{path}'", clone, target);
        Close(clone);
        Close(target);
    }

    private static void CheckNullDevice()
    {
        LinuxException.ThrowIfError(Sys.statx(Sys.AT_FDCWD, "/dev/null", AT.SYMLINK_NOFOLLOW, STATX.TYPE, out statx_t file), "stat", "/dev/null");
        if ((file.stx_mode & S.IFMT) != S.IFCHR || file.stx_rdev_major != 1 || file.stx_rdev_minor != 3)
            throw new ContainerException(ContainerErrorKind.Internal, "the host's '/dev/null' is not the null device");
    }

    // Written through a procfs of the child's own that is mounted nowhere, never through the container's /proc.
    private void PlanSysctls()
    {
        if (_linux.Sysctl is not { Count: > 0 } sysctls)
            return;
        PlanSlot proc = _steps.PrivateProc();
        foreach ((string key, string value) in sysctls)
        {
            string path = SysctlRules.PathOf(key, NamespaceTable.FlagsOf(_linux.Namespaces) & ~_shared);
            PlanSlot file = _plan.Slot();
            open_how how = new() { flags = O.WRONLY | O.CLOEXEC, resolve = RESOLVE.BENEATH | RESOLVE.NO_SYMLINKS | RESOLVE.NO_XDEV };
            _plan.Call($"open sysctl '{key}'", file, SYS.openat2, proc, _plan.Text(path), _plan.Struct(how), 24);
            _plan.Call($"write '{value}' to sysctl '{key}'", SYS.write, file, _plan.Text(value), System.Text.Encoding.UTF8.GetByteCount(value));
            Close(file);
        }
    }
}
