namespace Rundlet.Syscalls;

/// <summary>timerfd flags.</summary>
[Header("sys/timerfd.h", Prefix = "TFD_")]
public static class TFD
{
    public const int NONBLOCK = 2048;
    public const int TIMER_ABSTIME = 1;
}
