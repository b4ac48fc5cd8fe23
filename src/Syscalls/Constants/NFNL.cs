namespace Rundlet.Syscalls;

/// <summary>Messages and attributes around an nfnetlink transaction.</summary>
[Header("linux/netlink.h linux/netfilter/nfnetlink.h", Prefix = "NFNL_")]
public static class NFNL
{
    public const ushort SUBSYS_CTNETLINK = 1;
    public const ushort SUBSYS_NFTABLES = 10;
    public const ushort MSG_BATCH_BEGIN = 16;
    public const ushort MSG_BATCH_END = 17;
    public const ushort BATCH_GENID = 1;
}
