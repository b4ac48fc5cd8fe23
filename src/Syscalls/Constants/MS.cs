namespace Rundlet.Syscalls;

/// <summary>mount(2) flags.</summary>
[Header("sys/mount.h", Prefix = "MS_")]
public static class MS
{
    public const ulong RDONLY = 1;
    public const ulong NOSUID = 2;
    public const ulong NODEV = 4;
    public const ulong NOEXEC = 8;
    public const ulong SYNCHRONOUS = 0x10;
    public const ulong REMOUNT = 0x20;
    public const ulong MANDLOCK = 0x40;
    public const ulong DIRSYNC = 0x80;
    public const ulong NOSYMFOLLOW = 0x100;
    public const ulong NOATIME = 0x400;
    public const ulong NODIRATIME = 0x800;
    public const ulong BIND = 0x1000;
    public const ulong MOVE = 0x2000;
    public const ulong REC = 0x4000;
    public const ulong SILENT = 0x8000;
    public const ulong POSIXACL = 0x10000;
    public const ulong UNBINDABLE = 0x20000;
    public const ulong PRIVATE = 0x40000;
    public const ulong SLAVE = 0x80000;
    public const ulong SHARED = 0x100000;
    public const ulong RELATIME = 0x200000;
    public const ulong I_VERSION = 0x800000;
    public const ulong STRICTATIME = 0x1000000;
    public const ulong LAZYTIME = 0x2000000;
}
