using System.Globalization;
using Rundlet.Syscalls;

namespace Rundlet.Linux;

/// <summary>
/// flock(2) on folders of the kernel's file systems, which everybody may open and so lock: a lock of somebody else than root and the
/// caller's user counts for nothing.
/// </summary>
public static class FolderLock
{
    private const int LookMilliseconds = 10;

    /// <summary>Takes the lock if nobody has it; it goes with the fd.</summary>
    /// <exception cref="LinuxException">The file system has no locks.</exception>
    public static bool TryTake(int fd, string subject)
    {
        int answer;
        do
            answer = Sys.flock(fd, LOCK.EX | LOCK.NB);
        while (Sys.Is(answer, Errno.EINTR));
        if (Sys.Is(answer, Errno.EAGAIN))
            return !IsTrusted(fd);
        LinuxException.ThrowIfError(answer, "flock", subject);
        return true;
    }

    /// <summary>Whether somebody has the lock of a folder that nobody else may open.</summary>
    /// <exception cref="LinuxException">The file system has no locks.</exception>
    public static bool IsHeld(int fd, string subject)
    {
        int answer;
        do
            answer = Sys.flock(fd, LOCK.SH | LOCK.NB);
        while (Sys.Is(answer, Errno.EINTR));
        if (Sys.Is(answer, Errno.EAGAIN))
            return true;
        LinuxException.ThrowIfError(answer, "flock", subject);
        LinuxException.ThrowIfError(Sys.flock(fd, LOCK.UN), "flock", subject);
        return false;
    }

    /// <summary>Takes the lock, and waits for it.</summary>
    /// <param name="fd">The open folder.</param>
    /// <param name="subject">What to call it in an error.</param>
    /// <param name="milliseconds">The longest to wait.</param>
    /// <returns>Whether it was free in that time.</returns>
    /// <exception cref="LinuxException">The file system has no locks.</exception>
    public static bool Take(int fd, string subject, int milliseconds)
    {
        for (int waited = 0; waited < milliseconds; waited += LookMilliseconds)
        {
            if (TryTake(fd, subject))
                return true;
            _ = Sys.poll([], LookMilliseconds); // ignored: it only passes the time; the kernel tells nobody when a lock is given back
        }
        return false;
    }

    // proc_locks(5): "1: FLOCK  ADVISORY  WRITE 708 00:1a:5678 0 EOF", numbers of the device in hexadecimal. Who waits has "->" in its line. A
    // lock that is not in there is gone meanwhile, or of a process that is not in our pid namespace.
    private static bool IsTrusted(int fd)
    {
        LinuxException.ThrowIfError(Sys.statx(fd, "", AT.EMPTY_PATH, STATX.INO, out statx_t file), "stat");
        string place = string.Create(CultureInfo.InvariantCulture, $"{file.stx_dev_major:x2}:{file.stx_dev_minor:x2}:{file.stx_ino}");
        bool found = false;
        foreach (string line in (FileIo.TryReadText("/proc/locks") ?? "").Split('\n'))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 6 || words[1] != "FLOCK" || words[5] != place)
                continue;
            if (IsOfRootOrCaller(words[4]))
                return true;
            found = true;
        }
        return !found;
    }

    // The owner of /proc/PID would be root for every process that may not be dumped.
    private static bool IsOfRootOrCaller(string pid)
    {
        foreach (string line in (FileIo.TryReadText($"/proc/{pid}/status") ?? "").Split('\n'))
        {
            if (line.StartsWith("Uid:", StringComparison.Ordinal))
                return uint.TryParse(line.Split('\t')[1], out uint uid) && (uid == 0 || uid == Sys.geteuid());
        }
        return true; // ended meanwhile, or of another pid namespace
    }
}
