using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>Something that is due once, after a while: timerfd(2). Exists only while it is armed.</summary>
internal sealed class Timer(EventLoop loop, Action due) : IDisposable
{
    private OwnedFd? _fd;

    /// <summary>Arms it anew.</summary>
    /// <param name="milliseconds">From now; 0 and less are due at once.</param>
    public void Arm(int milliseconds)
    {
        if (_fd is null)
        {
            _fd = OwnedFd.FromAnswer(Sys.timerfd_create(CLOCK.MONOTONIC, TFD.NONBLOCK), "timerfd_create");
            loop.Add(_fd, EPOLL.IN, _ => Expire());
        }
        long nanoseconds = Math.Max(milliseconds * 1_000_000L, 1); // 0 would disarm it
        itimerspec time = new() { it_value = new timespec { tv_sec = nanoseconds / 1_000_000_000, tv_nsec = nanoseconds % 1_000_000_000 } };
        LinuxException.ThrowIfError(Sys.timerfd_settime(_fd.Value, 0, time), "timerfd_settime");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_fd is null)
            return;
        loop.Remove(_fd);
        _fd.Dispose();
        _fd = null;
    }

    private void Expire()
    {
        Dispose();
        due();
    }
}
