using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Linux.Proc;
using Rundlet.Oci;
using Rundlet.Runtime.State;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary><c>ps</c>: who is in a container, as the host numbers them.</summary>
public static class ListProcesses
{
    /// <summary>
    /// The pids in the container's cgroup and all beneath it, sorted; none for a stopped one. Without a cgroup those in its pid
    /// namespace and the descendants of its first process.
    /// </summary>
    /// <exception cref="ContainerException">There is no such container, or its cgroup cannot be read.</exception>
    public static List<int> Run(StateStore store, string id)
    {
        using ContainerHandle container = ContainerHandle.Look(store, id);
        using Cgroup cgroup = container.OpenCgroup();
        try
        {
            List<int> pids = [.. cgroup.Pids()];
            if (pids.Count == 0 && container is { Status: not (ContainerStatus.Stopped or ContainerStatus.Creating), State: { } state })
                pids = OfFirstProcess(state.Pid, OwnPidNamespace(container.LoadSpec()));
            pids.Sort();
            return pids;
        }
        catch (LinuxException refused)
        {
            throw new ContainerException(CreateContainer.KindOf(refused.Errno), $"list the processes of container '{id}'", refused);
        }
    }

    private static bool OwnPidNamespace(Spec spec)
    {
        foreach (Namespace item in spec.Linux?.Namespaces ?? [])
        {
            if (item.Type == "pid")
                return string.IsNullOrEmpty(item.Path);
        }
        return false;
    }

    // A process that was executed there is a child of the caller of exec, and found by its namespace; a descendant that made a pid
    // namespace of its own is found by its parents.
    private static List<int> OfFirstProcess(int first, bool byNamespace)
    {
        Dictionary<int, int> parents = [];
        foreach (string name in FolderList.FoldersIn("/proc"))
        {
            if (int.TryParse(name, out int pid) && ProcStat.TryRead(pid) is { } stat)
                parents[pid] = stat.ParentPid;
        }
        ulong wanted = byNamespace ? NamespaceOf(first) : 0;
        HashSet<int> members = [];
        foreach (int pid in parents.Keys)
        {
            if (pid == first || (wanted != 0 && NamespaceOf(pid) == wanted))
                members.Add(pid);
        }
        List<int> found = [];
        foreach (int pid in parents.Keys)
        {
            // Bounded: the table is no snapshot, and a pid that came back might close a circle.
            int at = pid;
            for (int steps = 0; steps < parents.Count && at > 0 && !members.Contains(at); steps++)
                at = parents.GetValueOrDefault(at);
            if (members.Contains(at))
                found.Add(pid);
        }
        return found;
    }

    // 0 where it is gone, or another user's.
    private static ulong NamespaceOf(int pid) => Sys.statx(Sys.AT_FDCWD, $"/proc/{pid}/ns/pid", 0, STATX.INO, out statx_t file) == 0 ? file.stx_ino : 0;
}
