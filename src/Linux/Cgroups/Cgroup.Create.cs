using Rundlet.Linux.Cgroups.Controllers;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Cgroups;

public sealed partial class Cgroup
{
    private const uint Mode = 0x1ed; // 0755

    private CgroupLayout? _layout;
    private bool _isClaimed;

    /// <summary>
    /// Makes the folder in every hierarchy, and those above it. A cgroup that exists and has no processes is taken over.
    /// On failure the new folders are removed again.
    /// </summary>
    /// <exception cref="ContainerException"><c>Conflict</c>: it exists and is in use. Else: a folder could not be made.</exception>
    public void Create() => Create(0);

    /// <summary>As the other one, where one process may be in it already, because systemd put it there.</summary>
    /// <param name="own">That process; 0 for none.</param>
    /// <exception cref="ContainerException">As for the other one.</exception>
    public void Create(int own)
    {
        var made = new List<CgroupFolder>(_folders.All.Length);
        try
        {
            foreach (CgroupFolder folder in _folders.All)
            {
                if (folder.IsOwn || TryCreate(folder, own)) // that of cgroup2 may be taken already, and the child in it
                    made.Add(folder);
            }
        }
        catch (Exception failure) when (failure is ContainerException or LinuxException)
        {
            foreach (CgroupFolder folder in _folders.All)
            {
                if (folder.IsNew)
                    _ = Sys.unlinkat(Sys.AT_FDCWD, folder.Path, AT.REMOVEDIR); // ignored: the first error is the one to tell
            }
            throw;
        }
        if (made.Count == _folders.All.Length)
            return;
        _folders.Keep(made);
        IsPartial = true;
    }

    /// <summary>
    /// Refuses a cgroup that is somebody's, before its place is put on record as ours: whoever cleans up after a killed create goes by
    /// the record. A cgroup in use has its processes in every hierarchy, so one tells.
    /// </summary>
    /// <exception cref="ContainerException"><c>Conflict</c>.</exception>
    public void RequireUnused()
    {
        if (_folders.All is [CgroupFolder first, ..] && Sys.faccessat2(Sys.AT_FDCWD, first.Path, 0, 0) == 0)
            RefuseInUse(first, 0);
    }

    /// <summary>
    /// Makes the folder of the cgroup2 hierarchy alone, ahead of <see cref="Create"/>, for a child to be born in it
    /// (<c>CLONE_INTO_CGROUP</c>): moving a process there later waits until every processor has passed a quiet state.
    /// </summary>
    /// <returns>The folder, the caller's to close; null where cgroup2 is not mounted or not permitted: <see cref="Create"/> tells then.</returns>
    /// <exception cref="ContainerException">As for <see cref="Create"/>.</exception>
    public OwnedFd? CreateUnified() => _folders.Unified is { } folder && TryCreate(folder, 0)
        ? OwnedFd.FromAnswer(Sys.fcntl(folder.Fd, F.DUPFD_CLOEXEC), "duplicate", folder.Path)
        : null;

    /// <summary>
    /// Gives the cgroup2 folder, and those of its files by which one manages sub-cgroups, to a user: cgroups(7), "Cgroups
    /// delegation". The limits stay out of reach.
    /// </summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Delegate(uint uid)
    {
        if (_folders.Unified is not { } folder)
            return;
        int whole = Sys.fchownat(folder.Fd, ".", uid, uint.MaxValue, 0);
        if (_bestEffort && Sys.Is(whole, Errno.EPERM))
            return; // it stays the caller's, which a container without root is used to
        LinuxException.ThrowIfError(whole, "chown", folder.Path);
        string list = FileIo.TryReadText("/sys/kernel/cgroup/delegate") ?? "cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n";
        foreach (string file in list.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int answer = Sys.fchownat(folder.Fd, file, uid, uint.MaxValue, AT.SYMLINK_NOFOLLOW);
            if (!Sys.Is(answer, Errno.ENOENT))
                LinuxException.ThrowIfError(answer, "chown", $"{folder.Path}/{file}");
        }
    }

