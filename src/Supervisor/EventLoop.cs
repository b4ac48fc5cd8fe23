using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>
/// epoll(7), level-triggered, and one handler an fd. The only place where the supervisor waits once its container exists:
/// nothing is ever due by itself, so an idle supervisor sleeps without an end.
/// </summary>
internal sealed class EventLoop : IDisposable
{
    private readonly OwnedFd _epoll = OwnedFd.FromAnswer(Sys.epoll_create1(), "epoll_create1");
    private Action<uint>?[] _handlers = new Action<uint>?[32];
    private uint[] _generations = new uint[32];
    private bool _stopped;

    /// <summary>Watches an fd. <see cref="EPOLL.HUP"/> and <see cref="EPOLL.ERR"/> are always reported.</summary>
    public void Add(OwnedFd fd, uint events, Action<uint> handler)
    {
        int number = fd.Value;
        if (number >= _handlers.Length)
        {
            Array.Resize(ref _handlers, Math.Max(number + 1, 2 * _handlers.Length));
            Array.Resize(ref _generations, _handlers.Length);
        }
        _generations[number]++;
        Control(EPOLL.CTL_ADD, number, events);
        _handlers[number] = handler;
    }

    /// <summary>Changes what is watched for.</summary>
    public void Change(OwnedFd fd, uint events) => Control(EPOLL.CTL_MOD, fd.Value, events);

    /// <summary>Ends the watch, before the fd is closed. What was reported for it already is dropped.</summary>
    public void Remove(OwnedFd fd)
    {
        int number = fd.Value;
        if (number >= _handlers.Length || _handlers[number] is null)
            return;
        Control(EPOLL.CTL_DEL, number, 0);
        _handlers[number] = null;
    }

    /// <summary>Whether the fd is watched.</summary>
    public bool Watches(OwnedFd fd) => fd.Value < _handlers.Length && _handlers[fd.Value] is not null;

    /// <summary>Calls handlers until one calls <see cref="Stop"/>.</summary>
    public void Run()
    {
        Span<epoll_event> events = stackalloc epoll_event[16];
        _stopped = false;
        while (!_stopped)
        {
            int count = Sys.epoll_wait(_epoll.Value, events, -1);
            if (Sys.Is(count, Errno.EINTR))
                continue;
            LinuxException.ThrowIfError(count, "epoll_wait");
            foreach (epoll_event item in events[..count])
            {
                int fd = (int)(uint)item.data;
                // A handler before this one may have closed the fd, and another may have been opened under its number.
                if (_handlers[fd] is { } handler && _generations[fd] == (uint)(item.data >> 32))
                    handler(item.events);
                if (_stopped)
                    return;
            }
        }
    }

    /// <summary>Makes <see cref="Run"/> come back after the handler that calls it.</summary>
    public void Stop() => _stopped = true;

    /// <inheritdoc/>
    public void Dispose() => _epoll.Dispose();

    private void Control(uint operation, int fd, uint events) =>
        LinuxException.ThrowIfError(Sys.epoll_ctl(_epoll.Value, (int)operation, fd, events, (ulong)_generations[fd] << 32 | (uint)fd), "epoll_ctl");
}
