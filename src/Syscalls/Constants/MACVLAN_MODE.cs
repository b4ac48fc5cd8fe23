namespace Rundlet.Syscalls;

/// <summary>How macvlan interfaces of one parent are joined, ip-link(8).</summary>
[Header("linux/if_link.h", Prefix = "MACVLAN_MODE_")]
public static class MACVLAN_MODE
{
    public const uint PRIVATE = 1;
    public const uint VEPA = 2;
    public const uint BRIDGE = 4;
    public const uint PASSTHRU = 8;
}
