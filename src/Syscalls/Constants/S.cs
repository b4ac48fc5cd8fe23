namespace Rundlet.Syscalls;

/// <summary>File types and mode bits, inode(7).</summary>
[Header("sys/stat.h", Prefix = "S_")]
public static class S
{
    public const uint IFMT = 0xf000;
    public const uint IFSOCK = 0xc000;
    public const uint IFLNK = 0xa000;
    public const uint IFREG = 0x8000;
    public const uint IFBLK = 0x6000;
    public const uint IFDIR = 0x4000;
    public const uint IFCHR = 0x2000;
    public const uint IFIFO = 0x1000;
    public const uint ISUID = 0x800;
    public const uint ISGID = 0x400;
    public const uint ISVTX = 0x200;
}
