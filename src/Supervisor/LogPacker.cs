using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>
/// The child that compresses rotated files, one at a time: it packs every file that it finds, so one that it missed, or did not get done
/// before it was killed, is packed after the next rotation. A program of its own, because an idle supervisor would pay for the code of gzip.
/// </summary>
internal sealed class LogPacker(LogConfig config) : IDisposable
{
    private OwnedFd? _child;

    /// <summary>Starts it, unless it is at work still.</summary>
    public void Start()
    {
        if (config.Packer is not { } program || IsRunning())
            return;
        Stop();
        ReadOnlySpan<Spawn.FdMapping> nothing = [new(0, 0), new(1, 1), new(2, 2)];
        int pid = Spawn.Start(program, ["rundlet", "--pack-log", config.Path], [], nothing, newSession: false);
        int pidfd = pid < 0 ? pid : Sys.pidfd_open(pid);
        if (pidfd >= 0) // else: the files stay as they are, which costs room and nothing else
            _child = new OwnedFd(pidfd);
    }

    /// <summary>Kills it and waits for its end: whoever removes the folder must be alone in it.</summary>
    public void Dispose()
    {
        if (_child is not null && IsRunning())
            _ = Sys.pidfd_send_signal(_child.Value, SIG.KILL); // ignored: it has ended
        Stop();
    }

    private bool IsRunning() => _child is not null && Sys.poll([new pollfd { fd = _child.Value, events = POLL.IN }], 0) == 0;

    private void Stop()
    {
        if (_child is null)
            return;
        int answer;
        do
            answer = Sys.waitid(P.PIDFD, _child.Value, out _, W.EXITED); // ECHILD: reaped with all others
        while (Sys.Is(answer, Errno.EINTR));
        _child.Dispose();
        _child = null;
    }
}
