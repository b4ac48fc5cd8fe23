using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Runtime.State;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary><c>resume</c>: lets a paused container go on.</summary>
public static class ResumeContainer
{
    /// <summary>Resumes.</summary>
    /// <exception cref="ContainerException"><c>Conflict</c>: it is not paused.</exception>
    public static void Run(StateStore store, string id)
    {
        using ContainerHandle container = ContainerHandle.Open(store, id);
        if (container.Status != ContainerStatus.Paused)
            throw new ContainerException(ContainerErrorKind.Conflict, $"container not paused: '{id}'");
        using Cgroup cgroup = container.OpenCgroup();
        try
        {
            cgroup.Thaw();
        }
        catch (LinuxException refused)
        {
            throw new ContainerException(CreateContainer.KindOf(refused.Errno), $"resume container '{id}'", refused);
        }
    }
}
