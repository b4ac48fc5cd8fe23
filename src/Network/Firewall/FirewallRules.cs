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

    /// <summary>The comment of the chain <see cref="Forward"/>. Another number means other rules: they are made anew.</summary>
    public const string Version = "rundlet rules 2";

    /// <summary>The chain of forwarded packets, which carries the version.</summary>
    public const string Forward = "forward";

    /// <summary>The administrator's chain. Whatever in our table begins with this is the administrator's and never touched.</summary>
    public const string Admin = "admin";

    /// <summary>The bit of the packet's mark that is set on what we let pass, for other tables that drop by default.</summary>
    public const uint AcceptedMark = 0x02000000;

    /// <summary>Our bridges, by name.</summary>
    public const string Bridges = "bridges";

    /// <summary>Pairs (bridge, the same bridge): traffic within one network.</summary>
    public const string Within = "within";

    /// <summary>Bridges of internal networks.</summary>
    public const string Internal = "internal";

    /// <summary>Bridges whose containers do not reach each other.</summary>
    public const string Apart = "apart";

    /// <summary>Bridges whose containers appear under the host's address.</summary>
    public const string Masqueraded = "masqueraded";

    /// <summary>Maps with the published ports; see <see cref="PortElement"/>.</summary>
    public const string Published = "published";

    /// <inheritdoc cref="Published"/>
    public const string PublishedAt = "published_at";

    /// <inheritdoc cref="Published"/>
    public const string PublishedRanges = "published_ranges";

    /// <inheritdoc cref="Published"/>
    public const string Published6 = "published6";

    /// <inheritdoc cref="Published"/>
    public const string PublishedAt6 = "published6_at";

    /// <inheritdoc cref="Published"/>
    public const string PublishedRanges6 = "published6_ranges";

    /// <summary>All maps of published ports.</summary>
    public static string[] PortMaps { get; } = [Published, PublishedAt, PublishedRanges, Published6, PublishedAt6, PublishedRanges6];

    /// <summary>All sets of bridges.</summary>
    public static string[] BridgeSets { get; } = [Bridges, Within, Internal, Apart, Masqueraded];

    // The customary places at a hook, as nft(8) names them: raw, dstnat, filter, srcnat.
    private const int RawPriority = -300;
    private const int DestinationNatPriority = -100;
    private const int FilterPriority = 0 - 1; // before the filter chains of others, so that they see our mark
    private const int SourceNatPriority = 100;

    // ct state: the bit of each is 1 << (number of the state + 1), after linux/netfilter/nf_conntrack_common.h.
    private const uint EstablishedOrRelated = (1 << 1) | (1 << 2);

    private const byte LoopbackNet = 127; // the first byte of 127.0.0.0/8

    private static readonly byte[] s_loopback6 = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

    private static NftExpression[] IsIpv4 { get; } = [NftExpression.Family(), NftExpression.IsEqual([NFPROTO.IPV4])];

    private static NftExpression[] IsIpv6 { get; } = [NftExpression.Family(), NftExpression.IsEqual([NFPROTO.IPV6])];

    private static NftExpression[] CameByBridge { get; } = [NftExpression.InputInterface(), NftExpression.IsIn(Bridges)];

    private static NftExpression[] LeavesByBridge { get; } = [NftExpression.OutputInterface(), NftExpression.IsIn(Bridges)];

    private static NftExpression[] Ways { get; } = [NftExpression.InputInterface(), NftExpression.OutputInterface(NFT.REG_2)];

    private static NftExpression[] StaysWithinBridge { get; } = [.. Ways, NftExpression.IsIn(Within)];

    private static NftExpression[] ChangesBridge { get; } = [.. Ways, NftExpression.IsNotIn(Within)];

    private static NftExpression[] IsForThisHost { get; } = [NftExpression.DestinationKind(), NftExpression.IsNumber(RTN.LOCAL)];

    private static NftExpression[] WasPublished { get; } =
        [NftExpression.ConnectionStatus(), NftExpression.Mask(IPS.DST_NAT), NftExpression.IsNotZero()];

    /// <summary>Adds everything but the table and the administrator's chain to a transaction.</summary>
    public static void Add(NftTransaction transaction)
    {
        AddSets(transaction);
        AddGuard(transaction);
        AddPublishing(transaction);
        AddMasquerading(transaction);
        AddFilter(transaction);
    }

    private static void AddSets(NftTransaction transaction)
    {
        transaction.AddSet(Table, Bridges, NftType.InterfaceName);
        transaction.AddSet(Table, Within, NftType.Concat(NftType.InterfaceName, NftType.InterfaceName));
        transaction.AddSet(Table, Internal, NftType.InterfaceName);
        transaction.AddSet(Table, Apart, NftType.InterfaceName);
        transaction.AddSet(Table, Masqueraded, NftType.InterfaceName);
        AddPortMaps(transaction, NftType.Ipv4Address, Published, PublishedAt, PublishedRanges);
        AddPortMaps(transaction, NftType.Ipv6Address, Published6, PublishedAt6, PublishedRanges6);
    }

    private static void AddPortMaps(NftTransaction transaction, NftType address, string anywhere, string at, string ranges)
    {
        NftType target = NftType.Concat(address, NftType.Port);
        NftType whole = NftType.Concat(NftType.Protocol, address, NftType.Port);
        transaction.AddSet(Table, anywhere, NftType.Concat(NftType.Protocol, NftType.Port), target);
        transaction.AddSet(Table, at, whole, target);
        transaction.AddSet(Table, ranges, whole, address, NftType.Protocol, address, NftType.Port);
    }

    private static void AddGuard(NftTransaction transaction)
    {
        transaction.AddBaseChain(Table, "guard", "filter", NF_INET.PRE_ROUTING, RawPriority);
        // Our bridges have route_localnet, so the kernel no longer refuses 127.0.0.0/8 there by itself.
        transaction.AddRule(Table, "guard", "a container cannot reach the host's loopback",
            [.. CameByBridge, .. IsIpv4, NftExpression.Ipv4Destination(1), NftExpression.IsEqual([LoopbackNet]), NftExpression.Drop()]);
        transaction.AddRule(Table, "guard", "a container cannot pose as the host's loopback",
            [.. CameByBridge, .. IsIpv4, NftExpression.Ipv4Source(1), NftExpression.IsEqual([LoopbackNet]), NftExpression.Drop()]);
        transaction.AddRule(Table, "guard", "from an internal network only the bridge itself is reached",
        [
            NftExpression.InputInterface(), NftExpression.IsIn(Internal), .. IsForThisHost,
            NftExpression.DestinationKindAtInput(), NftExpression.IsNotNumber(RTN.LOCAL), NftExpression.Drop(),
        ]);
    }

    private static void AddPublishing(NftTransaction transaction)
    {
        transaction.AddBaseChain(Table, "prerouting", "nat", NF_INET.PRE_ROUTING, DestinationNatPriority);
        transaction.AddBaseChain(Table, "output", "nat", NF_INET.LOCAL_OUT, DestinationNatPriority);
        transaction.AddChain(Table, "publish");
        transaction.AddChain(Table, "publish6");
        // From the wire, 127.0.0.0/8 is forged: it must not become a container's address before routing refuses it.
        transaction.AddRule(Table, "prerouting", "to the host from outside or from containers",
            [.. IsIpv4, NftExpression.Ipv4Destination(1), NftExpression.IsNotEqual([LoopbackNet]), .. IsForThisHost, NftExpression.Goto("publish")]);
        transaction.AddRule(Table, "prerouting", "the same by IPv6", [.. IsIpv6, .. IsForThisHost, NftExpression.Goto("publish6")]);
        transaction.AddRule(Table, "output", "to the host from itself", [.. IsIpv4, .. IsForThisHost, NftExpression.Goto("publish")]);
        // Answers would come to ::1 by a bridge, which the kernel never lets in: refused is better than unanswered.
        transaction.AddRule(Table, "output", "the same by IPv6, except to ::1",
            [.. IsIpv6, NftExpression.Ipv6Destination(), NftExpression.IsNotEqual(s_loopback6), .. IsForThisHost, NftExpression.Goto("publish6")]);
        AddLookups(transaction, "publish", NFPROTO.IPV4, Published, PublishedAt, PublishedRanges);
        AddLookups(transaction, "publish6", NFPROTO.IPV6, Published6, PublishedAt6, PublishedRanges6);
    }

    private static void AddLookups(NftTransaction transaction, string chain, byte family, string anywhere, string at, string ranges)
    {
        bool isIpv6 = family == NFPROTO.IPV6;
        NftExpression[] isFamily = isIpv6 ? IsIpv6 : IsIpv4;
        NftExpression[] place =
        [
            NftExpression.TransportProtocol(NFT.REG_1),
            isIpv6 ? NftExpression.Ipv6Destination(NFT.REG32_01) : NftExpression.Ipv4Destination(4, NFT.REG32_01),
            NftExpression.DestinationPort(isIpv6 ? NFT.REG32_05 : NFT.REG32_02),
        ];
        transaction.AddRule(Table, chain, "ports published on one address",
            [.. isFamily, .. place, NftExpression.Map(at), NftExpression.DestinationNat(family, withPort: true)]);
        transaction.AddRule(Table, chain, "ports published on every address",
        [
            .. isFamily, NftExpression.TransportProtocol(NFT.REG_1), NftExpression.DestinationPort(NFT.REG32_01),
            NftExpression.Map(anywhere), NftExpression.DestinationNat(family, withPort: true),
        ]);
        transaction.AddRule(Table, chain, "ranges of ports that keep their numbers",
            [.. isFamily, .. place, NftExpression.Map(ranges), NftExpression.DestinationNat(family, withPort: false)]);
    }

    private static void AddMasquerading(NftTransaction transaction)
    {
        transaction.AddBaseChain(Table, "postrouting", "nat", NF_INET.POST_ROUTING, SourceNatPriority);
        transaction.AddRule(Table, "postrouting", "from containers to the world",
        [
            NftExpression.InputInterface(), NftExpression.IsIn(Masqueraded),
            NftExpression.OutputInterface(), NftExpression.IsNotIn(Bridges), NftExpression.Masquerade(),
        ]);
        // Without it the answer would go straight to the asking neighbour, with an address that it did not ask.
        transaction.AddRule(Table, "postrouting", "by a published port to a neighbour or to itself",
            [.. WasPublished, .. StaysWithinBridge, NftExpression.Masquerade()]);
        // Packets without an input interface: the host's own, which may come from 127.0.0.1, and those of neighbours
        // when br_netfilter shows us what the bridge switches without routing.
        transaction.AddRule(Table, "postrouting", "by a published port from the host itself",
            [.. WasPublished, NftExpression.InputIndex(), NftExpression.IsNumber(0), .. LeavesByBridge, NftExpression.Masquerade()]);
    }

    private static void AddFilter(NftTransaction transaction)
    {
        transaction.AddBaseChain(Table, Forward, "filter", NF_INET.FORWARD, FilterPriority, Version);
        transaction.AddChain(Table, "inward");
        transaction.AddChain(Table, "outward");
        transaction.AddChain(Table, "accepted");
        transaction.AddRule(Table, Forward, "to containers", [.. LeavesByBridge, NftExpression.Goto("inward")]);
        transaction.AddRule(Table, Forward, "from containers to the world", [.. CameByBridge, NftExpression.Goto("outward")]);
        transaction.AddRule(Table, "inward", "the administrator's rules", NftExpression.Jump(Admin));
        transaction.AddRule(Table, "inward", "answers",
            [NftExpression.ConnectionState(), NftExpression.Mask(EstablishedOrRelated), NftExpression.IsNotZero(), NftExpression.Goto("accepted")]);
        transaction.AddRule(Table, "inward", "nothing leads into an internal network",
            [NftExpression.OutputInterface(), NftExpression.IsIn(Internal), .. ChangesBridge, NftExpression.Drop()]);
        transaction.AddRule(Table, "inward", "nothing leads out of an internal network",
            [NftExpression.InputInterface(), NftExpression.IsIn(Internal), .. ChangesBridge, NftExpression.Drop()]);
        transaction.AddRule(Table, "inward", "published ports", [.. WasPublished, NftExpression.Goto("accepted")]);
        transaction.AddRule(Table, "inward", "neighbours that are kept apart",
            [NftExpression.InputInterface(), NftExpression.IsIn(Apart), NftExpression.Drop()]);
        transaction.AddRule(Table, "inward", "neighbours in one network", [.. StaysWithinBridge, NftExpression.Goto("accepted")]);
        transaction.AddRule(Table, "inward", "nothing else: other networks, other hosts", NftExpression.Drop());
        transaction.AddRule(Table, "outward", "the administrator's rules", NftExpression.Jump(Admin));
        transaction.AddRule(Table, "outward", "nothing leads out of an internal network",
            [NftExpression.InputInterface(), NftExpression.IsIn(Internal), NftExpression.Drop()]);
        transaction.AddRule(Table, "outward", "everything else", NftExpression.Goto("accepted"));
        transaction.AddRule(Table, "accepted", "for other tables that drop by default",
            [NftExpression.PacketMark(), NftExpression.Or(AcceptedMark), NftExpression.SetPacketMark()]);
        transaction.AddRule(Table, "accepted", "ends our table only", NftExpression.Accept());
    }
}
