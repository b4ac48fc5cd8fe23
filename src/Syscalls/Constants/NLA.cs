namespace Rundlet.Syscalls;

/// <summary>Flags in a netlink attribute's type.</summary>
[Header("linux/netlink.h", Prefix = "NLA_")]
public static class NLA
{
    public const ushort F_NESTED = 32768;
    public const ushort F_NET_BYTEORDER = 16384;
}
