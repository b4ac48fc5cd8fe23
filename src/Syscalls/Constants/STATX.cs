namespace Rundlet.Syscalls;

/// <summary>statx(2) masks and attributes.</summary>
[Header("linux/stat.h", Prefix = "STATX_")]
public static class STATX
{
    public const uint TYPE = 1;
    public const uint MODE = 2;
    public const uint NLINK = 4;
    public const uint UID = 8;
    public const uint GID = 0x10;
    public const uint ATIME = 0x20;
    public const uint MTIME = 0x40;
    public const uint CTIME = 0x80;
    public const uint INO = 0x100;
    public const uint SIZE = 0x200;
    public const uint BLOCKS = 0x400;
    public const uint BASIC_STATS = 0x7ff;
    public const uint BTIME = 0x800;
    public const uint MNT_ID = 0x1000;
    public const uint ATTR_IMMUTABLE = 0x10;
    public const uint ATTR_MOUNT_ROOT = 0x2000;
    public const uint ATTR_VERITY = 0x100000;
}
