using Rundlet.Init;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

internal sealed partial class ContainerPlanner
{
    private const uint MoveByFds = MOUNT.MOVE_MOUNT_F_EMPTY_PATH | MOUNT.MOVE_MOUNT_T_EMPTY_PATH;

    private void PlanRoot()
    {
        // Nothing that is mounted from here on may reach the host. What the host mounts may still come in, where the
        // spec's propagation says so.
        (ulong type, _) = MountOptions.PropagationOf(_linux.RootfsPropagation is { Length: > 0 } word ? word : "rslave")!.Value;
        ulong before = type is MS.SHARED or MS.SLAVE ? MS.SLAVE : MS.PRIVATE;
        _plan.Call("keep mounts from the host", SYS.mount, 0, _plan.Text("/"), 0, (long)(before | MS.REC), 0);
        // By path and in the child: a folder that the parent opened lies in another mount namespace by now.
        PlanSlot folder = _plan.Slot();
        _plan.Call($"open the rootfs '{_inputs.RootPath}'", folder, SYS.openat, Sys.AT_FDCWD, _plan.Text(_inputs.RootPath), (long)(O.PATH | O.DIRECTORY | O.CLOEXEC));
        if (_inputs.RootMount is { } mount)
        {
            _plan.Call("duplicate the root file system", _root, SYS.fcntl, mount.Value, F.DUPFD_CLOEXEC, 3);
        }
        else
        {
            _plan.Call($"bind the rootfs '{_inputs.RootPath}'", _root, SYS.open_tree, folder, _empty,
                (long)(MOUNT.OPEN_TREE_CLONE | MOUNT.OPEN_TREE_CLOEXEC) | AT.RECURSIVE | AT.EMPTY_PATH);
        }
        Move($"mount the rootfs '{_inputs.RootPath}'", _root, folder);
        Close(folder);
    }

    private void PlanPivot()
    {
        _plan.Call("enter the rootfs", SYS.fchdir, _root);
        _plan.Call("pivot_root", SYS.pivot_root, _plan.Text("."), _plan.Text("."));
        _plan.Call("unmount the old root", SYS.umount2, _plan.Text("."), MNT.DETACH);
        _plan.Call("enter the new root", SYS.chdir, _plan.Text("/"));
        if (_spec.Root!.Readonly)
            SetAttributes("make the root read-only", _root, MOUNT_ATTR.RDONLY, 0, 0, recursive: false);
        if (_linux.RootfsPropagation is { Length: > 0 } word)
        {
            (ulong type, bool recursive) = MountOptions.PropagationOf(word)!.Value;
            _plan.Call($"make the root {word}", SYS.mount, 0, _plan.Text("/"), 0, (long)(type | (recursive ? MS.REC : 0)), 0);
        }
    }

    private void SetAttributes(PlanSentence sentence, PlanArg mount, ulong set, ulong clear, ulong propagation, bool recursive)
    {
        mount_attr attributes = new() { attr_set = set, attr_clr = clear, propagation = propagation };
        _plan.Call(sentence, SYS.mount_setattr, mount, _empty, (long)(AT.EMPTY_PATH | (recursive ? AT.RECURSIVE : 0)), _plan.Struct(attributes), SizeOfMountAttr);
    }

    private const int SizeOfMountAttr = 32;

    private PlanSlot Target(PlanSentence sentence, PlanArg root, string path, bool folder, uint mode, ulong resolve = 0, Tolerated? tolerated = null)
    {
        PlanSlot target = _plan.Slot();
        _plan.Add(sentence, OpCode.OpenTarget, target, 0, tolerated, null, [root, _plan.Text(path), folder ? 1 : 0, mode, (long)resolve]);
        return target;
    }

    private void Close(PlanSlot slot) => _plan.Call("close", null, new Tolerated(Errno.EBADF), SYS.close, slot);

    private void Move(PlanSentence sentence, PlanArg mount, PlanArg target) =>
        _plan.Call(sentence, SYS.move_mount, mount, _empty, target, _empty, MoveByFds);
}
