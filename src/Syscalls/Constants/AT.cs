namespace Rundlet.Syscalls;

/// <summary>Flags of the *at(2) family.</summary>
[Header("fcntl.h linux/mount.h", Prefix = "AT_")]
public static class AT
{
    public const int SYMLINK_NOFOLLOW = 0x100;
    public const int REMOVEDIR = 0x200;
    public const int SYMLINK_FOLLOW = 0x400;
    public const int EMPTY_PATH = 0x1000;
    public const int RECURSIVE = 0x8000;
    public const int EACCESS = 0x200;
    public const int NO_AUTOMOUNT = 0x800;
}
