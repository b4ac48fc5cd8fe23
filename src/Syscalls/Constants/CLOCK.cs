namespace Rundlet.Syscalls;

/// <summary>Clocks of clock_gettime(2).</summary>
[Header("time.h", Prefix = "CLOCK_")]
public static class CLOCK
{
    public const int REALTIME = 0;
    public const int MONOTONIC = 1;
    public const int BOOTTIME = 7;
}
