namespace Rundlet.Syscalls;

/// <summary>Socket options of IPv4, ip(7).</summary>
[Header("netinet/in.h", Prefix = "IP_")]
public static class IP
{
    public const int PKTINFO = 8;
}
