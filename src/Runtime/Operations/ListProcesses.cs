using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Runtime.State;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary><c>ps</c>: who is in a container, as the host numbers them.</summary>
public static class ListProcesses
{
    /// <summary>The pids in the container's cgroup and all beneath it, sorted; none for a stopped one.</summary>
    /// <exception cref="ContainerException">There is no such container, or its cgroup cannot be read.</exception>
    public static List<int> Run(StateStore store, string id)
    {
        using ContainerHandle container = ContainerHandle.Look(store, id);
        using Cgroup cgroup = container.OpenCgroup();
        if (cgroup.IsEmpty)
            throw new ContainerException(ContainerErrorKind.Unsupported, $"list the processes of container '{id}': it has no cgroup");
        try
        {
            List<int> pids = [.. cgroup.Pids()];
            pids.Sort();
            return pids;
        }
        catch (LinuxException refused)
        {
            throw new ContainerException(CreateContainer.KindOf(refused.Errno), $"list the processes of container '{id}'", refused);
        }
    }
}
