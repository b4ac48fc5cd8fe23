namespace Rundlet.Syscalls;

/// <summary>waitid(2) id types.</summary>
[Header("sys/wait.h", Prefix = "P_")]
public static class P
{
    public const int ALL = 0;
    public const int PID = 1;
    public const int PGID = 2;
    public const int PIDFD = 3;
}
