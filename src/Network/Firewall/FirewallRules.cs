using Rundlet.Linux.Netlink.Netfilter;
using Rundlet.Syscalls;

namespace Rundlet.Network.Firewall;

/// <summary>
/// The fixed part of our table: sets, maps, chains, rules. docs/network.md tells a packet's way through it. Containers
/// come and go as set elements only.
/// </summary>
internal static class FirewallRules
{
    /// <summary>The table's name; everything of ours is in it.</summary>
    public const string Table = "rundlet";

    /// <summary>The table's comment. Another number means other rules: the table is made anew.</summary>
    public const string Version = "rundlet rules 1";

    /// <summary>Our bridges, by name.</summary>
    public const string Bridges = "bridges";

    /// <summary>Pairs (bridge, the same bridge): traffic within one network.</summary>
    public const string Within = "within";

    /// <summary>(protocol, host port) to (container address, port), for ports published on every address.</summary>
    public const string Published = "published";

    /// <summary>(protocol, host address, host port) to (container address, port).</summary>
    public const string PublishedAt = "published_at";

    // The customary places at a hook, as nft(8) names them: raw, dstnat, filter, srcnat.
    private const int RawPriority = -300;
    private const int DestinationNatPriority = -100;
    private const int FilterPriority = 0;
    private const int SourceNatPriority = 100;

    // ct state: the bit of each is 1 << (number of the state + 1), after linux/netfilter/nf_conntrack_common.h.
    private const uint EstablishedOrRelated = (1 << 1) | (1 << 2);

    private const byte LoopbackNet = 127; // the first byte of 127.0.0.0/8

    private static NftExpression[] IsIpv4 { get; } = [NftExpression.Family(), NftExpression.IsEqual([NFPROTO.IPV4])];

    private static NftExpression[] CameByBridge { get; } = [NftExpression.InputInterface(), NftExpression.IsIn(Bridges)];

    private static NftExpression[] LeavesByBridge { get; } = [NftExpression.OutputInterface(), NftExpression.IsIn(Bridges)];

    private static NftExpression[] StaysWithinBridge { get; } =
        [NftExpression.InputInterface(), NftExpression.OutputInterface(NFT.REG_2), NftExpression.IsIn(Within)];

    private static NftExpression[] IsForThisHost { get; } = [NftExpression.DestinationKind(), NftExpression.IsNumber(RTN.LOCAL)];

    private static NftExpression[] WasPublished { get; } =
        [NftExpression.ConnectionStatus(), NftExpression.Mask(IPS.DST_NAT), NftExpression.IsNotZero()];

    /// <summary>Adds the whole table to a transaction.</summary>
    public static void Add(NftTransaction transaction)
    {
        transaction.AddTable(Table, Version);
        AddSets(transaction);
        AddLoopbackGuard(transaction);
        AddPublishing(transaction);
        AddMasquerading(transaction);
        AddFilter(transaction);
    }

    private static void AddSets(NftTransaction transaction)
    {
        NftType target = NftType.Concat(NftType.Ipv4Address, NftType.Port);
        transaction.AddSet(Table, Bridges, NftType.InterfaceName);
        transaction.AddSet(Table, Within, NftType.Concat(NftType.InterfaceName, NftType.InterfaceName));
        transaction.AddSet(Table, Published, NftType.Concat(NftType.Protocol, NftType.Port), target);
        transaction.AddSet(Table, PublishedAt, NftType.Concat(NftType.Protocol, NftType.Ipv4Address, NftType.Port), target);
    }

    // Our bridges have route_localnet, so the kernel no longer refuses 127.0.0.0/8 there by itself.
    private static void AddLoopbackGuard(NftTransaction transaction)
    {
        transaction.AddBaseChain(Table, "guard", "filter", NF_INET.PRE_ROUTING, RawPriority);
        transaction.AddRule(Table, "guard", "a container cannot reach the host's loopback",
            [.. CameByBridge, .. IsIpv4, NftExpression.Ipv4Destination(1), NftExpression.IsEqual([LoopbackNet]), NftExpression.Drop()]);
        transaction.AddRule(Table, "guard", "a container cannot pose as the host's loopback",
            [.. CameByBridge, .. IsIpv4, NftExpression.Ipv4Source(1), NftExpression.IsEqual([LoopbackNet]), NftExpression.Drop()]);
    }

