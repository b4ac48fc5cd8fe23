using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Dns.Names;

/// <summary>
/// By what a file or folder is known to be as it was. The kernel's times move in steps of some milliseconds: what was changed in the same
/// step as it was read may have been changed again since, and is looked at again until the step is over.
/// </summary>
internal readonly record struct FileStamp(ulong Inode, long Seconds, uint Nanoseconds, ulong Size)
{
    private const uint Wanted = STATX.INO | STATX.MTIME | STATX.SIZE;
    private const long StepNanoseconds = 50_000_000;

    /// <summary>The stamp of a path; default where nothing is there.</summary>
    /// <exception cref="LinuxException">The kernel refused for another reason.</exception>
    public static FileStamp Of(int folder, CString path)
    {
        int answer = Sys.statx(folder, path, AT.SYMLINK_NOFOLLOW, Wanted, out statx_t file);
        if (Sys.Is(answer, Errno.ENOENT) || Sys.Is(answer, Errno.ENOTDIR))
            return default;
        LinuxException.ThrowIfError(answer, "stat");
        return new FileStamp(file.stx_ino, file.stx_mtime.tv_sec, file.stx_mtime.tv_nsec, file.stx_size);
    }

    /// <summary>Whether it may be changed again without another stamp.</summary>
    public bool IsFresh
    {
        get
        {
            if (this == default || Sys.clock_gettime(CLOCK.REALTIME, out timespec now) < 0)
                return false;
            long age = (now.tv_sec - Seconds) * 1_000_000_000 + now.tv_nsec - Nanoseconds;
            return age < StepNanoseconds; // also one of the future: the clock was set back
        }
    }
}
