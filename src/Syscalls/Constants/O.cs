namespace Rundlet.Syscalls;

/// <summary>open(2) and fcntl(2) flags.</summary>
[Header("fcntl.h", Prefix = "O_")]
public static class O
{
    public const int RDONLY = 0;
    public const int WRONLY = 1;
    public const int RDWR = 2;
    public const int CREAT = 0x40;
    public const int EXCL = 0x80;
    public const int NOCTTY = 0x100;
    public const int TRUNC = 0x200;
    public const int APPEND = 0x400;
    public const int NONBLOCK = 0x800;
    public const int DSYNC = 0x1000;
#if ARM64
    public const int DIRECTORY = 0x4000;
    public const int NOFOLLOW = 0x8000;
#else
    public const int DIRECTORY = 0x10000;
    public const int NOFOLLOW = 0x20000;
#endif
    public const int CLOEXEC = 0x80000;
    public const int PATH = 0x200000;
    public const int TMPFILE = 0x400000 | DIRECTORY;
    public const int NOATIME = 0x40000;
}
