namespace Rundlet.Syscalls;

/// <summary>Protocols, which are the levels of their socket options too.</summary>
[Header("netinet/in.h", Prefix = "IPPROTO_")]
public static class IPPROTO
{
    public const int IP = 0;
    public const int TCP = 6;
    public const int IPV6 = 41;
}
