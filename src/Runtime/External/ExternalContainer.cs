using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>What another runtime has made: its first process is a child of the caller and waits for its start.</summary>
public sealed class ExternalContainer : IDisposable
{
    /// <summary>The pid of its first process.</summary>
    public required int Pid { get; init; }

    /// <summary>A pidfd of it.</summary>
    public required OwnedFd Pidfd { get; init; }

    /// <summary>Its cgroup, in the hierarchies where it has one of its own.</summary>
    public required Cgroup Cgroup { get; init; }

    /// <summary>The master side of its terminal, with <c>process.terminal</c>.</summary>
    public OwnedFd? Terminal { get; internal set; }

    /// <summary>Kills its first process and reaps it.</summary>
    public void Kill()
    {
        _ = Sys.pidfd_send_signal(Pidfd.Value, SIG.KILL); // ignored: it may be gone already
        int answer;
        do
            answer = Sys.waitid(P.PIDFD, Pidfd.Value, out _, W.EXITED);
        while (Sys.Is(answer, Errno.EINTR));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Terminal?.Dispose();
        Pidfd.Dispose();
        Cgroup.Dispose();
    }
}
