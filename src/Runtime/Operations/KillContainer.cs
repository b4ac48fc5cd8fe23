using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Runtime.State;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary><c>kill</c>: a signal for a container's first process, or for all of them.</summary>
public static class KillContainer
{
    /// <summary>Sends the signal.</summary>
    /// <param name="store">The state folder.</param>
    /// <param name="id">The container.</param>
    /// <param name="signal">1 to 64, or 0 to ask whether it runs.</param>
    /// <param name="all">Whether every process of the container gets it; needed where it shares its pid namespace.</param>
    /// <exception cref="ContainerException">It is not running.</exception>
    public static void Run(StateStore store, string id, int signal, bool all)
    {
        using ContainerHandle container = ContainerHandle.Look(store, id);
        if (all)
        {
            using Cgroup every = container.OpenCgroup();
            if (!every.IsEmpty) // without a cgroup the first process stands for all
            {
                SignalAll(container, every, signal);
                return;
            }
        }
        using OwnedFd process = container.OpenProcess();
        int answer = Sys.pidfd_send_signal(process.Value, signal);
        if (Sys.Is(answer, Errno.ESRCH))
            throw new ContainerException(ContainerErrorKind.Conflict, $"container not running: '{id}'");
        LinuxException.ThrowIfError(answer, "send a signal to container", id);
        // A frozen process would die only when somebody thaws it.
        if (signal == SIG.KILL && container.Status == ContainerStatus.Paused)
        {
            using Cgroup cgroup = container.OpenCgroup();
            cgroup.Thaw();
        }
    }

    private static void SignalAll(ContainerHandle container, Cgroup cgroup, int signal)
    {
        if (container.Status == ContainerStatus.Stopped && cgroup.Pids().Count == 0)
            throw new ContainerException(ContainerErrorKind.Conflict, $"container not running: '{container.Folder.Id}'");
        if (signal == SIG.KILL)
            cgroup.Kill();
        else
            cgroup.Signal(signal);
    }
}
