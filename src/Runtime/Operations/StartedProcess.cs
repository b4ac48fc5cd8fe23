using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>A process that was started in a running container; a child of the caller.</summary>
public sealed class StartedProcess : IDisposable
{
    /// <summary>Its pid on the host.</summary>
    public required int Pid { get; init; }

    /// <summary>A pidfd of it.</summary>
    public required OwnedFd Pidfd { get; init; }

    /// <summary>The master side of its terminal, with <c>process.terminal</c>.</summary>
    public OwnedFd? Terminal { get; init; }

    /// <summary>Kills it and waits for its end: for one that is not wanted after all.</summary>
    public void Abandon()
    {
        _ = Sys.pidfd_send_signal(Pidfd.Value, SIG.KILL); // ignored: it may have ended by itself
        int answer;
        do
            answer = Sys.waitid(P.PIDFD, Pidfd.Value, out _, W.EXITED);
        while (Sys.Is(answer, Errno.EINTR));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Pidfd.Dispose();
        Terminal?.Dispose();
    }
}
