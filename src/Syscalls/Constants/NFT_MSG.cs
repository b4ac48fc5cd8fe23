namespace Rundlet.Syscalls;

/// <summary>Messages of nftables.</summary>
[Header("linux/netfilter/nf_tables.h", Prefix = "NFT_MSG_")]
public static class NFT_MSG
{
    public const ushort NEWTABLE = 0;
    public const ushort GETTABLE = 1;
    public const ushort DELTABLE = 2;
    public const ushort NEWCHAIN = 3;
    public const ushort GETCHAIN = 4;
    public const ushort DELCHAIN = 5;
    public const ushort NEWRULE = 6;
    public const ushort DELRULE = 8;
    public const ushort NEWSET = 9;
    public const ushort GETSET = 10;
    public const ushort DELSET = 11;
    public const ushort NEWSETELEM = 12;
    public const ushort GETSETELEM = 13;
    public const ushort DELSETELEM = 14;
    public const ushort NEWGEN = 15;
    public const ushort GETGEN = 16;
}
