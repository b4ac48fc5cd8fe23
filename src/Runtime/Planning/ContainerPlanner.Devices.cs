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
    ];

    private void PlanDevices()
    {
        if (HasHostDev())
            return;
        _plan.Call("clear the umask", SYS.umask, 0);
        // /dev may not be a link: nodes would be made elsewhere (CVE-2026-41579, CVE-2026-47766).
        PlanSlot dev = Target("open '/dev'", _root, "/dev", folder: true, 0x1ED, RESOLVE.NO_SYMLINKS);
        foreach ((string name, int major, int minor) in DefaultDevices)
        {
            if (!IsListed($"/dev/{name}"))
                PlanDefaultNode(dev, name, major, minor);
        }
        foreach ((string name, string target) in DefaultLinks)
            _plan.Call($"link '/dev/{name}'", null, new Tolerated(Errno.EEXIST), SYS.symlinkat, _plan.Text(target), dev, _plan.Text(name));
        PlanPtmx(dev);
        Close(dev);
        foreach (Device device in _linux.Devices ?? [])
            PlanSpecDevice(device);
        if (_writableDev is { } mount)
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
            if (IsDev(mount) && MountPlanner.IsBind(mount, MountOptions.Parse(mount.Options)))
                return true;
        }
        return false;
    }

    // What the spec lists itself is made as it says there, with its mode and owner.
    private bool IsListed(string path)
    {
        foreach (Device device in _linux.Devices ?? [])
        {
            if (device.Path == path || MountPlanner.Normal(device.Path) == path)
                return true;
        }
        return false;
    }

    // The terminals must be the container's own, whatever the image or an earlier container left there.
    private void PlanPtmx(PlanSlot dev)
    {
        PlanLabel done = _plan.Label();
        PlanLabel other = _plan.Label();
        PlanData name = _plan.Text("ptmx");
        PlanData target = _plan.Text("pts/ptmx");
        _plan.Call("link '/dev/ptmx'", null, new Tolerated(Errno.EEXIST, other), SYS.symlinkat, target, dev, name);
        _plan.Jump(done);
        _plan.Place(other);
        _plan.Call("remove the image's '/dev/ptmx'", null, new Tolerated(Errno.EROFS, done), SYS.unlinkat, dev, name, 0);
        _plan.Call("link '/dev/ptmx'", SYS.symlinkat, target, dev, name);
        _plan.Place(done);
    }

    // In a user namespace no node can be made, and the host's is bound. So it is where the image has something else in its place.
    private void PlanDefaultNode(PlanSlot dev, string name, int major, int minor)
    {
        string path = $"/dev/{name}";
        PlanLabel done = _plan.Label();
        if (!HasUserNamespace)
        {
            PlanLabel bind = _plan.Label();
            PlanLabel there = _plan.Label();
            PlanData file = _plan.Text(name);
            uint mode = S.IFCHR | DefaultMode;
            ulong number = NumberOf(major, minor);
            _plan.Call($"make the node '{path}'", null, new Tolerated(Errno.EPERM, bind), new Tolerated(Errno.EEXIST, there), SYS.mknodat, dev, file, mode, (long)number);
            _plan.Jump(done);
            _plan.Place(there);
            _plan.Add($"look at the image's '{path}'", OpCode.CheckNode, null, 0, new Tolerated(Errno.EEXIST, bind), null, [dev, file, mode, (long)number]);
            _plan.Jump(done);
            _plan.Place(bind);
        }
        BindNode(dev, name, path);
        _plan.Place(done);
    }

    private void BindNode(PlanSlot folder, string name, string path)
    {
        PlanSlot source = _plan.Slot();
        _plan.Call($"open the host's '{path}'", source, SYS.open_tree, Sys.AT_FDCWD, _plan.Text(path), (long)(MOUNT.OPEN_TREE_CLONE | MOUNT.OPEN_TREE_CLOEXEC));
        PlanLabel there = _plan.Label();
        PlanLabel done = _plan.Label();
        PlanData file = _plan.Text(name);
        // By name where the file is new: move_mount(2) follows no link there.
        _plan.Call($"make the mount point '{path}'", null, new Tolerated(Errno.EEXIST, there), SYS.mknodat, folder, file, S.IFREG | DefaultMode, 0);
        _plan.Call($"bind the host's '{path}'", SYS.move_mount, source, _empty, folder, file, MOUNT.MOVE_MOUNT_F_EMPTY_PATH);
        _plan.Jump(done);
        _plan.Place(there);
        PlanSlot target = Target($"make the mount point '{path}'", folder, name, folder: false, DefaultMode);
        Move($"bind the host's '{path}'", source, target);
        Close(target);
        _plan.Place(done);
        Close(source);
    }

    private void PlanSpecDevice(Device device)
    {
        string path = MountPlanner.Normal(device.Path);
        if (path == "/dev/ptmx")
            return; // a link of ours; privileged containers list all nodes of the host
        int slash = path.LastIndexOf('/');
        (string folder, string name) = (slash == 0 ? "/" : path[..slash], path[(slash + 1)..]);
        uint type = device.Type switch { "b" => S.IFBLK, "p" => S.IFIFO, _ => S.IFCHR };
        ulong number = type == S.IFIFO ? 0 : NumberOf(device.Major, device.Minor);
        PlanSlot parent = Target($"open '{folder}'", _root, folder, folder: true, 0x1ED, path.StartsWith("/dev/", StringComparison.Ordinal) ? RESOLVE.NO_SYMLINKS : 0);
        if (HasUserNamespace && type != S.IFIFO)
            BindSpecDevice(device, parent, name, type, number);
        else
            MakeSpecDevice(device, parent, name, type, number);
        Close(parent);
    }

    private void MakeSpecDevice(Device device, PlanSlot parent, string name, uint type, ulong number)
    {
        PlanLabel there = _plan.Label();
        PlanLabel own = _plan.Label();
        PlanLabel done = _plan.Label();
        PlanLabel bind = _plan.Label();
        PlanData file = _plan.Text(name);
        uint mode = type | (device.FileMode ?? DefaultMode) & 0xFFF;
        _plan.Call($"make the node '{device.Path}'", null, new Tolerated(Errno.EEXIST, there), new Tolerated(Errno.EPERM, bind), SYS.mknodat, parent, file, mode, (long)number);
        _plan.Jump(own);
        _plan.Place(there);
        // config-linux.md, Devices: another file at the path is an error. The node itself is as good as a new one.
        _plan.Add($"linux.devices: find the node '{device.Path}' in what the image has there", OpCode.CheckNode, null, 0, null, null, [parent, file, type, (long)number]);
        _plan.Call($"change the mode of '{device.Path}'", SYS.fchmodat, parent, file, mode & 0xFFF);
        _plan.Place(own);
        if (device.Uid is > 0 || device.Gid is > 0)
            _plan.Call($"change the owner of '{device.Path}'", null, new Tolerated(Errno.EPERM), SYS.fchownat, parent, file, device.Uid ?? 0, device.Gid ?? 0, AT.SYMLINK_NOFOLLOW);
        _plan.Jump(done);
        _plan.Place(bind);
        BindNode(parent, name, device.Path); // the host's, whose mode and owner are not ours to change
        _plan.Place(done);
    }

    // The parent says at once that the host has another device there, or none.
    private void BindSpecDevice(Device device, PlanSlot parent, string name, uint type, ulong number)
    {
        int answer = Sys.statx(Sys.AT_FDCWD, device.Path, 0, STATX.TYPE, out statx_t file);
        if (Sys.Is(answer, Errno.ENOENT))
            throw new ContainerException(ContainerErrorKind.NotFound, $"linux.devices: '{device.Path}' can only be bound into a user namespace, and the host has none");
        LinuxException.ThrowIfError(answer, "stat", device.Path);
        if ((file.stx_mode & S.IFMT) != type || NumberOf(file.stx_rdev_major, file.stx_rdev_minor) != number)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"linux.devices: '{device.Path}' can only be bound into a user namespace, and the host's is another device than {device.Type} {device.Major}:{device.Minor}");
        BindNode(parent, name, device.Path);
    }

    private bool HasUserNamespace => Find("user") is not null;

    // makedev(3)
    private static ulong NumberOf(long major, long minor) =>
        ((ulong)minor & 0xFF) | ((ulong)major & 0xFFF) << 8 | ((ulong)minor & ~0xFFUL) << 12 | ((ulong)major & ~0xFFFUL) << 32;

    private const uint DefaultMode = 0x1B6; // 0666
}
