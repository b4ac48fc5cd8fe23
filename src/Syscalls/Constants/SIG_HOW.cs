namespace Rundlet.Syscalls;

/// <summary>rt_sigprocmask(2) operations.</summary>
[Header("signal.h", Prefix = "SIG_")]
public static class SIG_HOW
{
    public const int BLOCK = 0;
    public const int UNBLOCK = 1;
    public const int SETMASK = 2;
}
