namespace Rundlet.Syscalls;

/// <summary>Socket options of IPv6, ipv6(7).</summary>
[Header("netinet/in.h", Prefix = "IPV6_")]
public static class IPV6
{
    public const int V6ONLY = 26;
    public const int RECVPKTINFO = 49;
    public const int PKTINFO = 50;
}
