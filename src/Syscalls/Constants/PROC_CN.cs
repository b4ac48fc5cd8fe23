namespace Rundlet.Syscalls;

/// <summary>What one asks of the process connector.</summary>
[Header("linux/cn_proc.h", Prefix = "PROC_CN_")]
public static class PROC_CN
{
    public const uint MCAST_LISTEN = 1;
    public const uint MCAST_IGNORE = 2;
}
