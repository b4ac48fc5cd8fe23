namespace Rundlet.Syscalls;

/// <summary>Values in nftables attributes: registers, set flags, keys and operators of expressions.</summary>
[Header("linux/netfilter/nf_tables.h", Prefix = "NFT_")]
public static class NFT
{
    public const uint REG_VERDICT = 0;
    public const uint REG_1 = 1;
    public const uint REG_2 = 2;
    public const uint REG32_00 = 8;
    public const uint REG32_01 = 9;
    public const uint REG32_02 = 10;
    public const uint REG32_04 = 12;
    public const uint REG32_05 = 13;
    public const uint SET_ANONYMOUS = 1;
    public const uint SET_INTERVAL = 4;
    public const uint SET_MAP = 8;
    public const uint SET_CONCAT = 128;
    public const uint LOOKUP_F_INV = 1;
    public const uint META_MARK = 3;
    public const uint META_IIF = 4;
    public const uint META_IIFNAME = 6;
    public const uint META_OIFNAME = 7;
    public const uint META_NFPROTO = 15;
    public const uint META_L4PROTO = 16;
    public const uint CMP_EQ = 0;
    public const uint CMP_NEQ = 1;
    public const uint PAYLOAD_NETWORK_HEADER = 1;
    public const uint PAYLOAD_TRANSPORT_HEADER = 2;
    public const uint PAYLOAD_CSUM_INET = 1;
    public const uint CT_STATE = 0;
    public const uint CT_STATUS = 2;
    public const uint FIB_RESULT_ADDRTYPE = 3;
    public const uint NAT_DNAT = 1;
    public const uint JUMP = 4294967293;
    public const uint GOTO = 4294967292;
}
