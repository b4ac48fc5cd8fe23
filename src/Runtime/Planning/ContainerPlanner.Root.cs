using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Linux.Proc;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

internal sealed partial class ContainerPlanner
{
    /// <summary>
    /// Opens the root file system as a detached mount, for <see cref="PlanInputs.RootMount"/>. By the parent: to the container's user its
    /// folder may be closed.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="path">What to call it in an error.</param>
    /// <param name="propagation"><c>linux.rootfsPropagation</c>, or null.</param>
    /// <returns>Null where the caller is not root of its mount namespace: the child is, of its own, and opens with the caller's rights.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static OwnedFd? OpenRoot(OwnedFd folder, string path, string? propagation)
    {
        int opened = Sys.open_tree(folder.Value, "", MOUNT.OPEN_TREE_CLONE | (uint)(AT.EMPTY_PATH | AT.RECURSIVE));
        if (Sys.Is(opened, Errno.EPERM))
            return null;
        OwnedFd tree = OwnedFd.FromAnswer(opened, "bind rootfs", path);
        mount_attr spread = new() { propagation = FirstPropagation(propagation) };
        int answer = Sys.mount_setattr(tree.Value, "", (uint)(AT.EMPTY_PATH | AT.RECURSIVE), spread);
        if (answer < 0)
            tree.Dispose();
        LinuxException.ThrowIfError(answer, "set the propagation of rootfs", path);
        return tree;
    }

    // Nothing that is mounted may reach the host. What the host mounts may still come in, where the spec's propagation says so.
    private static ulong FirstPropagation(string? word)
    {
        (ulong type, _) = MountOptions.PropagationOf(word is { Length: > 0 } ? word : "rslave")!.Value;
        return type is MS.SHARED or MS.SLAVE ? MS.SLAVE : MS.PRIVATE;
    }

    // On its own folder, where hooks look for it. Where that is closed to the container's user, over the old root, which needs
    // no path: what is opened by an absolute path from here on is still the host's, as the process' root stays beneath.
    private void PlanRoot()
    {
        _plan.Call("keep mounts from the host", SYS.mount, 0, _plan.Text("/"), 0, (long)(FirstPropagation(_linux.RootfsPropagation) | MS.REC), 0);
        if (_inputs.RootMount is null)
        {
            _plan.Call($"bind the rootfs '{_inputs.RootPath}'", _rootSlot, SYS.open_tree, Sys.AT_FDCWD, _plan.Text(_inputs.RootPath),
                (long)(MOUNT.OPEN_TREE_CLONE | MOUNT.OPEN_TREE_CLOEXEC) | AT.RECURSIVE);
        }
        PlanLabel closed = _plan.Label();
        PlanLabel done = _plan.Label();
        const uint ByFdToPath = MOUNT.MOVE_MOUNT_F_EMPTY_PATH | MOUNT.MOVE_MOUNT_T_SYMLINKS;
        _plan.Call($"mount the rootfs '{_inputs.RootPath}'", null, new Tolerated(Errno.EACCES, closed), SYS.move_mount, _root, _empty, Sys.AT_FDCWD, _plan.Text(_inputs.RootPath), ByFdToPath);
        _plan.Jump(done);
        _plan.Place(closed);
        _plan.Call($"mount the rootfs '{_inputs.RootPath}' over the old root", SYS.move_mount, _root, _empty, Sys.AT_FDCWD, _plan.Text("/"), ByFdToPath);
        _plan.Place(done);
    }

    private void PlanPivot()
    {
        _plan.Call("enter the rootfs", SYS.fchdir, _root);
        if (_inputs.NoPivot)
            PlanChroot();
        else
            PlanPivotRoot();
        _plan.Call("enter the new root", SYS.chdir, _plan.Text("/"));
        if (_spec.Root!.Readonly)
            SetAttributes("make the root read-only", _root, MOUNT_ATTR.RDONLY, 0, 0, recursive: false);
        if (_linux.RootfsPropagation is { Length: > 0 } word)
        {
            (ulong type, bool recursive) = MountOptions.PropagationOf(word)!.Value;
            _plan.Call($"make the root {word}", SYS.mount, 0, _plan.Text("/"), 0, (long)(type | (recursive ? MS.REC : 0)), 0);
        }
    }

    private void PlanPivotRoot()
    {
        _plan.Call("pivot_root", SYS.pivot_root, _plan.Text("."), _plan.Text("."));
        _plan.Call("unmount the old root", SYS.umount2, _plan.Text("."), MNT.DETACH);
    }

    // --no-pivot, for a host that runs from an initramfs, which cannot be exchanged: the old root stays beneath the new one,
    // and whoever has CAP_SYS_CHROOT in the container can go back to it. A procfs or sysfs without masks that stays somewhere in
    // the namespace would also allow another user namespace to mount a new one without: those are taken away.
    private void PlanChroot()
    {
        foreach (MountEntry entry in MountInfo.Read())
        {
            if (entry.Type is not ("proc" or "sysfs") || entry.Root != "/")
                continue;
            if (entry.Point == "/proc" && _linux.MaskedPaths is { Count: > 0 })
                HideFromNewRoot(entry.Point); // the mask of folders, which stands there
            HideFromNewRoot(entry.Point);
        }
        // ELOOP: it is there already
        _plan.Call("move the rootfs over the old root", null, new Tolerated(Errno.ELOOP), SYS.move_mount, _root, _empty, Sys.AT_FDCWD, _plan.Text("/"), MOUNT.MOVE_MOUNT_F_EMPTY_PATH);
        _plan.Call("change the root", SYS.chroot, _plan.Text("."));
    }

    // A user namespace may not uncover what its creator's mounts cover (EINVAL); a file system of our own lies on it then.
    private void HideFromNewRoot(string point)
    {
        PlanLabel cover = _plan.Label();
        PlanLabel done = _plan.Label();
        PlanData path = _plan.Text(point);
        _plan.Call($"take the host's '{point}' away", null, new Tolerated(Errno.EINVAL, cover), new Tolerated(Errno.ENOENT, done), SYS.umount2, path, MNT.DETACH);
        _plan.Jump(done);
        _plan.Place(cover);
        PlanData tmpfs = _plan.Text("tmpfs");
        _plan.Call($"cover the host's '{point}'", null, new Tolerated(Errno.ENOENT), SYS.mount, tmpfs, path, tmpfs, (long)MS.RDONLY, _plan.Text("size=4k"));
        _plan.Place(done);
    }
}
