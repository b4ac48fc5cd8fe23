namespace Rundlet.Syscalls;

/// <summary>Protocol families of netfilter.</summary>
[Header("linux/in.h linux/netfilter.h", Prefix = "NFPROTO_")]
public static class NFPROTO
{
    public const byte INET = 1;
    public const byte IPV4 = 2;
    public const byte IPV6 = 10;
}
