namespace Rundlet.Syscalls;

/// <summary>Status bits of a tracked connection.</summary>
[Header("linux/netfilter/nf_conntrack_common.h", Prefix = "IPS_")]
public static class IPS
{
    public const uint DST_NAT = 32;
}
