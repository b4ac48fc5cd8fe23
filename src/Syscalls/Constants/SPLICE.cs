namespace Rundlet.Syscalls;

/// <summary>splice(2) flags.</summary>
[Header("fcntl.h", Prefix = "SPLICE_F_")]
public static class SPLICE
{
    public const uint MOVE = 1;
    public const uint NONBLOCK = 2;
}
