using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

internal sealed partial class ContainerPlanner
{
    // Who is not root has the right to clone a mount in the container's namespaces only: what the parent does for root, the
    // child does here, by path and before the old root is gone.
    private void PlanBindInChild(Mount mount, MountOptions options, string path)
    {
        string source = mount.Source!;
        int answer = Sys.statx(Sys.AT_FDCWD, path, 0, STATX.TYPE, out statx_t file);
        if (Sys.Is(answer, Errno.ENOENT))
            throw new ContainerException(ContainerErrorKind.NotFound, $"mount '{source}' on '{mount.Destination}': no such file or directory") { Hint = $"create '{source}' first" };
        LinuxException.ThrowIfError(answer, "bind", source);
        bool folder = (file.stx_mode & S.IFMT) == S.IFDIR;
        PlanSlot tree = _plan.Slot();
        long clone = MOUNT.OPEN_TREE_CLONE | MOUNT.OPEN_TREE_CLOEXEC | (options.BindRecursive ? AT.RECURSIVE : 0);
        _plan.Call($"bind '{source}'", tree, SYS.open_tree, Sys.AT_FDCWD, _plan.Text(path), clone);
        SetAttributes($"set the propagation of '{mount.Destination}'", tree, 0, 0, options.Propagation == 0 ? MS.PRIVATE : options.Propagation, options.Propagation == 0 || options.PropagationRecursive);
        if ((options.Set | options.Clear) != 0)
            SetAttributes($"set the attributes of '{mount.Destination}'", tree, options.Set, options.Clear, 0, recursive: false);
        if ((options.RecursiveSet | options.RecursiveClear) != 0)
            SetAttributes($"set the attributes of '{mount.Destination}'", tree, options.RecursiveSet, options.RecursiveClear, 0, recursive: true);
        PlanSlot target = Target($"make the mount point '{mount.Destination}'", _root, mount.Destination, folder, 0x1ED);
        Move($"bind '{source}' on '{mount.Destination}'", tree, target);
        Close(target);
        Close(tree);
    }
}
