namespace Rundlet.Syscalls;

/// <summary>sched_setattr(2) policies and flags.</summary>
[Header("linux/sched.h", Prefix = "SCHED_")]
public static class SCHED
{
    public const uint NORMAL = 0;
    public const uint FIFO = 1;
    public const uint RR = 2;
    public const uint BATCH = 3;
    public const uint IDLE = 5;
    public const uint DEADLINE = 6;
    public const ulong FLAG_RESET_ON_FORK = 1;
    public const ulong FLAG_RECLAIM = 2;
    public const ulong FLAG_DL_OVERRUN = 4;
    public const ulong FLAG_KEEP_POLICY = 8;
    public const ulong FLAG_KEEP_PARAMS = 0x10;
    public const ulong FLAG_UTIL_CLAMP_MIN = 0x20;
    public const ulong FLAG_UTIL_CLAMP_MAX = 0x40;
}
