using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary>A container that was restored and runs.</summary>
/// <param name="pid">The pid of its first process.</param>
/// <param name="pidfd">A pidfd of it, to be owned.</param>
public sealed class RestoredContainer(int pid, OwnedFd pidfd) : IDisposable
{
    /// <summary>The pid of its first process.</summary>
    public int Pid => pid;

    /// <summary>A pidfd of it.</summary>
    public OwnedFd Pidfd => pidfd;

    /// <summary>Closes the pidfd; the container lives on.</summary>
    public void Dispose() => pidfd.Dispose();

    /// <summary>Kills the first process.</summary>
    internal void Kill() => _ = Sys.pidfd_send_signal(pidfd.Value, SIG.KILL); // ignored: it may be gone already
}
