namespace Rundlet.Syscalls;

/// <summary>Verdicts of netfilter.</summary>
[Header("linux/in.h linux/netfilter.h", Prefix = "NF_")]
public static class NF
{
    public const uint DROP = 0;
    public const uint ACCEPT = 1;
}
