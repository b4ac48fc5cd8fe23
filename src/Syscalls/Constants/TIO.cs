namespace Rundlet.Syscalls;

/// <summary>Terminal ioctls, ioctl_tty(2).</summary>
[Header("sys/ioctl.h asm/ioctls.h", Prefix = "TIOC")]
public static class TIO
{
    public const uint SCTTY = 0x540e;
    public const uint NOTTY = 0x5422;
    public const uint GWINSZ = 0x5413;
    public const uint SWINSZ = 0x5414;
    public const uint GPTN = 0x80045430;
    public const uint SPTLCK = 0x40045431;
    public const uint GPTPEER = 0x5441;
    public const uint SPGRP = 0x5410;
    public const uint GPGRP = 0x540f;
}
