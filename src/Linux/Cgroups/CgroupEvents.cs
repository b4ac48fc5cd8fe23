using System.Diagnostics;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Cgroups;

/// <summary><c>cgroup.events</c> of v2: poll(2) tells when it changes.</summary>
internal static class CgroupEvents
{
    /// <summary>Waits until a key has a value. True at once when the cgroup has no such file any more (it was removed).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static bool WaitFor(CgroupFolder folder, ReadOnlySpan<byte> key, ulong value, int milliseconds)
    {
        int answer = Sys.openat(folder.Fd, "cgroup.events", O.RDONLY);
        if (Sys.Is(answer, Errno.ENOENT))
            return true;
        using OwnedFd fd = OwnedFd.FromAnswer(answer, "open", $"{folder.Path}/cgroup.events");
        Span<byte> text = stackalloc byte[256];
        Span<pollfd> poll = [new pollfd { fd = fd.Value, events = POLL.PRI }];
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            nint got = Sys.pread(fd.Value, text, 0);
            if (Sys.Is(got, Errno.ENODEV))
                return true;
            LinuxException.ThrowIfError(got, "read", $"{folder.Path}/cgroup.events");
            if (FlatFile.Find(text[..(int)got], key) == value)
                return true;
            int left = milliseconds - (int)Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (left <= 0)
                return false;
            int ready = Sys.poll(poll, left);
            if (ready < 0 && !Sys.Is(ready, Errno.EINTR))
                LinuxException.ThrowIfError(ready, "poll", $"{folder.Path}/cgroup.events");
        }
    }
}
