namespace Rundlet.Syscalls;

/// <summary>What the process connector tells.</summary>
[Header("linux/cn_proc.h", Prefix = "PROC_EVENT_")]
public static class PROC_EVENT
{
    public const uint EXIT = 0x80000000;
}
