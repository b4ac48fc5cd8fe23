using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

internal sealed partial class ContainerPlanner
{
    // The container's own folder of each hierarchy of v1 is bound: the rest of the host's tree is never visible, and within a
    // cgroup namespace it looks like a mount of its own, which would take four times as many calls.
    private void PlanCgroupMount(Mount mount, MountOptions options)
    {
        AwaitCgroup();
        if (_inputs.Cgroups.Unified)
        {
            PlanUnifiedCgroup(mount, options);
            return;
        }
        Mount cover = new() { Destination = mount.Destination, Type = "tmpfs", Source = "tmpfs" };
        PlanSlot made = Create(cover, "tmpfs", MountOptions.Parse(["nosuid", "nodev", "noexec", "mode=755"]));
        PlanSlot target = Target($"make the mount point '{mount.Destination}'", _root, mount.Destination, folder: true, 0x1ED);
        Move($"mount tmpfs on '{mount.Destination}'", made, target);
        Close(target);
        foreach ((string folder, IReadOnlyList<string> keys, string hostPath) in _inputs.Cgroups.Hierarchies)
            PlanLegacyHierarchy(made, mount.Destination, options, folder, keys, hostPath);
        if ((options.Set & MOUNT_ATTR.RDONLY) != 0)
            SetAttributes($"make '{mount.Destination}' read-only", made, MOUNT_ATTR.RDONLY, 0, 0, recursive: false);
        Close(made);
    }

    private void PlanUnifiedCgroup(Mount mount, MountOptions options)
    {
        PlanSlot made;
        if (_inputs.Cgroups.OwnNamespace)
        {
            Mount unified = new() { Destination = mount.Destination, Type = "cgroup2", Source = "cgroup" };
            made = Create(unified, "cgroup2", options);
        }
        else
        {
            made = BindHost(_inputs.Cgroups.Hierarchies[0].HostPath, mount.Destination, options);
        }
        PlanSlot target = Target($"make the mount point '{mount.Destination}'", _root, mount.Destination, folder: true, 0x1ED);
        Move($"mount cgroup2 on '{mount.Destination}'", made, target);
        Close(target);
        Close(made);
    }

    private void PlanLegacyHierarchy(PlanSlot cover, string destination, MountOptions options, string folder, IReadOnlyList<string> keys, string hostPath)
    {
        string place = $"{destination}/{folder}";
        PlanSlot made = BindHost(hostPath, place, options);
        PlanSlot target = Target($"make the mount point '{place}'", cover, folder, folder: true, 0x1ED);
        Move($"mount cgroup on '{place}'", made, target);
        Close(target);
        Close(made);
        // Programs look for "cpu" where the host has cpu and cpuacct together.
        if (keys.Count > 1)
        {
            foreach (string key in keys)
                _plan.Call($"link '{destination}/{key}'", null, new Tolerated(Errno.EEXIST), SYS.symlinkat, _plan.Text(folder), cover, _plan.Text(key));
        }
    }

    private PlanSlot BindHost(string hostPath, string destination, MountOptions options)
    {
        PlanSlot made = _plan.Slot();
        _plan.Call($"bind '{hostPath}' for '{destination}'", made, SYS.open_tree, Sys.AT_FDCWD, _plan.Text(hostPath), (long)(MOUNT.OPEN_TREE_CLONE | MOUNT.OPEN_TREE_CLOEXEC));
        SetAttributes($"set the attributes of '{destination}'", made, options.Set, 0, MS.PRIVATE, recursive: false);
        return made;
    }
}
