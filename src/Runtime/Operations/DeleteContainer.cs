using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Runtime.State;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary><c>delete</c>: removes what is left of a stopped container, or of any with force.</summary>
public static class DeleteContainer
{
    /// <summary>How long a killed process may take to go, in milliseconds.</summary>
    private const int KillMilliseconds = 10_000;

    /// <summary>Deletes. Every step is tried; all failures are told.</summary>
    /// <exception cref="ContainerException">It is not stopped and force is false, or something is left.</exception>
    public static void Run(StateStore store, string id, bool force)
    {
        ContainerHandle container;
        try
        {
            container = ContainerHandle.Open(store, id);
        }
        catch (ContainerException missing) when (force && missing.Kind == ContainerErrorKind.NotFound)
        {
            return; // the wish is fulfilled
        }
        using (container)
        {
            if (container.Status is ContainerStatus.Created || force)
                Kill(container);
            else if (container.Status != ContainerStatus.Stopped)
                throw new ContainerException(ContainerErrorKind.Conflict, $"cannot delete container {id} that is not stopped: {container.StatusWord}") { Hint = "kill it first, or use --force" };
            using Cgroup cgroup = container.OpenCgroup();
            cgroup.Remove(kill: true);
            container.Folder.Remove();
        }
    }

    private static void Kill(ContainerHandle container)
    {
        if (container.Status is ContainerStatus.Stopped)
            return;
        OwnedFd process;
        try
        {
            process = container.OpenProcess();
        }
        catch (ContainerException gone) when (gone.Kind == ContainerErrorKind.Conflict)
        {
            return;
        }
        using (process)
        {
            _ = Sys.pidfd_send_signal(process.Value, SIG.KILL); // ignored: it may be gone meanwhile; the wait below decides
            if (container.Status == ContainerStatus.Paused)
            {
                using Cgroup cgroup = container.OpenCgroup();
                cgroup.Thaw();
            }
            Span<pollfd> end = [new pollfd { fd = process.Value, events = POLL.IN }];
            if (Sys.poll(end, KillMilliseconds) == 0)
                throw new ContainerException(ContainerErrorKind.Unavailable, $"delete container '{container.Folder.Id}': its first process does not end after SIGKILL");
        }
    }
}
