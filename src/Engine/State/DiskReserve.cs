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

    // The index of the log, 32 KiB, and a checkpoint's worth of pages.
    private const long Length = 1 << 20;

    private string Path => $"{folder}/{FileName}";

    /// <summary>Makes it, where it is missing and there is space.</summary>
    public void Ensure()
    {
        if (Sys.faccessat2(Sys.AT_FDCWD, Path, 0, 0) >= 0)
            return;
        int fd = Sys.openat(Sys.AT_FDCWD, folder, O.TMPFILE | O.WRONLY, 0x180 /* 0600 */);
        if (fd < 0)
            return; // a file system without such files, or one that is full: then there is no reserve
        using OwnedFd file = new(fd);
        if (Sys.fallocate(fd, 0, 0, Length) >= 0)
            _ = Sys.linkat(Sys.AT_FDCWD, $"/proc/self/fd/{fd}", Sys.AT_FDCWD, Path, AT.SYMLINK_FOLLOW); // ignored: another command made it meanwhile
    }

    /// <summary>Gives its space up; false where there was none.</summary>
    public bool Release() => Sys.unlinkat(Sys.AT_FDCWD, Path, 0) >= 0;
}
