using Rundlet.Linux;
using Rundlet.Linux.Proc;
using Rundlet.Oci;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>
/// What ours shares of other containers: namespaces, and the memory that belongs to an ipc namespace. While this lives the spec names
/// the namespaces by fds of ours: whoever gets a pid meanwhile, they stay those of the container that was meant.
/// </summary>
internal sealed class JoinedNamespaces : IDisposable
{
    private readonly List<(Namespace Item, string? Written, OwnedFd? Fd)> _joined = [];
    private readonly Dictionary<string, OwnedFd> _mounts = [];

    /// <summary>Adds our detached mounts to others, by destination; they stay ours.</summary>
    public void AddMounts(Dictionary<string, OwnedFd> sources)
    {
        foreach ((string destination, OwnedFd mount) in _mounts)
            sources[destination] = mount;
    }

    /// <summary>Opens what a spec names.</summary>
    /// <param name="spec">The spec; as it was when this is disposed.</param>
    /// <param name="runPath">Our run folder, beside which the others' are.</param>
    /// <param name="users">The container's user namespace, where it is open already; null where it has the host's.</param>
    /// <returns>Null where it names none.</returns>
    /// <exception cref="ContainerException">Conflict: one of the containers does not run.</exception>
    public static JoinedNamespaces? Open(Spec spec, string runPath, OwnedFd? users)
    {
        JoinedNamespaces? joined = null;
        try
        {
            foreach (Namespace item in spec.Linux?.Namespaces ?? [])
            {
                if (item.Type == "user" && users is not null)
                {
                    (joined ??= new JoinedNamespaces())._joined.Add((item, item.Path, null));
                    item.Path = $"/proc/self/fd/{users.Value}";
                    continue;
                }
                if (JoinedNamespace.ContainerOf(item.Path) is not { } container)
                    continue;
                joined ??= new JoinedNamespaces();
                OwnedFd fd = OpenOne(item.Type, item.Type, container, runPath);
                joined._joined.Add((item, item.Path!, fd));
                item.Path = $"/proc/self/fd/{fd.Value}";
            }
            foreach (Mount mount in spec.Mounts ?? [])
            {
                if (JoinedNamespace.ContainerOf(mount.Source) is { } container)
                    (joined ??= new JoinedNamespaces())._mounts.Add(mount.Destination, OpenSharedMemory(container, runPath));
            }
            return joined;
        }
        catch
        {
            joined?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((Namespace item, string? written, OwnedFd? fd) in _joined)
        {
            item.Path = written;
            fd?.Dispose();
        }
        foreach ((_, OwnedFd mount) in _mounts)
            mount.Dispose();
    }

    /// <summary>The user namespace of a spec that maps ids: another container's, or one that is made now.</summary>
    /// <exception cref="ContainerException">Conflict: the other container does not run.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static OwnedFd OpenUsers(LinuxSpec linux, string runPath)
    {
        Namespace? item = linux.Namespaces?.Find(one => one.Type == "user");
        return JoinedNamespace.ContainerOf(item?.Path) is { } container
            ? OpenOne("user", "user", container, runPath)
            : IdMapNamespace.Make(linux.UidMappings!, linux.GidMappings!);
    }

    private static OwnedFd OpenOne(string type, string what, string container, string runPath)
    {
        string path = $"{runPath[..runPath.LastIndexOf('/')]}/{container}/{ContainerRuntimeState.FileName}";
        int answer = Sys.openat(Sys.AT_FDCWD, path, O.RDONLY | O.NOFOLLOW);
        if (Sys.Is(answer, Errno.ENOENT))
            throw NotRunning(what, container);
        using OwnedFd file = OwnedFd.FromAnswer(answer, "open", path);
        ContainerRuntimeState state = ContainerRuntimeState.Read(FileIo.ReadAll(file.Value, path));
        int found = Sys.openat(Sys.AT_FDCWD, $"/proc/{state.Pid}/ns/{FileOf(type)}", O.RDONLY);
        if (Sys.Is(found, Errno.ENOENT) || Sys.Is(found, Errno.ESRCH))
            throw NotRunning(what, container);
        OwnedFd fd = OwnedFd.FromAnswer(found, $"open the {type} namespace of", container);
        // Looked at behind the open: had the pid become another's before, it would not have this start time.
        if (ProcStat.TryRead(state.Pid)?.StartTime == state.PidStartTime)
            return fd;
        fd.Dispose();
        throw NotRunning(what, container);
    }

    // Only who is in a mount namespace can copy a mount of it. What the other container has put in the place of its /dev/shm is
    // its own all the same; it gets no further than what it sees itself.
    private static OwnedFd OpenSharedMemory(string container, string runPath)
    {
        using OwnedFd other = OpenOne("mount", "ipc", container, runPath);
        using OwnedFd own = FileIo.Open(Sys.AT_FDCWD, "/proc/self/ns/mnt", O.RDONLY);
        using OwnedFd folder = FileIo.Open(Sys.AT_FDCWD, ".", O.PATH | O.DIRECTORY);
        LinuxException.ThrowIfError(Sys.unshare(CLONE.FS), "unshare the working folder");
        LinuxException.ThrowIfError(Sys.setns(other.Value, CLONE.NEWNS), "enter the mount namespace of", container);
        try
        {
            int answer = Sys.openat2(Sys.AT_FDCWD, "/dev/shm", O.PATH | O.DIRECTORY, RESOLVE.IN_ROOT | RESOLVE.NO_SYMLINKS);
            using OwnedFd memory = OwnedFd.FromAnswer(answer, "open /dev/shm of", container);
            LinuxException.ThrowIfError(Sys.fstatfs(memory.Value, out statfs_t kind), "stat /dev/shm of", container);
            if (kind.f_type != MAGIC.TMPFS_MAGIC)
                throw new ContainerException(ContainerErrorKind.Conflict, $"/dev/shm of container '{Short(container)}' is no memory");
            return OwnedFd.FromAnswer(Sys.open_tree(memory.Value, "", MOUNT.OPEN_TREE_CLONE | (uint)AT.EMPTY_PATH), "copy /dev/shm of", container);
        }
        finally
        {
            LinuxException.ThrowIfError(Sys.setns(own.Value, CLONE.NEWNS), "leave the mount namespace of", container);
            LinuxException.ThrowIfError(Sys.fchdir(folder.Value), "go back to the working folder");
        }
    }

    private static string FileOf(string type) => type switch { "network" => "net", "mount" => "mnt", _ => type };

    private static ContainerException NotRunning(string what, string container) =>
        new(ContainerErrorKind.Conflict, $"container '{Short(container)}', whose {what} namespace is to be shared, is not running");

    private static string Short(string container) => container[..Math.Min(container.Length, 12)];
}
