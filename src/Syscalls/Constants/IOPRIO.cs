namespace Rundlet.Syscalls;

/// <summary>ioprio_set(2) classes.</summary>
[Header("linux/ioprio.h", Prefix = "IOPRIO_")]
public static class IOPRIO
{
    public const int CLASS_RT = 1;
    public const int CLASS_BE = 2;
    public const int CLASS_IDLE = 3;
    public const int CLASS_SHIFT = 13;
    public const int WHO_PROCESS = 1;
}
