using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Oci;
using Rundlet.Runtime.Planning;
using Rundlet.Runtime.State;
using Rundlet.Syscalls;

namespace Rundlet.Runtime;

/// <summary><c>update</c>: other limits for a container that exists. Either all of them hold afterwards, or none.</summary>
public static class UpdateContainer
{
    /// <summary>Updates, and keeps the new limits in the state folder's spec.</summary>
    /// <param name="store">The state folder.</param>
    /// <param name="id">The container.</param>
    /// <param name="changes">What to change; what is absent, or zero where zero is no limit, stays as it is.</param>
    /// <param name="rdt">What to change of the share of cache and memory bandwidth; null for nothing.</param>
    /// <exception cref="ContainerException">It does not run, or a limit was refused: then all are as they were.</exception>
    public static void Run(StateStore store, string id, Resources changes, IntelRdt? rdt = null)
    {
        using ContainerHandle container = ContainerHandle.Open(store, id);
        if (container.Status is ContainerStatus.Stopped or ContainerStatus.Creating)
            throw new ContainerException(ContainerErrorKind.Conflict, $"container not running: '{id}'");
        try
        {
            Update(container, changes, rdt);
        }
        catch (LinuxException refused)
        {
            throw new ContainerException(CreateContainer.KindOf(refused.Errno), $"update container '{id}'", refused);
        }
    }

    /// <summary>Limits with changes on top: what is absent in the changes, or zero where zero is no limit, stays as it is.</summary>
    public static Resources Merge(Resources? before, Resources changes) => ResourceMerge.Of(before, changes);

    /// <summary>Writes limits to the cgroup of a container whose spec the caller keeps. Device rules stay as they are.</summary>
    /// <param name="cgroup">The cgroup.</param>
    /// <param name="name">What to call the container in an error.</param>
    /// <param name="before">The limits until now.</param>
    /// <param name="after">The limits from now on, all of them.</param>
    /// <returns>The change: taken back when it is disposed, unless it was kept.</returns>
    /// <exception cref="ContainerException">A limit was refused: then all are as they were.</exception>
    public static CgroupChange Change(Cgroup cgroup, string name, Resources before, Resources after)
    {
        bool bestEffort = Sys.geteuid() != 0;
        CgroupSettings settings = CgroupPlan.SettingsOf(after, bestEffort);
        settings.Devices = null;
        try
        {
            return cgroup.Change(settings, CgroupPlan.SettingsOf(before, bestEffort));
        }
        catch (ContainerException refused)
        {
            throw new ContainerException(refused.Kind, $"update container '{name}'", refused);
        }
        catch (LinuxException refused)
        {
            throw new ContainerException(CreateContainer.KindOf(refused.Errno), $"update container '{name}'", refused);
        }
    }

    private static void Update(ContainerHandle container, Resources changes, IntelRdt? rdt)
    {
        bool bestEffort = Sys.geteuid() != 0;
        Spec spec = container.LoadSpec();
        LinuxSpec linux = spec.Linux ??= new LinuxSpec();
        Resources merged = ResourceMerge.Of(linux.Resources, changes);
        LiftSwapWithMemory(changes.Memory, merged.Memory);
        CgroupSettings before = CgroupPlan.SettingsOf(linux.Resources, bestEffort);
        CgroupSettings settings = CgroupPlan.SettingsOf(changes, bestEffort);
        if (settings.Memory is { } memory && (memory.Limit is not null || memory.Swap is not null))
            (memory.Limit, memory.Swap) = (merged.Memory?.Limit, merged.Memory?.Swap); // the two bound each other, and v2 needs both to say one
        if (settings.Memory is not null)
            settings.Memory.CheckBeforeUpdate = merged.Memory?.CheckBeforeUpdate ?? false;
        if (SameRules(before.Devices, settings.Devices))
            settings.Devices = null; // v1 forgets all rules for a moment while they are written
        using Cgroup cgroup = container.OpenCgroup();
        using SystemdChange? unit = SystemdChange.Make(container.State!.SystemdUnit, settings, before);
        using CgroupChange change = cgroup.Change(settings, before);
        using RdtChange? share = RdtChange.Make(container, linux, rdt, cgroup);
        linux.Resources = merged;
        container.Folder.SaveConfig(SpecWriter.ToBytes(spec));
        change.Keep();
        unit?.Keep();
        share?.Keep();
    }

    // Without a limit of memory there is none of memory and swap together, unless one is asked for by name.
    private static void LiftSwapWithMemory(MemoryResources? changes, MemoryResources? merged)
    {
        if (changes is { Limit: -1, Swap: null or 0 } && merged is not null)
            merged.Swap = -1;
    }

    private static bool SameRules(IReadOnlyList<DeviceAccessRule>? before, IReadOnlyList<DeviceAccessRule>? wanted)
    {
        if (before is null || wanted is null || before.Count != wanted.Count)
            return false;
        for (int i = 0; i < before.Count; i++)
        {
            if (before[i] != wanted[i])
                return false;
        }
        return true;
    }
}
