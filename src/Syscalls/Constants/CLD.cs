namespace Rundlet.Syscalls;

/// <summary>si_code of SIGCHLD.</summary>
[Header("signal.h", Prefix = "CLD_")]
public static class CLD
{
    public const int EXITED = 1;
    public const int KILLED = 2;
    public const int DUMPED = 3;
    public const int TRAPPED = 4;
    public const int STOPPED = 5;
    public const int CONTINUED = 6;
}
