namespace Rundlet.Syscalls;

/// <summary>Flags of the mount interface of Linux 5.2 and later.</summary>
[Header("fcntl.h linux/mount.h")]
public static class MOUNT
{
    public const uint FSOPEN_CLOEXEC = 0x1;
    public const uint FSPICK_CLOEXEC = 0x1;
    public const uint FSPICK_SYMLINK_NOFOLLOW = 0x2;
    public const uint FSPICK_EMPTY_PATH = 0x8;
    public const uint FSCONFIG_SET_FLAG = 0;
    public const uint FSCONFIG_SET_STRING = 1;
    public const uint FSCONFIG_SET_BINARY = 2;
    public const uint FSCONFIG_SET_PATH = 3;
    public const uint FSCONFIG_SET_PATH_EMPTY = 4;
    public const uint FSCONFIG_SET_FD = 5;
    public const uint FSCONFIG_CMD_CREATE = 6;
    public const uint FSCONFIG_CMD_RECONFIGURE = 7;
    public const uint FSMOUNT_CLOEXEC = 0x1;
    public const uint OPEN_TREE_CLONE = 0x1;
    public const uint OPEN_TREE_CLOEXEC = 0x80000;
    public const uint MOVE_MOUNT_F_SYMLINKS = 0x1;
    public const uint MOVE_MOUNT_F_AUTOMOUNTS = 0x2;
    public const uint MOVE_MOUNT_F_EMPTY_PATH = 0x4;
    public const uint MOVE_MOUNT_T_SYMLINKS = 0x10;
    public const uint MOVE_MOUNT_T_AUTOMOUNTS = 0x20;
    public const uint MOVE_MOUNT_T_EMPTY_PATH = 0x40;
    public const uint MOVE_MOUNT_SET_GROUP = 0x100;
}
