using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Linux.Systemd;
using Rundlet.Oci;
using Rundlet.Runtime.Planning;
using Rundlet.Runtime.State;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary><c>delete</c>: removes what is left of a stopped container, or of any with force.</summary>
public static class DeleteContainer
{
    /// <summary>How long a killed process may take to go, in milliseconds.</summary>
    private const int KillMilliseconds = 10_000;

    private const int LookMilliseconds = 100;

    /// <summary>Deletes. Every step is tried; all failures are told.</summary>
    /// <param name="store">The state folder.</param>
    /// <param name="id">The container.</param>
    /// <param name="force">Whether it may run, or not be there at all.</param>
    /// <param name="warn">Gets the failures of poststop hooks, a line each.</param>
    /// <exception cref="ContainerException">It is not stopped and force is false, or something is left.</exception>
    public static void Run(StateStore store, string id, bool force, Action<string>? warn = null)
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
        catch (ContainerException damaged) when (force && damaged.Kind == ContainerErrorKind.Internal)
        {
            DeleteDamaged(store, id);
            return;
        }
        using (container)
        {
            if (container.Status is ContainerStatus.Created || force)
                Kill(container);
            else if (container.Status != ContainerStatus.Stopped)
                throw new ContainerException(ContainerErrorKind.Conflict, $"cannot delete container {id} that is not stopped: {container.StatusWord}") { Hint = "kill it first, or use --force" };
            using Cgroup cgroup = container.OpenCgroup();
            cgroup.Remove(kill: true);
            if (container.State is { } state)
            {
                RdtGroup.Remove(state);
                if (state.SystemdUnit.Length > 0)
                    StopScope(state.SystemdUnit, force);
                if (state.HasHooks)
                    RunPoststop(container, state, warn);
            }
            container.Folder.Remove();
        }
    }

    // Before the folder goes: nobody can take the id while they run, and the delete after one that was killed runs them again.
    private static void RunPoststop(ContainerHandle container, SavedState state, Action<string>? warn)
    {
        try
        {
            ContainerHooks.Of(state, container.LoadSpec())?.RunPoststop(warn);
        }
        catch (Exception damaged) when (damaged is SpecFormatException or LinuxException)
        {
            warn?.Invoke($"poststop hooks of container '{container.Folder.Id}' are not known any more: {damaged.Message}");
        }
    }

    // Its cgroup is gone, so that systemd ends it by itself if it cannot be asked.
    private static void StopScope(string unit, bool force)
    {
        try
        {
            using SystemdManager manager = SystemdManager.Connect();
            manager.StopScope(unit);
        }
        catch (ContainerException) when (force)
        {
            return; // the wish is fulfilled as far as it can be
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
            using Cgroup all = container.OpenCgroup();
            WaitForEnd(process, container.State!.Pid, all, container.Folder.Id);
        }
    }

    // The first process of a pid namespace is not over before the last other one has been collected, and the parent of
    // an exec'd one is outside and may be late: who has left the cgroup by then will do no more.
    private static void WaitForEnd(OwnedFd process, int pid, Cgroup cgroup, string id)
    {
        Span<pollfd> end = [new pollfd { fd = process.Value, events = POLL.IN }];
        for (int waited = 0; waited < KillMilliseconds; waited += LookMilliseconds)
        {
            if (Sys.poll(end, LookMilliseconds) > 0 || (cgroup.IsEmpty ? HasNoMemory(pid) : cgroup.Pids().Count == 0))
                return;
        }
        throw new ContainerException(ContainerErrorKind.Unavailable, $"delete container '{id}': its first process does not end after SIGKILL");
    }

    // Without a cgroup: a process that has let go of its memory is on its way out, and has killed all others of its pid namespace
    // or is about to.
    private static bool HasNoMemory(int pid) => FileIo.TryReadText($"/proc/{pid}/statm")?.StartsWith("0 ", StringComparison.Ordinal) ?? true;

    // Without its state a container still has its cgroup, where the spec or the id says, and all its processes are in there.
    private static void DeleteDamaged(StateStore store, string id)
    {
        using ContainerFolder folder = store.Open(id);
        LinuxSpec? linux = LinuxOf(folder);
        using Cgroup cgroup = Cgroup.At(CgroupLayout.Detect(), linux?.CgroupsPath, id, bestEffort: Sys.geteuid() != 0);
        cgroup.Remove(kill: true);
        // A group that has another name is shared, and who made it is not known any more.
        if (linux?.IntelRdt is { } rdt)
            RdtGroup.Remove(new SavedState { Id = id, RdtGroup = RdtPlan.GroupOf(rdt, id), MakesRdtGroup = rdt.ClosId is null or "", HasRdtMonitor = RdtPlan.Monitors(rdt) });
        folder.Remove();
    }

    private static LinuxSpec? LinuxOf(ContainerFolder folder)
    {
        try
        {
            return SpecReader.Read(folder.LoadConfig()).Linux;
        }
        catch (Exception damaged) when (damaged is SpecFormatException or LinuxException)
        {
            return null; // the id has to do
        }
    }
}
