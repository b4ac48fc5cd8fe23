namespace Rundlet.Syscalls;

public static unsafe partial class Sys
{
    /// <summary>mount(2), the old interface: for propagation changes and remounts.</summary>
    public static int mount(CString source, CString target, CString type, ulong flags, CString data)
    {
        fixed (byte* s = source)
        fixed (byte* t = target)
        fixed (byte* y = type)
        fixed (byte* d = data)
            return (int)Call(SYS.mount, (nint)s, (nint)t, (nint)y, (nint)flags, (nint)d);
    }

    /// <summary>umount2(2).</summary>
    public static int umount2(CString target, int flags)
    {
        fixed (byte* t = target)
            return (int)Call(SYS.umount2, (nint)t, flags);
    }

    /// <summary>fsopen(2), Linux 5.2; always with <c>FSOPEN_CLOEXEC</c>.</summary>
    public static int fsopen(CString type)
    {
        fixed (byte* t = type)
            return (int)Call(SYS.fsopen, (nint)t, (nint)MOUNT.FSOPEN_CLOEXEC);
    }

    /// <summary>fsconfig(2) <c>FSCONFIG_SET_STRING</c>.</summary>
    public static int fsconfig_set_string(int fd, CString key, CString value)
    {
        fixed (byte* k = key)
        fixed (byte* v = value)
            return (int)Call(SYS.fsconfig, fd, (nint)MOUNT.FSCONFIG_SET_STRING, (nint)k, (nint)v, 0);
    }

    /// <summary>fsconfig(2) <c>FSCONFIG_SET_FLAG</c>.</summary>
    public static int fsconfig_set_flag(int fd, CString key)
    {
        fixed (byte* k = key)
            return (int)Call(SYS.fsconfig, fd, (nint)MOUNT.FSCONFIG_SET_FLAG, (nint)k, 0, 0);
    }

    /// <summary>fsconfig(2) with an fd as the value: <c>FSCONFIG_SET_FD</c>.</summary>
    public static int fsconfig_set_fd(int fd, CString key, int value)
    {
        fixed (byte* k = key)
            return (int)Call(SYS.fsconfig, fd, (nint)MOUNT.FSCONFIG_SET_FD, (nint)k, 0, value);
    }

    /// <summary>fsconfig(2) <c>FSCONFIG_CMD_CREATE</c>.</summary>
    public static int fsconfig_create(int fd) => (int)Call(SYS.fsconfig, fd, (nint)MOUNT.FSCONFIG_CMD_CREATE, 0, 0, 0);

    /// <summary>fsmount(2); always with <c>FSMOUNT_CLOEXEC</c>. A detached mount.</summary>
    public static int fsmount(int fd, uint attributes) => (int)Call(SYS.fsmount, fd, (nint)MOUNT.FSMOUNT_CLOEXEC, (nint)attributes);

    /// <summary>open_tree(2), Linux 5.2; always with <c>OPEN_TREE_CLOEXEC</c>.</summary>
    public static int open_tree(int dirfd, CString path, uint flags)
    {
        fixed (byte* p = path)
            return (int)Call(SYS.open_tree, dirfd, (nint)p, (nint)(flags | MOUNT.OPEN_TREE_CLOEXEC));
    }

    /// <summary>move_mount(2), Linux 5.2.</summary>
    public static int move_mount(int fromDirfd, CString from, int toDirfd, CString to, uint flags)
    {
        fixed (byte* f = from)
        fixed (byte* t = to)
            return (int)Call(SYS.move_mount, fromDirfd, (nint)f, toDirfd, (nint)t, (nint)flags);
    }

    /// <summary>mount_setattr(2), Linux 5.12.</summary>
    public static int mount_setattr(int dirfd, CString path, uint flags, in mount_attr attributes)
    {
        fixed (byte* p = path)
        fixed (mount_attr* a = &attributes)
            return (int)Call(SYS.mount_setattr, dirfd, (nint)p, (nint)flags, (nint)a, sizeof(mount_attr));
    }

    /// <summary>chroot(2).</summary>
    public static int chroot(CString path)
    {
        fixed (byte* p = path)
            return (int)Call(SYS.chroot, (nint)p);
    }

    /// <summary>chdir(2).</summary>
    public static int chdir(CString path)
    {
        fixed (byte* p = path)
            return (int)Call(SYS.chdir, (nint)p);
    }

    /// <summary>fchdir(2).</summary>
    public static int fchdir(int fd) => (int)Call(SYS.fchdir, fd);
}
