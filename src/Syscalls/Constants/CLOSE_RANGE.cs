namespace Rundlet.Syscalls;

/// <summary>close_range(2) flags.</summary>
[Header("linux/close_range.h", Prefix = "CLOSE_RANGE_")]
public static class CLOSE_RANGE
{
    public const uint UNSHARE = 2;
    public const uint CLOEXEC = 4;
}
