namespace Rundlet.Syscalls;

/// <summary>Flags of a network interface, netdevice(7).</summary>
[Header("linux/if.h", Prefix = "IFF_")]
public static class IFF
{
    public const uint UP = 1;
    public const uint BROADCAST = 2;
    public const uint LOOPBACK = 8;
    public const uint RUNNING = 64;
    public const uint LOWER_UP = 65536;
}
