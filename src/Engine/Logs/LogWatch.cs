using Rundlet.Engine.Lifecycle;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Logs;

/// <summary>Waits until a log may have grown or its container may have ended: inotify(7) on both folders, and the supervisor's pidfd.</summary>
internal sealed class LogWatch : IDisposable
{
    private readonly OwnedFd _notify;
    private readonly OwnedFd? _supervisor;
    private readonly OwnedFd _canceled;

    public LogWatch(EnginePaths paths, string id, ContainerRuntimeState? state)
    {
        _notify = OwnedFd.FromAnswer(Sys.inotify_init1(O.NONBLOCK), "inotify_init1");
        _canceled = OwnedFd.FromAnswer(Sys.eventfd2(0, 0), "eventfd2");
        LinuxException.ThrowIfError(Sys.inotify_add_watch(_notify.Value, paths.Container(id), IN.MODIFY | IN.CREATE | IN.MOVED_TO | IN.DELETE_SELF), "inotify_add_watch", paths.Container(id));
        int answer = state is null ? -1 : Sys.pidfd_open(state.SupervisorPid);
        _supervisor = answer >= 0 ? new OwnedFd(answer) : null;
    }

    /// <summary>Waits.</summary>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public void Wait(CancellationToken cancellation)
    {
        using CancellationTokenRegistration registration = cancellation.UnsafeRegister(
            static fd => Sys.write(((OwnedFd)fd!).Value, BitConverter.GetBytes(1UL)), _canceled);
        Span<pollfd> fds =
        [
            new pollfd { fd = _notify.Value, events = POLL.IN },
            new pollfd { fd = _canceled.Value, events = POLL.IN },
            new pollfd { fd = _supervisor?.Value ?? -1, events = POLL.IN },
        ];
        int answer = Sys.poll(fds, -1);
        cancellation.ThrowIfCancellationRequested();
        if (!Sys.Is(answer, Errno.EINTR))
            LinuxException.ThrowIfError(answer, "poll");
        Span<byte> events = stackalloc byte[4096];
        while (Sys.read(_notify.Value, events) > 0)
        {
            // what happened does not matter: the reader looks itself
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _notify.Dispose();
        _canceled.Dispose();
        _supervisor?.Dispose();
    }
}
