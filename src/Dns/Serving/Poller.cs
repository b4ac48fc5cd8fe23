using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Dns.Serving;

/// <summary>What a watched socket belongs to.</summary>
internal enum Watched : byte
{
    /// <summary>Questions by datagram.</summary>
    Datagrams,

    /// <summary>New connections.</summary>
    Listener,

    /// <summary>A client's connection.</summary>
    Connection,

    /// <summary>A question to another server.</summary>
    Forward,

    /// <summary>The time.</summary>
    Timer,
}

/// <summary>
/// epoll(7) of the resolver's own sockets, and one timer. Its fd can be read when there is something to do: whoever runs the resolver watches
/// nothing else.
/// </summary>
internal sealed class Poller : IDisposable
{
    private readonly OwnedFd _timer = OwnedFd.FromAnswer(Sys.timerfd_create(CLOCK.MONOTONIC, TFD.NONBLOCK), "timerfd_create");
    private long _due = long.MaxValue;

    /// <summary>Watches the timer.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public Poller() => Add(_timer, EPOLL.IN, Watched.Timer, 0, 0);

    /// <summary>Can be read when there is something to do.</summary>
    public OwnedFd Fd { get; } = OwnedFd.FromAnswer(Sys.epoll_create1(), "epoll_create1");

    /// <summary>Watches a socket. Closing it ends that.</summary>
    /// <param name="fd">The socket.</param>
    /// <param name="events">What for.</param>
    /// <param name="what">What it belongs to,</param>
    /// <param name="slot">which one of those,</param>
    /// <param name="generation">and which in that place: an event that comes late is known by it.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Add(OwnedFd fd, uint events, Watched what, int slot, ushort generation) => Control(EPOLL.CTL_ADD, fd, events, what, slot, generation);

    /// <summary>Watches for something else.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Change(OwnedFd fd, uint events, Watched what, int slot, ushort generation) => Control(EPOLL.CTL_MOD, fd, events, what, slot, generation);

    /// <summary>What there is to do now.</summary>
    public int Take(Span<epoll_event> events)
    {
        int count = Sys.epoll_wait(Fd.Value, events, 0);
        return Sys.Is(count, Errno.EINTR) ? 0 : LinuxException.ThrowIfError(count, "epoll_wait");
    }

    /// <summary>Takes an event apart.</summary>
    public static (Watched What, int Slot, ushort Generation) Read(epoll_event item) => ((Watched)(byte)(item.data >> 48), (int)(uint)item.data, (ushort)(item.data >> 32));

    /// <summary>Makes sure that the timer comes by a moment at the latest.</summary>
    /// <param name="at">The moment, as of <see cref="Environment.TickCount64"/>.</param>
    public void WakeBy(long at)
    {
        if (at >= _due)
            return;
        _due = at;
        long nanoseconds = Math.Max(at - Environment.TickCount64, 1) * 1_000_000L;
        itimerspec time = new() { it_value = new timespec { tv_sec = nanoseconds / 1_000_000_000, tv_nsec = nanoseconds % 1_000_000_000 } };
        LinuxException.ThrowIfError(Sys.timerfd_settime(_timer.Value, 0, time), "timerfd_settime");
    }

    /// <summary>The timer has come.</summary>
    public void Expire()
    {
        Span<byte> count = stackalloc byte[8];
        _ = Sys.read(_timer.Value, count); // ignored: that it has come is all there is to know
        _due = long.MaxValue;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        Fd.Dispose();
    }

    private void Control(uint operation, OwnedFd fd, uint events, Watched what, int slot, ushort generation) =>
        LinuxException.ThrowIfError(Sys.epoll_ctl(Fd.Value, (int)operation, fd.Value, events, (ulong)what << 48 | (ulong)generation << 32 | (uint)slot), "epoll_ctl");
}
