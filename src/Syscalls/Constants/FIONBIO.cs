namespace Rundlet.Syscalls;

/// <summary>ioctls of any file.</summary>
[Header("sys/ioctl.h asm/ioctls.h", Prefix = "FIO")]
public static class FIONBIO
{
    public const uint NREAD = 0x541b;
    public const uint NBIO = 0x5421;
    public const uint CLEX = 0x5451;
}
