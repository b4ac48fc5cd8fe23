namespace Rundlet.Syscalls;

/// <summary>Netlink message types that mean the same in every protocol, netlink(7).</summary>
[Header("linux/netlink.h", Prefix = "NLMSG_")]
public static class NLMSG
{
    public const ushort NOOP = 1;
    public const ushort ERROR = 2;
    public const ushort DONE = 3;
    public const ushort OVERRUN = 4;
}
