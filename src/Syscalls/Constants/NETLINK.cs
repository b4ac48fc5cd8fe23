namespace Rundlet.Syscalls;

/// <summary>Netlink protocols and socket options, netlink(7).</summary>
[Header("linux/netlink.h", Prefix = "NETLINK_")]
public static class NETLINK
{
    public const int ROUTE = 0;
    public const int CONNECTOR = 11;
    public const int NETFILTER = 12;
    public const int CAP_ACK = 10;
    public const int EXT_ACK = 11;
    public const int GET_STRICT_CHK = 12;
}
