namespace Rundlet.Syscalls;

/// <summary>Mount attributes of fsmount(2) and mount_setattr(2).</summary>
[Header("linux/mount.h", Prefix = "MOUNT_ATTR_")]
public static class MOUNT_ATTR
{
    public const ulong RDONLY = 1;
    public const ulong NOSUID = 2;
    public const ulong NODEV = 4;
    public const ulong NOEXEC = 8;
    public const ulong _ATIME = 0x70;
    public const ulong RELATIME = 0;
    public const ulong NOATIME = 0x10;
    public const ulong STRICTATIME = 0x20;
    public const ulong NODIRATIME = 0x80;
    public const ulong IDMAP = 0x100000;
    public const ulong NOSYMFOLLOW = 0x200000;
}
