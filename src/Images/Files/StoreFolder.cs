using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Files;

/// <summary>Folders of the store, by fd.</summary>
internal static class StoreFolder
{
    /// <summary>Opens a folder, made with mode 0700 and without an access list when it is missing. Never through a symbolic link.</summary>
    /// <exception cref="LinuxException">The kernel refused; <c>ENOTDIR</c>: something else has the name.</exception>
    public static OwnedFd Ensure(int parent, string name)
    {
        int answer = Sys.openat(parent, name, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
        if (!Sys.Is(answer, Errno.ENOENT))
            return OwnedFd.FromAnswer(answer, "open folder", name);
        int made = Sys.mkdirat(parent, name, FileModes.PrivateFolder);
        if (!Sys.Is(made, Errno.EEXIST))
            LinuxException.ThrowIfError(made, "make folder", name);
        OwnedFd folder = OwnedFd.FromAnswer(Sys.openat(parent, name, O.RDONLY | O.DIRECTORY | O.NOFOLLOW), "open folder", name);
        try
        {
            AccessLists.Drop(folder.Value, name);
            return folder;
        }
        catch (LinuxException)
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Opens the root of a store, which the administrator may have put behind a symbolic link; its parent must exist.</summary>
    /// <inheritdoc cref="Ensure" path="/exception"/>
    public static OwnedFd EnsureRoot(string path)
    {
        int made = Sys.mkdirat(Sys.AT_FDCWD, path, FileModes.PrivateFolder);
        if (!Sys.Is(made, Errno.EEXIST))
            LinuxException.ThrowIfError(made, "make folder", path);
        return FileIo.Open(Sys.AT_FDCWD, path, O.RDONLY | O.DIRECTORY);
    }

    /// <summary>Waits for a lock of the file or folder behind an fd; it ends with the fd.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Lock(int fd, int operation, string subject)
    {
        int answer;
        do
            answer = Sys.flock(fd, operation);
        while (Sys.Is(answer, Errno.EINTR));
        LinuxException.ThrowIfError(answer, "lock", subject);
    }

    /// <summary>Takes an exclusive lock if nobody holds one.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static bool TryLock(int fd, string subject)
    {
        int answer = Sys.flock(fd, LOCK.EX | LOCK.NB);
        if (Sys.Is(answer, Errno.EAGAIN))
            return false;
        LinuxException.ThrowIfError(answer, "lock", subject);
        return true;
    }

    /// <summary>Whether a name still leads to what an fd holds open; not so when another process removed or replaced it.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static bool IsStill(int parent, string name, int fd)
    {
        LinuxException.ThrowIfError(Sys.statx(fd, "", AT.EMPTY_PATH, STATX.INO, out statx_t open), "stat", name);
        int answer = Sys.statx(parent, name, AT.SYMLINK_NOFOLLOW, STATX.INO, out statx_t named);
        if (Sys.Is(answer, Errno.ENOENT))
            return false;
        LinuxException.ThrowIfError(answer, "stat", name);
        return open.stx_ino == named.stx_ino;
    }

    /// <summary>A name that nobody else uses: 16 random hexadecimal digits.</summary>
    public static string RandomName() => Convert.ToHexStringLower(BitConverter.GetBytes(Random.Shared.NextInt64()));
}
