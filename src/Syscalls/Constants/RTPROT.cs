namespace Rundlet.Syscalls;

/// <summary>Who made a route.</summary>
[Header("linux/rtnetlink.h", Prefix = "RTPROT_")]
public static class RTPROT
{
    public const byte KERNEL = 2;
    public const byte STATIC = 4;
}
