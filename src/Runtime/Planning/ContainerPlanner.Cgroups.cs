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
        PlanSlot made = PlanCover(mount.Destination);
        foreach ((string folder, IReadOnlyList<string> keys, string hostPath) in _inputs.Cgroups.Hierarchies)
            PlanLegacyHierarchy(made, mount.Destination, options, folder, keys, hostPath);
        if ((options.Set & MOUNT_ATTR.RDONLY) != 0)
            SetAttributes($"make '{mount.Destination}' read-only", made, MOUNT_ATTR.RDONLY, 0, 0, recursive: false);
        Close(made);
    }

    private void PlanUnifiedCgroup(Mount mount, MountOptions options)
    {
        if (_inputs.Cgroups.OwnNamespace)
        {
            Mount unified = new() { Destination = mount.Destination, Type = "cgroup2", Source = "cgroup" };
            PlanSlot own = Create(unified, "cgroup2", options);
            MoveOn(mount.Destination, "cgroup2", own);
            Close(own);
            return;
        }
        PlanLabel missing = _plan.Label();
        PlanSlot made = BindHost(_inputs.Cgroups.Hierarchies[0].HostPath, mount.Destination, options, missing);
        MoveOn(mount.Destination, "cgroup2", made);
        Close(made);
        if (!_inputs.Cgroups.MayLack)
            return;
        // With no cgroup of its own it sees none: where /sys is the host's, what is there is the host's too.
        PlanLabel done = _plan.Label();
        _plan.Jump(done);
        _plan.Place(missing);
        PlanSlot cover = PlanCover(mount.Destination);
        SetAttributes($"make '{mount.Destination}' read-only", cover, MOUNT_ATTR.RDONLY, 0, 0, recursive: false);
        Close(cover);
        _plan.Place(done);
    }

    private PlanSlot PlanCover(string destination)
    {
        Mount cover = new() { Destination = destination, Type = "tmpfs", Source = "tmpfs" };
        PlanSlot made = Create(cover, "tmpfs", MountOptions.Parse(["nosuid", "nodev", "noexec", "mode=755"]));
        MoveOn(destination, "tmpfs", made);
        return made;
    }

    private void MoveOn(string destination, string type, PlanSlot made)
    {
        PlanSlot target = Target($"make the mount point '{destination}'", _root, destination, folder: true, 0x1ED);
        Move($"mount {type} on '{destination}'", made, target);
        Close(target);
    }

    private void PlanLegacyHierarchy(PlanSlot cover, string destination, MountOptions options, string folder, IReadOnlyList<string> keys, string hostPath)
    {
        string place = $"{destination}/{folder}";
        PlanLabel missing = _plan.Label();
        PlanSlot made = BindHost(hostPath, place, options, missing);
        // By name: in a tmpfs that was just made nobody has put a link.
        PlanData name = _plan.Text(folder);
        _plan.Call($"make the mount point '{place}'", null, new Tolerated(Errno.EEXIST), SYS.mkdirat, cover, name, 0x1ED);
        _plan.Call($"mount cgroup on '{place}'", SYS.move_mount, made, _empty, cover, name, MOUNT.MOVE_MOUNT_F_EMPTY_PATH);
        Close(made);
        // Programs look for "cpu" where the host has cpu and cpuacct together.
        if (keys.Count > 1)
        {
            foreach (string key in keys)
                _plan.Call($"link '{destination}/{key}'", null, new Tolerated(Errno.EEXIST), SYS.symlinkat, _plan.Text(folder), cover, _plan.Text(key));
        }
        _plan.Place(missing);
    }

    private PlanSlot BindHost(string hostPath, string destination, MountOptions options, PlanLabel missing)
    {
        PlanSlot made = _plan.Slot();
        Tolerated? absent = _inputs.Cgroups.MayLack ? new Tolerated(Errno.ENOENT, missing) : null;
        _plan.Add(
            $"bind '{hostPath}' for '{destination}'", OpCode.SystemCall, made, SYS.open_tree, absent, null,
            [Sys.AT_FDCWD, _plan.Text(hostPath), (long)(MOUNT.OPEN_TREE_CLONE | MOUNT.OPEN_TREE_CLOEXEC)]);
        SetAttributes($"set the attributes of '{destination}'", made, options.Set, 0, MS.PRIVATE, recursive: false);
        return made;
    }
}
