namespace Rundlet.Syscalls;

#pragma warning disable CS1591 // the fields are the kernel's; the header named on each struct documents them

/// <summary>The head of every netlink message, netlink(7).</summary>
[Header("linux/netlink.h", CName = "struct nlmsghdr")]
public struct nlmsghdr
{
    public uint nlmsg_len;
    public ushort nlmsg_type;
    public ushort nlmsg_flags;
    public uint nlmsg_seq;
    public uint nlmsg_pid;
}

/// <summary>The address of a netlink socket, netlink(7).</summary>
[Header("linux/netlink.h", CName = "struct sockaddr_nl")]
public struct sockaddr_nl
{
    public ushort nl_family;
    public ushort nl_pad;
    public uint nl_pid;
    public uint nl_groups;
}

/// <summary>The head of a message about a link, rtnetlink(7).</summary>
[Header("linux/rtnetlink.h", CName = "struct ifinfomsg")]
public struct ifinfomsg
{
    public byte ifi_family;
    public byte __ifi_pad;
    public ushort ifi_type;
    public int ifi_index;
    public uint ifi_flags;
    public uint ifi_change;
}

/// <summary>The head of a message about an interface address, rtnetlink(7).</summary>
[Header("linux/if_addr.h", CName = "struct ifaddrmsg")]
public struct ifaddrmsg
{
    public byte ifa_family;
    public byte ifa_prefixlen;
    public byte ifa_flags;
    public byte ifa_scope;
    public uint ifa_index;
}

/// <summary>The head of a message about a route, rtnetlink(7).</summary>
[Header("linux/rtnetlink.h", CName = "struct rtmsg")]
public struct rtmsg
{
    public byte rtm_family;
    public byte rtm_dst_len;
    public byte rtm_src_len;
    public byte rtm_tos;
    public byte rtm_table;
    public byte rtm_protocol;
    public byte rtm_scope;
    public byte rtm_type;
    public uint rtm_flags;
}

/// <summary>The head of a netfilter message.</summary>
[Header("linux/netfilter/nfnetlink.h", CName = "struct nfgenmsg")]
public struct nfgenmsg
{
    public byte nfgen_family;
    public byte version;
    public ushort res_id;
}

/// <summary>The head of a message about a queueing discipline, rtnetlink(7).</summary>
[Header("linux/rtnetlink.h", CName = "struct tcmsg")]
public struct tcmsg
{
    public byte tcm_family;
    public byte tcm__pad1;
    public ushort tcm__pad2;
    public int tcm_ifindex;
    public uint tcm_handle;
    public uint tcm_parent;
    public uint tcm_info;
}

/// <summary>A rate, in bytes a second.</summary>
[Header("linux/pkt_sched.h", CName = "struct tc_ratespec")]
public struct tc_ratespec
{
    public byte cell_log;
    public byte linklayer;
    public ushort overhead;
    public short cell_align;
    public ushort mpu;
    public uint rate;
}

/// <summary>What a token bucket is told, tc-tbf(8).</summary>
[Header("linux/pkt_sched.h", CName = "struct tc_tbf_qopt")]
public struct tc_tbf_qopt
{
    public tc_ratespec rate;
    public tc_ratespec peakrate;
    public uint limit;
    public uint buffer;
    public uint mtu;
}
