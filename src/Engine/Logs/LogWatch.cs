using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Logs;

/// <summary>Waits until a log may have grown or its container may have ended: inotify(7) on its folder, or the journal's fd, and the supervisor's pidfd.</summary>
internal sealed class LogWatch : IDisposable
{
    private readonly OwnedFd _notify;
    private readonly OwnedFd _canceled;
    private readonly int _journal;
    private OwnedFd? _supervisor;
    private int _supervisorPid;

    /// <param name="paths">Where containers lie.</param>
    /// <param name="id">The container.</param>
    /// <param name="journal">An fd that becomes readable when the journal grows; -1 for none.</param>
    public LogWatch(EnginePaths paths, string id, int journal = -1)
    {
        _journal = journal;
        _notify = OwnedFd.FromAnswer(Sys.inotify_init1(O.NONBLOCK), "inotify_init1");
        _canceled = OwnedFd.FromAnswer(Sys.eventfd2(0, 0), "eventfd2");
        int answer = Sys.inotify_add_watch(_notify.Value, paths.Container(id), IN.MODIFY | IN.CREATE | IN.MOVED_TO | IN.DELETE | IN.DELETE_SELF);
        if (!Sys.Is(answer, Errno.ENOENT)) // removed: the one who asks sees that it has ended
            LinuxException.ThrowIfError(answer, "inotify_add_watch", paths.Container(id));
    }

    /// <summary>Waits.</summary>
    /// <param name="state">The running container; null when it does not run.</param>
    /// <param name="milliseconds">How long at most; -1 without an end.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public void Wait(ContainerRuntimeState? state, int milliseconds, CancellationToken cancellation)
    {
        LookAt(state?.SupervisorPid ?? 0);
        using CancellationTokenRegistration registration = cancellation.UnsafeRegister(
            static fd => Sys.write(((OwnedFd)fd!).Value, BitConverter.GetBytes(1UL)), _canceled);
        Span<pollfd> fds =
        [
            new pollfd { fd = _notify.Value, events = POLL.IN },
            new pollfd { fd = _canceled.Value, events = POLL.IN },
            new pollfd { fd = _supervisor?.Value ?? -1, events = POLL.IN },
            new pollfd { fd = _journal, events = POLL.IN },
        ];
        int answer = Sys.poll(fds, milliseconds);
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

    // A container that was started again has another one.
    private void LookAt(int pid)
    {
        if (pid == _supervisorPid)
            return;
        _supervisor?.Dispose();
        int answer = pid == 0 ? -1 : Sys.pidfd_open(pid);
        _supervisor = answer >= 0 ? new OwnedFd(answer) : null;
        _supervisorPid = pid;
    }
}
