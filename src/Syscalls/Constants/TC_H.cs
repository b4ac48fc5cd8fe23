namespace Rundlet.Syscalls;

/// <summary>Handles of queueing disciplines.</summary>
[Header("linux/pkt_sched.h", Prefix = "TC_H_")]
public static class TC_H
{
    public const uint ROOT = 0xFFFFFFFF;
}
