namespace Rundlet.Syscalls;

/// <summary>ioctls of files on disks.</summary>
[Header("linux/fs.h", Prefix = "FS_")]
public static class FS
{
    public const uint IOC_FSGETXATTR = 0x801c581f;
    public const uint IOC_FSSETXATTR = 0x401c5820;
    public const uint XFLAG_PROJINHERIT = 0x200;
}
