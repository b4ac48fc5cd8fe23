using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runtime.Planning;
using Rundlet.Runtime.State;

namespace Rundlet.Runtime;

/// <summary><c>mounts add</c>: mounts in a container that lives, by the same rules as at its creation. As crun has it.</summary>
public static class AddMounts
{
    /// <summary>Mounts in the listed order; where one fails, those before it are taken away again.</summary>
    /// <exception cref="ContainerException">There is no such container, it has stopped, or a mount is impossible.</exception>
    public static void Run(StateStore store, string id, IReadOnlyList<Mount> mounts)
    {
        bool procfs = false;
        foreach (Mount mount in mounts)
        {
            SpecValidator.ValidateMount(mount);
            procfs |= mount.Type == "proc";
            if (mount.Type is "cgroup" or "cgroup2" && !MountOptions.Parse(mount.Options).Bind)
                throw new ContainerException(ContainerErrorKind.Unsupported, $"mounts: '{mount.Type}' on '{mount.Destination}' can only be mounted when a container is made");
        }
        using ContainerHandle container = ContainerHandle.Open(store, id);
        List<int> ends = [];
        int failed = -1;
        try
        {
            LiveMounts.Run(container, procfs, (plan, planner, _) =>
            {
                foreach (Mount mount in mounts)
                {
                    planner.Add(mount, MountOptions.Parse(mount.Options));
                    ends.Add(plan.Count);
                }
            }, out failed);
        }
        catch when (failed >= 0)
        {
            TakeBack(container, mounts, ends, failed);
            throw;
        }
    }

    private static void TakeBack(ContainerHandle container, IReadOnlyList<Mount> mounts, List<int> ends, int failed)
    {
        List<Mount> done = [];
        for (int i = 0; i < mounts.Count; i++)
        {
            if (ends[i] <= failed && !MountOptions.Parse(mounts[i].Options).Remount)
                done.Add(mounts[i]);
        }
        try
        {
            RemoveMounts.Run(container, done);
        }
        catch (ContainerException left)
        {
            _ = left; // ignored: the failure that led here is the one to tell
        }
    }
}
