using Rundlet.Init;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

internal sealed partial class ContainerPlanner
{
    private void PlanTerminal()
    {
        if (!_process.Terminal)
            return;
        (PlanSlot master, PlanSlot slave) = _steps.OpenTerminal(_root, "/dev/pts/ptmx");
        // The target is opened beneath the root and without following a link in /dev (CVE-2025-52565).
        PlanSlot target = Target("make the mount point '/dev/console'", _root, "/dev/console", folder: false, 0x180 /* 0600 */, RESOLVE.NO_SYMLINKS);
        PlanSlot clone = _plan.Slot();
        _plan.Call("prepare '/dev/console'", clone, SYS.open_tree, slave, _empty, (long)(MOUNT.OPEN_TREE_CLONE | MOUNT.OPEN_TREE_CLOEXEC) | AT.EMPTY_PATH);
        Move("mount the terminal on '/dev/console'", clone, target);
        Close(clone);
        Close(target);
        TerminalCheckpoint = _steps.HandOverTerminal(master, slave, _inputs.Line);
    }
}
