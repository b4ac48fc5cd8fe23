namespace Rundlet.Syscalls;

/// <summary>fcntl(2) commands.</summary>
[Header("fcntl.h", Prefix = "F_")]
public static class F
{
    public const int DUPFD = 0;
    public const int DUPFD_CLOEXEC = 1030;
    public const int GETFD = 1;
    public const int SETFD = 2;
    public const int GETFL = 3;
    public const int SETFL = 4;
    public const int SETPIPE_SZ = 1031;
    public const int GETPIPE_SZ = 1032;
    public const int ADD_SEALS = 1033;
    public const int GET_SEALS = 1034;
    public const int SEAL_SEAL = 1;
    public const int SEAL_SHRINK = 2;
    public const int SEAL_GROW = 4;
    public const int SEAL_WRITE = 8;
}