    private bool TryCreate(CgroupFolder folder, int own)
    {
        try
        {
            if (folder is { IsV2: true, Names.Length: > 0 } && _layout is { Mode: CgroupMode.V2, Unified: { } unified })
                HandControllersDown(folder, unified.MountPoint);
            Errno error = MakeFolder(folder.Path);
            if (error is not (Errno.None or Errno.EEXIST))
                throw new LinuxException(error, "mkdir", folder.Path);
            folder.IsNew = folder.IsOwn = error == Errno.None;
            Claim(folder);
            if (error == Errno.EEXIST)
                RefuseInUse(folder, own);
            folder.IsOwn = true;
            if (folder is { IsNew: true, IsV2: false } && (folder.Controllers & CgroupControllers.Cpuset) != 0)
                CpusetController.Inherit(folder.Path);
            return true;
        }
        catch (LinuxException denied) when (_bestEffort && denied.Errno is Errno.EACCES or Errno.EPERM or Errno.EROFS)
        {
            return false;
        }
        catch (LinuxException refused)
        {
            throw new ContainerException(CgroupErrors.KindOf(refused.Errno), "create cgroup", refused);
        }
    }

    /// <summary>Makes one folder; those above it where they are missing, with their cpusets filled.</summary>
    private static Errno MakeFolder(string path)
    {
        Errno error = Sys.ErrorOf(Sys.mkdirat(Sys.AT_FDCWD, path, Mode));
        if (error != Errno.ENOENT)
            return error;
        string parent = path[..path.LastIndexOf('/')];
        if (parent.Length == 0)
            return error;
        Errno above = MakeFolder(parent);
        if (above is not (Errno.None or Errno.EEXIST))
            throw new LinuxException(above, "mkdir", parent);
        if (above == Errno.None && Sys.faccessat2(Sys.AT_FDCWD, $"{parent}/cpuset.sched_load_balance", 0, 0) == 0)
            CpusetController.Inherit(parent); // the file is in cpusets of v1 only
        return Sys.ErrorOf(Sys.mkdirat(Sys.AT_FDCWD, path, Mode));
    }

    /// <summary>v2: every cgroup from the mount down to the parent hands on all controllers that it has.</summary>
    private static void HandControllersDown(CgroupFolder folder, string mountPoint)
    {
        for (int slash = mountPoint.Length; slash > 0; slash = folder.Path.IndexOf('/', slash + 1))
        {
            string ancestor = folder.Path[..slash];
            Errno error = SubtreeControl.Enable(ancestor, folder.Names);
            if (error == Errno.ENOENT)
            {
                Errno made = MakeFolder(ancestor);
                if (made is not (Errno.None or Errno.EEXIST))
                    throw new LinuxException(made, "mkdir", ancestor);
                error = SubtreeControl.Enable(ancestor, folder.Names);
            }
            // Not permitted: above what was delegated to us, where the controllers are enabled or not by another's decision.
            if (error is not (Errno.None or Errno.EACCES or Errno.EPERM or Errno.EROFS))
                throw new LinuxException(error, "open", $"{ancestor}/cgroup.subtree_control");
        }
    }

    // Two may find one empty cgroup, or one may find what the other has just made. The lock is held by the folder's fd, until there is a
    // process in it or nothing any more; one folder does for all. Opens it, and so checks that it is on a cgroup file system.
    private void Claim(CgroupFolder folder)
    {
        int fd = folder.Fd;
        if (_isClaimed)
            return;
        if (FolderLock.TryTake(fd, folder.Path))
        {
            _isClaimed = true;
            return;
        }
        folder.IsNew = folder.IsOwn = false;
        throw new ContainerException(ContainerErrorKind.Conflict, $"cgroup '{folder.Path}' is being taken by another container") { Hint = "give each its own cgroupsPath" };
    }

    private static void RefuseInUse(CgroupFolder folder, int own)
    {
        List<int> pids = CgroupProcesses.Of(folder.Path);
        int count = pids.Count - (pids.Contains(own) ? 1 : 0);
        if (count > 0)
            throw new ContainerException(ContainerErrorKind.Conflict, $"cgroup '{folder.Path}' is in use by {count} process{(count == 1 ? "" : "es")}");
    }
}
