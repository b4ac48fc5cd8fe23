namespace Rundlet.Syscalls;

/// <summary>How ipvlan interfaces of one parent are joined, ip-link(8).</summary>
[Header("linux/if_link.h", Prefix = "IPVLAN_MODE_")]
public static class IPVLAN_MODE
{
    public const ushort L2 = 0;
    public const ushort L3 = 1;
    public const ushort L3S = 2;
}
