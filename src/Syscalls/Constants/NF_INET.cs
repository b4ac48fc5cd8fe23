namespace Rundlet.Syscalls;

/// <summary>Hooks of netfilter.</summary>
[Header("linux/in.h linux/netfilter.h", Prefix = "NF_INET_")]
public static class NF_INET
{
    public const uint PRE_ROUTING = 0;
    public const uint LOCAL_IN = 1;
    public const uint FORWARD = 2;
    public const uint LOCAL_OUT = 3;
    public const uint POST_ROUTING = 4;
}