    private static void AddPublishing(NftTransaction transaction)
    {
        transaction.AddBaseChain(Table, "prerouting", "nat", NF_INET.PRE_ROUTING, DestinationNatPriority);
        transaction.AddBaseChain(Table, "output", "nat", NF_INET.LOCAL_OUT, DestinationNatPriority);
        transaction.AddChain(Table, "publish");
        // From the wire, 127.0.0.0/8 is forged: it must not become a container's address before routing refuses it.
        transaction.AddRule(Table, "prerouting", "to the host from outside or from containers",
            [.. IsIpv4, NftExpression.Ipv4Destination(1), NftExpression.IsNotEqual([LoopbackNet]), .. IsForThisHost, NftExpression.Jump("publish")]);
        transaction.AddRule(Table, "output", "to the host from itself",
            [.. IsIpv4, .. IsForThisHost, NftExpression.Jump("publish")]);
        transaction.AddRule(Table, "publish", "ports published on one address",
        [
            .. IsIpv4,
            NftExpression.TransportProtocol(NFT.REG_1), NftExpression.Ipv4Destination(4, NFT.REG32_01), NftExpression.DestinationPort(NFT.REG32_02),
            NftExpression.Map(PublishedAt), NftExpression.DestinationNat(),
        ]);
        transaction.AddRule(Table, "publish", "ports published on every address",
        [
            .. IsIpv4,
            NftExpression.TransportProtocol(NFT.REG_1), NftExpression.DestinationPort(NFT.REG32_01),
            NftExpression.Map(Published), NftExpression.DestinationNat(),
        ]);
    }

    private static void AddMasquerading(NftTransaction transaction)
    {
        transaction.AddBaseChain(Table, "postrouting", "nat", NF_INET.POST_ROUTING, SourceNatPriority);
        transaction.AddRule(Table, "postrouting", "from containers to the world",
            [.. IsIpv4, .. CameByBridge, NftExpression.OutputInterface(), NftExpression.IsNotIn(Bridges), NftExpression.Masquerade()]);
        // Without it the answer would go straight to the asking neighbour, with an address that it did not ask.
        transaction.AddRule(Table, "postrouting", "by a published port to a neighbour or to itself",
            [.. IsIpv4, .. WasPublished, .. StaysWithinBridge, NftExpression.Masquerade()]);
        // Packets without an input interface: the host's own, which may come from 127.0.0.1, and those of neighbours
        // when br_netfilter shows us what the bridge switches without routing.
        transaction.AddRule(Table, "postrouting", "by a published port from the host itself",
            [.. IsIpv4, .. WasPublished, NftExpression.InputIndex(), NftExpression.IsNumber(0), .. LeavesByBridge, NftExpression.Masquerade()]);
    }

    private static void AddFilter(NftTransaction transaction)
    {
        transaction.AddBaseChain(Table, "forward", "filter", NF_INET.FORWARD, FilterPriority);
        transaction.AddChain(Table, "inward");
        transaction.AddRule(Table, "forward", "to containers", [.. LeavesByBridge, NftExpression.Jump("inward")]);
        transaction.AddRule(Table, "forward", "from containers to the world", [.. CameByBridge, NftExpression.Accept()]);
        transaction.AddRule(Table, "inward", "answers",
            [NftExpression.ConnectionState(), NftExpression.Mask(EstablishedOrRelated), NftExpression.IsNotZero(), NftExpression.Accept()]);
        transaction.AddRule(Table, "inward", "published ports", [.. WasPublished, NftExpression.Accept()]);
        transaction.AddRule(Table, "inward", "neighbours in one network", [.. StaysWithinBridge, NftExpression.Accept()]);
        transaction.AddRule(Table, "inward", "nothing else: other networks, other hosts", NftExpression.Drop());
    }
}
