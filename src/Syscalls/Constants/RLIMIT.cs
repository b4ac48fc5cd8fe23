namespace Rundlet.Syscalls;

/// <summary>Resources of prlimit64(2).</summary>
[Header("sys/resource.h", Prefix = "RLIMIT_")]
public static class RLIMIT
{
    public const int CPU = 0;
    public const int FSIZE = 1;
    public const int DATA = 2;
    public const int STACK = 3;
    public const int CORE = 4;
    public const int RSS = 5;
    public const int NPROC = 6;
    public const int NOFILE = 7;
    public const int MEMLOCK = 8;
    public const int AS = 9;
    public const int LOCKS = 10;
    public const int SIGPENDING = 11;
    public const int MSGQUEUE = 12;
    public const int NICE = 13;
    public const int RTPRIO = 14;
    public const int RTTIME = 15;
}
