namespace Rundlet.Syscalls;

public static unsafe partial class Sys
{
    /// <summary>epoll_create1(2); always with <c>EPOLL_CLOEXEC</c>.</summary>
    public static int epoll_create1() => (int)Call(SYS.epoll_create1, O.CLOEXEC);

    /// <summary>epoll_ctl(2).</summary>
    public static int epoll_ctl(int epoll, int operation, int fd, uint events, ulong data)
    {
        epoll_event change = new() { events = events, data = data };
        return (int)Call(SYS.epoll_ctl, epoll, operation, fd, (nint)(&change));
    }

    /// <summary>epoll_pwait(2); -1 ms waits for ever.</summary>
    public static int epoll_wait(int epoll, Span<epoll_event> events, int milliseconds)
    {
        fixed (epoll_event* e = events)
            return (int)Call(SYS.epoll_pwait, epoll, (nint)e, events.Length, milliseconds, 0, 8);
    }

    /// <summary>ppoll(2); a negative number of milliseconds waits for ever.</summary>
    public static int poll(Span<pollfd> fds, int milliseconds)
    {
        timespec limit = new() { tv_sec = milliseconds / 1000, tv_nsec = milliseconds % 1000 * 1_000_000L };
        fixed (pollfd* f = fds)
            return (int)Call(SYS.ppoll, (nint)f, fds.Length, milliseconds < 0 ? 0 : (nint)(&limit), 0, 8);
    }

    /// <summary>eventfd2(2); always with <c>EFD_CLOEXEC</c>.</summary>
    public static int eventfd2(uint initial, int flags) => (int)Call(SYS.eventfd2, (nint)initial, flags | O.CLOEXEC);

    /// <summary>timerfd_create(2); always with <c>TFD_CLOEXEC</c>.</summary>
    public static int timerfd_create(int clock, int flags) => (int)Call(SYS.timerfd_create, clock, flags | O.CLOEXEC);

    /// <summary>timerfd_settime(2).</summary>
    public static int timerfd_settime(int fd, int flags, in itimerspec time)
    {
        fixed (itimerspec* t = &time)
            return (int)Call(SYS.timerfd_settime, fd, flags, (nint)t, 0);
    }

    /// <summary>inotify_init1(2); always with <c>IN_CLOEXEC</c>.</summary>
    public static int inotify_init1(int flags) => (int)Call(SYS.inotify_init1, flags | O.CLOEXEC);

    /// <summary>inotify_add_watch(2).</summary>
    public static int inotify_add_watch(int fd, CString path, uint mask)
    {
        fixed (byte* p = path)
            return (int)Call(SYS.inotify_add_watch, fd, (nint)p, (nint)mask);
    }
}
