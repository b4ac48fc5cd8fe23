namespace Rundlet.Syscalls;

/// <summary>Attributes of a link.</summary>
[Header("linux/if_link.h", Prefix = "IFLA_")]
public static class IFLA
{
    public const ushort ADDRESS = 1;
    public const ushort IFNAME = 3;
    public const ushort MTU = 4;
    public const ushort LINK = 5;
    public const ushort MASTER = 10;
    public const ushort OPERSTATE = 16;
    public const ushort LINKINFO = 18;
    public const ushort STATS64 = 23;
    public const ushort IFALIAS = 20;
    public const ushort EXT_MASK = 29;
    public const ushort NET_NS_FD = 28;
    public const ushort INFO_KIND = 1;
    public const ushort INFO_DATA = 2;
    public const ushort INFO_SLAVE_KIND = 4;
    public const ushort INFO_SLAVE_DATA = 5;
    public const ushort BRPORT_MODE = 4;
    public const ushort BRPORT_ISOLATED = 33;
    public const ushort MACVLAN_MODE = 1;
    public const ushort IPVLAN_MODE = 1;
    public const ushort VLAN_ID = 1;
}
