namespace Rundlet.Syscalls;

/// <summary>Netlink message flags, netlink(7).</summary>
[Header("linux/netlink.h", Prefix = "NLM_F_")]
public static class NLM_F
{
    public const ushort REQUEST = 1;
    public const ushort MULTI = 2;
    public const ushort ACK = 4;
    public const ushort DUMP_INTR = 16;
    public const ushort DUMP = 768;
    public const ushort REPLACE = 256;
    public const ushort EXCL = 512;
    public const ushort CREATE = 1024;
    public const ushort APPEND = 2048;
    public const ushort CAPPED = 256;
    public const ushort ACK_TLVS = 512;
}
