using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Engine.State;

/// <summary>
/// A file of a little space, given up when the disk is full, so that the commands with which one makes room (<c>ps</c>, <c>stop</c>,
/// <c>rm</c>, <c>prune</c>) still work: the state file needs some to be opened and written. Made again by the first command that finds the space.
/// </summary>
/// <param name="folder">Where it lies: on the disk of the state file.</param>
internal sealed class DiskReserve(string folder)
{
    /// <summary>Its name.</summary>
    public const string FileName = "reserve";

    // The index of the log takes 32 KiB, a checkpoint's worth of pages 400.
    private const long Length = 1 << 20, Step = 64 << 10;

    private string Path => $"{folder}/{FileName}";

    /// <summary>Makes it where it is missing, and longer where it is short; as long as there is space for.</summary>
    public void Ensure()
    {
        if (Sys.statx(Sys.AT_FDCWD, Path, AT.SYMLINK_NOFOLLOW, STATX.SIZE, out statx_t now) >= 0 && now.stx_size >= (ulong)Length)
            return;
        int fd = Sys.openat(Sys.AT_FDCWD, Path, O.WRONLY | O.CREAT | O.NOFOLLOW, 0x180 /* 0600 */);
        if (fd < 0)
            return; // not even space for its name: then there is no reserve
        using OwnedFd file = new(fd);
        for (long end = Step; end <= Length && Sys.fallocate(fd, 0, end - Step, Step) >= 0; end += Step)
        {
        }
    }

    /// <summary>Whether the disk, or the caller's share of it, has no space for as much as the state file may want at once.</summary>
    public bool IsSpaceShort()
    {
        int fd = Sys.openat(Sys.AT_FDCWD, folder, O.WRONLY | O.TMPFILE, 0x180 /* 0600 */);
        if (fd < 0)
            return LinuxException.IsFull(Sys.ErrorOf(fd));
        using OwnedFd file = new(fd);
        return LinuxException.IsFull(Sys.ErrorOf(Sys.fallocate(fd, 0, 0, Step)));
    }

    /// <summary>Gives its space up; false where there was none.</summary>
    public bool Release() => Sys.unlinkat(Sys.AT_FDCWD, Path, 0) >= 0;
}
