using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Runtime.State;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary><c>pause</c>: stops every process of a container where it is, through its cgroup.</summary>
public static class PauseContainer
{
    /// <summary>Pauses, and waits until every process stands still.</summary>
    /// <exception cref="ContainerException">
    /// <c>Conflict</c>: it does not run, or is paused already. <c>Unavailable</c>: a process did not stop in time; all run again.
    /// </exception>
    public static void Run(StateStore store, string id)
    {
        using ContainerHandle container = ContainerHandle.Open(store, id);
        if (container.Status == ContainerStatus.Paused)
            throw new ContainerException(ContainerErrorKind.Conflict, $"container not running: '{id}' is paused");
        if (container.Status is not (ContainerStatus.Running or ContainerStatus.Created))
            throw new ContainerException(ContainerErrorKind.Conflict, $"container not running: '{id}'");
        using Cgroup cgroup = container.OpenCgroup();
        try
        {
            cgroup.Freeze();
        }
        catch (LinuxException refused)
        {
            throw new ContainerException(CreateContainer.KindOf(refused.Errno), $"pause container '{id}'", refused);
        }
    }
}
