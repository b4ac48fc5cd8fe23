using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runtime.Planning;
using Rundlet.Runtime.State;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary><c>mounts remove</c>: unmounts in a container that lives.</summary>
public static class RemoveMounts
{
    /// <summary>Unmounts the destinations, the last of the list first; what is in use stays for those who use it.</summary>
    /// <exception cref="ContainerException">There is no such container, it has stopped, or nothing is mounted at a destination.</exception>
    public static void Run(StateStore store, string id, IReadOnlyList<Mount> mounts)
    {
        foreach (Mount mount in mounts)
            SpecValidator.ValidateMount(mount);
        using ContainerHandle container = ContainerHandle.Open(store, id);
        Run(container, mounts);
    }

    internal static void Run(ContainerHandle container, IReadOnlyList<Mount> mounts) => LiveMounts.Run(container, seesProcesses: false, (plan, planner, root) =>
    {
        for (int i = mounts.Count - 1; i >= 0; i--)
            PlanUnmount(plan, planner, root, mounts[i].Destination);
    }, out _);

    // The way to the mount is opened beneath the root. Its name is not followed where the container has made it a link.
    private static void PlanUnmount(InitPlanBuilder plan, MountPlanner planner, PlanArg root, string destination)
    {
        string path = MountPlanner.Normal(destination);
        int slash = path.LastIndexOf('/');
        PlanSlot folder = plan.Slot();
        open_how how = new() { flags = O.PATH | O.DIRECTORY | O.CLOEXEC, resolve = RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS };
        plan.Call($"find '{destination}'", folder, SYS.openat2, root, plan.Text(slash == 0 ? "/" : path[..slash]), plan.Struct(how), 24);
        plan.Call($"enter the folder of '{destination}'", SYS.fchdir, folder);
        plan.Call($"unmount '{destination}'", SYS.umount2, plan.Text(path[(slash + 1)..]), MNT.DETACH | UMOUNT.NOFOLLOW);
        planner.Close(folder);
    }
}
