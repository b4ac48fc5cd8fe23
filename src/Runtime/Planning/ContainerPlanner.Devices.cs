using Rundlet.Init;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

internal sealed partial class ContainerPlanner
{
    // config-linux.md, "Default Devices"; /dev/console comes with the terminal, /dev/ptmx is a link.
    private static readonly (string Name, int Major, int Minor)[] DefaultDevices =
    [
        ("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0),
    ];

    private static readonly (string Name, string Target)[] DefaultLinks =
    [
        ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"), ("stderr", "/proc/self/fd/2"), ("core", "/proc/kcore"),
        ("ptmx", "pts/ptmx"),
    ];

    private void PlanDevices()
    {
        if (HasHostDev())
            return;
        _plan.Call("clear the umask", SYS.umask, 0);
        // /dev may not be a link: nodes would be made elsewhere (CVE-2026-41579, CVE-2026-47766).
        PlanSlot dev = Target("open '/dev'", _root, "/dev", folder: true, 0x1ED, RESOLVE.NO_SYMLINKS);
        foreach ((string name, int major, int minor) in DefaultDevices)
            PlanNode(dev, name, $"/dev/{name}", S.IFCHR | 0x1B6 /* 0666 */, major, minor);
        foreach ((string name, string target) in DefaultLinks)
            _plan.Call($"link '/dev/{name}'", null, new Tolerated(Errno.EEXIST), SYS.symlinkat, _plan.Text(target), dev, _plan.Text(name));
        Close(dev);
        foreach (Device device in _linux.Devices ?? [])
            PlanSpecDevice(device);
        if (_readOnlyDev is { } mount)
        {
            SetAttributes("make '/dev' read-only", mount, MOUNT_ATTR.RDONLY, 0, 0, recursive: false);
            Close(mount);
        }
        _plan.Call("set the umask", SYS.umask, 0x12 /* 022 */);
    }

    private bool HasHostDev()
    {
        foreach (Mount mount in _spec.Mounts ?? [])
        {
            if (IsDev(mount) && (mount.Type == "bind" || MountOptions.Parse(mount.Options).Bind))
                return true;
        }
        return false;
    }

    private void PlanSpecDevice(Device device)
    {
        string trimmed = device.Path.TrimEnd('/');
        int slash = trimmed.LastIndexOf('/');
        (string folder, string name) = (slash <= 0 ? "/" : trimmed[..slash], trimmed[(slash + 1)..]);
        foreach ((string known, int major, int minor) in DefaultDevices)
        {
            if (folder == "/dev" && known == name && device.Major == major && device.Minor == minor && device.FileMode is null or 0x1B6 && device.Uid is null or 0 && device.Gid is null or 0 && folder == "/dev" && known == name)
                return; // it is there already
        }
        uint type = device.Type switch { "b" => S.IFBLK, "p" => S.IFIFO, _ => S.IFCHR };
        PlanSlot parent = Target($"open '{folder}'", _root, folder, folder: true, 0x1ED);
        PlanNode(parent, name, device.Path, type | (device.FileMode ?? 0x1B6) & 0xFFF, (int)device.Major, (int)device.Minor);
        if (device.Uid is > 0 || device.Gid is > 0)
        {
            _plan.Call($"change the owner of '{device.Path}'", null, new Tolerated(Errno.EPERM), SYS.fchownat, parent, _plan.Text(name), device.Uid ?? 0, device.Gid ?? 0, AT.SYMLINK_NOFOLLOW);
        }
        Close(parent);
    }

    // Where a node may not be made (in a user namespace) or something stands there already, the host's is bound over it.
    private void PlanNode(PlanSlot folder, string name, string path, uint mode, int major, int minor)
    {
        PlanLabel bind = _plan.Label();
        PlanLabel done = _plan.Label();
        ulong number = ((ulong)(uint)minor & 0xFF) | ((ulong)(uint)major & 0xFFF) << 8 | ((ulong)(uint)minor & ~0xFFUL) << 12 | ((ulong)(uint)major & ~0xFFFUL) << 32;
        _plan.Call($"make the node '{path}'", null, new Tolerated(Errno.EPERM, bind), new Tolerated(Errno.EEXIST, bind), SYS.mknodat, folder, _plan.Text(name), mode, (long)number);
        _plan.Jump(done);
        _plan.Place(bind);
        PlanSlot source = _plan.Slot();
        _plan.Call($"open the host's '{path}'", source, SYS.open_tree, Sys.AT_FDCWD, _plan.Text(path), (long)(MOUNT.OPEN_TREE_CLONE | MOUNT.OPEN_TREE_CLOEXEC));
        PlanSlot target = Target($"make the mount point '{path}'", folder, name, folder: false, 0x1B6);
        Move($"bind the host's '{path}'", source, target);
        Close(target);
        Close(source);
        _plan.Place(done);
    }
}
