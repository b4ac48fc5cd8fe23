using Rundlet.Syscalls;

namespace Rundlet.Linux.Mounts;

/// <summary>
/// A file system on a folder of the host, for as long as somebody uses it. The kernel counts the users: each one has a shared lock on
/// the folder above, which goes with its process, however that ends. Who comes first mounts, and who goes last, which an exclusive lock
/// shows, unmounts. What a killed last user leaves, the next one takes over, or <see cref="DetachUnused"/> removes.
/// </summary>
public sealed class SharedMount : IDisposable
{
    private const int WaitMilliseconds = 10_000;

    private readonly OwnedFd _folder;
    private readonly string _path;
    private readonly string _name;

    private SharedMount(OwnedFd folder, string path, string name)
    {
        _folder = folder;
        _path = path;
        _name = name;
    }

    /// <summary>Becomes one of the users, and mounts where there is none yet.</summary>
    /// <param name="path">Absolute path of the folder above, to which only root has access.</param>
    /// <param name="name">The folder in it that is covered.</param>
    /// <param name="what">The file system.</param>
    /// <exception cref="ContainerException">Conflict: somebody mounts or fills it for very long.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static SharedMount Take(string path, string name, FileSystemMount what)
    {
        OwnedFd folder = FileIo.Open(Sys.AT_FDCWD, path, O.RDONLY | O.DIRECTORY);
        try
        {
            // Turning the exclusive lock into a shared one lets it go for a moment, in which a last user may unmount.
            do
            {
                if (FolderLock.TryTake(folder.Value, path) || !IsMounted(folder.Value, name))
                    AttachAlone(folder.Value, path, name, what);
                Lock(folder.Value, LOCK.SH, path);
            }
            while (!IsMounted(folder.Value, name));
            return new SharedMount(folder, path, name);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Becomes one of the users of what may be mounted; for who takes over from a killed one.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static SharedMount Keep(string path, string name)
    {
        OwnedFd folder = FileIo.Open(Sys.AT_FDCWD, path, O.RDONLY | O.DIRECTORY);
        Lock(folder.Value, LOCK.SH, path);
        return new SharedMount(folder, path, name);
    }

    /// <summary>Whether something is mounted on a folder.</summary>
    /// <param name="folder">An fd of the folder above.</param>
    /// <param name="name">The folder in it; on one that is gone nothing is.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static bool IsMounted(int folder, string name)
    {
        int answer = Sys.statx(folder, name, AT.SYMLINK_NOFOLLOW, STATX.TYPE, out statx_t stat);
        if (Sys.Is(answer, Errno.ENOENT))
            return false;
        LinuxException.ThrowIfError(answer, "stat", name);
        return (stat.stx_attributes & STATX.ATTR_MOUNT_ROOT) != 0;
    }

    /// <summary>Unmounts what nobody uses any more.</summary>
    /// <param name="path">Absolute path of the folder above; one that is gone is fine.</param>
    /// <param name="name">The folder in it.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void DetachUnused(string path, string name)
    {
        int answer = Sys.openat(Sys.AT_FDCWD, path, O.RDONLY | O.DIRECTORY);
        if (Sys.Is(answer, Errno.ENOENT))
            return;
        using OwnedFd folder = OwnedFd.FromAnswer(answer, "open", path);
        if (FolderLock.TryTake(folder.Value, path))
            Detach(folder.Value, path, name);
    }

    /// <summary>Is no user any more; the last one unmounts.</summary>
    public void Dispose()
    {
        if (_folder.IsClosed)
            return;
        try
        {
            if (FolderLock.TryTake(_folder.Value, _path))
                Detach(_folder.Value, _path, _name);
        }
        catch (LinuxException refused)
        {
            _ = refused; // ignored: what stays mounted, the next user takes over
        }
        _folder.Dispose();
    }

    private static void AttachAlone(int folder, string path, string name, FileSystemMount what)
    {
        if (!FolderLock.Take(folder, path, WaitMilliseconds))
            throw new ContainerException(ContainerErrorKind.Conflict, $"'{path}' is being mounted or filled by another process") { Hint = "try again" };
        if (!IsMounted(folder, name))
            Attach(folder, name, what);
    }

    private static void Attach(int folder, string name, FileSystemMount what)
    {
        using OwnedFd mount = what.Open();
        LinuxException.ThrowIfError(Sys.move_mount(mount.Value, "", folder, name, MOUNT.MOVE_MOUNT_F_EMPTY_PATH), "mount", name);
    }

    private static void Detach(int folder, string path, string name)
    {
        if (!IsMounted(folder, name))
            return;
        int answer = Sys.umount2($"{path}/{name}", MNT.DETACH | UMOUNT.NOFOLLOW);
        if (!Sys.Is(answer, Errno.EINVAL)) // of another mount namespace
            LinuxException.ThrowIfError(answer, "unmount", $"{path}/{name}");
    }

    private static void Lock(int fd, int operation, string subject)
    {
        int answer;
        do
            answer = Sys.flock(fd, operation);
        while (Sys.Is(answer, Errno.EINTR));
        LinuxException.ThrowIfError(answer, "lock", subject);
    }
}
