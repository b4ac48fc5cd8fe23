using System.Text;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Netlink.Netfilter;

/// <summary>
/// One step of a rule, as the kernel's nftables machine runs it: it loads into a register, compares a register, looks
/// one up in a set, or decides. A comparison that fails ends the rule. What nft(8) compiles a line of text to is
/// shown by <c>nft --debug=netlink</c>.
/// </summary>
public readonly partial struct NftExpression
{
    /// <summary>The length of an interface's name in a register, in bytes.</summary>
    public const int InterfaceNameLength = 16;

    private const byte Ipv4SourceOffset = 12;
    private const byte Ipv4DestinationOffset = 16;
    private const byte Ipv6DestinationOffset = 24;
    private const byte DestinationPortOffset = 2;

    private readonly Action<NetlinkBatch> _write;

    private NftExpression(string name, Action<NetlinkBatch> write) => (Name, _write) = (name, write);

    /// <summary>The kernel's name of it.</summary>
    internal string Name { get; }

    /// <summary>Appends its attributes.</summary>
    internal void Write(NetlinkBatch batch) => _write(batch);

    /// <summary>Loads the name of the interface that the packet came in by.</summary>
    public static NftExpression InputInterface(uint register = NFT.REG_1) => Meta(NFT.META_IIFNAME, register);

    /// <summary>Loads the name of the interface that the packet leaves by.</summary>
    public static NftExpression OutputInterface(uint register = NFT.REG_1) => Meta(NFT.META_OIFNAME, register);

    /// <summary>Loads the number of the interface that the packet came in by, in the machine's order; 0 for none.</summary>
    public static NftExpression InputIndex(uint register = NFT.REG_1) => Meta(NFT.META_IIF, register);

    /// <summary>Loads the packet's family, one byte of <see cref="NFPROTO"/>.</summary>
    public static NftExpression Family(uint register = NFT.REG_1) => Meta(NFT.META_NFPROTO, register);

    /// <summary>Loads the transport protocol's number, one byte.</summary>
    public static NftExpression TransportProtocol(uint register = NFT.REG_1) => Meta(NFT.META_L4PROTO, register);

    /// <summary>Loads leading bytes of the IPv4 source address.</summary>
    public static NftExpression Ipv4Source(uint length = 4, uint register = NFT.REG_1) =>
        Payload(NFT.PAYLOAD_NETWORK_HEADER, Ipv4SourceOffset, length, register);

    /// <summary>Loads leading bytes of the IPv4 destination address.</summary>
    public static NftExpression Ipv4Destination(uint length = 4, uint register = NFT.REG_1) =>
        Payload(NFT.PAYLOAD_NETWORK_HEADER, Ipv4DestinationOffset, length, register);

    /// <summary>Loads the IPv6 destination address.</summary>
    public static NftExpression Ipv6Destination(uint register = NFT.REG_1) =>
        Payload(NFT.PAYLOAD_NETWORK_HEADER, Ipv6DestinationOffset, 16, register);

    /// <summary>Loads the destination port, two bytes; TCP, UDP, SCTP, DCCP have it in the same place.</summary>
    public static NftExpression DestinationPort(uint register = NFT.REG_1) =>
        Payload(NFT.PAYLOAD_TRANSPORT_HEADER, DestinationPortOffset, 2, register);

    /// <summary>Loads what the destination address is to this host, one of <see cref="RTN"/> in 32 bits.</summary>
    public static NftExpression DestinationKind(uint register = NFT.REG_1) => Fib(NFTA.FIB_F_DADDR, register);

    /// <summary>As <see cref="DestinationKind"/>, but to the interface alone that the packet came in by.</summary>
    public static NftExpression DestinationKindAtInput(uint register = NFT.REG_1) => Fib(NFTA.FIB_F_DADDR | NFTA.FIB_F_IIF, register);

    /// <summary>Loads the connection's state bits, in the machine's order.</summary>
    public static NftExpression ConnectionState(uint register = NFT.REG_1) => Connection(NFT.CT_STATE, register);

    /// <summary>Loads the connection's status bits (<see cref="IPS"/>), in the machine's order.</summary>
    public static NftExpression ConnectionStatus(uint register = NFT.REG_1) => Connection(NFT.CT_STATUS, register);

    /// <summary>Goes on if the register begins with those bytes.</summary>
    public static NftExpression IsEqual(params byte[] value) => Compare(NFT.CMP_EQ, value);

    /// <summary>Goes on if the register does not begin with those bytes.</summary>
    public static NftExpression IsNotEqual(params byte[] value) => Compare(NFT.CMP_NEQ, value);

    /// <summary>Goes on if the register holds that number in the machine's order.</summary>
    public static NftExpression IsNumber(uint value) => Compare(NFT.CMP_EQ, BitConverter.GetBytes(value));

    /// <summary>Goes on if the register does not hold that number in the machine's order.</summary>
    public static NftExpression IsNotNumber(uint value) => Compare(NFT.CMP_NEQ, BitConverter.GetBytes(value));

    /// <summary>Goes on if the register is not zero in its first 32 bits.</summary>
    public static NftExpression IsNotZero() => Compare(NFT.CMP_NEQ, new byte[4]);

    /// <summary>Keeps those bits of the register's first 32, in the machine's order.</summary>
    public static NftExpression Mask(uint bits) => Bitwise(bits, 0);

    /// <summary>Sets those bits of the register's first 32, in the machine's order.</summary>
    public static NftExpression Or(uint bits) => Bitwise(~bits, bits);

    /// <summary>Loads the packet's mark.</summary>
    public static NftExpression PacketMark(uint register = NFT.REG_1) => Meta(NFT.META_MARK, register);

    /// <summary>Makes the register's first 32 bits the packet's mark.</summary>
    public static NftExpression SetPacketMark() => new("meta", static batch =>
    {
        batch.UInt32Network(NFTA.META_SREG, NFT.REG_1);
        batch.UInt32Network(NFTA.META_KEY, NFT.META_MARK);
    });

    private static NftExpression Bitwise(uint mask, uint xor) => new("bitwise", batch =>
    {
        batch.UInt32Network(NFTA.BITWISE_SREG, NFT.REG_1);
        batch.UInt32Network(NFTA.BITWISE_DREG, NFT.REG_1);
        batch.UInt32Network(NFTA.BITWISE_LEN, sizeof(uint));
        using (batch.Nest(NFTA.BITWISE_MASK))
            batch.Raw(NFTA.DATA_VALUE, BitConverter.GetBytes(mask));
        using (batch.Nest(NFTA.BITWISE_XOR))
            batch.Raw(NFTA.DATA_VALUE, BitConverter.GetBytes(xor));
    });

    /// <summary>Goes on if the first register, as far as the key is long, is in the set.</summary>
    public static NftExpression IsIn(string set) => Lookup(set, 0);

    /// <summary>Goes on if it is not in the set.</summary>
    public static NftExpression IsNotIn(string set) => Lookup(set, NFT.LOOKUP_F_INV);

    /// <summary>Goes on if the first register is in the map, with the value in its place.</summary>
    public static NftExpression Map(string map) => new("lookup", batch =>
    {
        batch.Text(NFTA.LOOKUP_SET, map);
        batch.UInt32Network(NFTA.LOOKUP_SREG, NFT.REG_1);
        batch.UInt32Network(NFTA.LOOKUP_DREG, NFT.REG_1);
    });

    /// <summary>Sends the connection to the address at the first register and, if asked, to the port behind it; else the port stays.</summary>
    /// <param name="family">The address's, <see cref="NFPROTO.IPV4"/> or <see cref="NFPROTO.IPV6"/>.</param>
    /// <param name="withPort">Whether a port follows the address.</param>
    public static NftExpression DestinationNat(byte family, bool withPort) => new("nat", batch =>
    {
        batch.UInt32Network(NFTA.NAT_TYPE, NFT.NAT_DNAT);
        batch.UInt32Network(NFTA.NAT_FAMILY, family);
        batch.UInt32Network(NFTA.NAT_REG_ADDR_MIN, NFT.REG_1);
        if (withPort)
            batch.UInt32Network(NFTA.NAT_REG_PROTO_MIN, family == NFPROTO.IPV6 ? NFT.REG32_04 : NFT.REG32_01);
    });

    /// <summary>Gives the connection the address of the interface that it leaves by.</summary>
    public static NftExpression Masquerade() => new("masq", static _ => { });

    /// <summary>Lets the packet pass this table.</summary>
    public static NftExpression Accept() => Verdict(NF.ACCEPT, null);

    /// <summary>Throws the packet away.</summary>
    public static NftExpression Drop() => Verdict(NF.DROP, null);

    /// <summary>Goes on in another chain, and after that behind this rule.</summary>
    public static NftExpression Jump(string chain) => Verdict(NFT.JUMP, chain);

    /// <summary>Goes on in another chain, and does not come back.</summary>
    public static NftExpression Goto(string chain) => Verdict(NFT.GOTO, chain);

    /// <summary>A name as it stands in a register and in a set of names.</summary>
    /// <exception cref="ArgumentException">It is longer than 15 bytes.</exception>
    public static byte[] InterfaceNameKey(string name)
    {
        byte[] key = new byte[InterfaceNameLength];
        if (!Encoding.UTF8.TryGetBytes(name, key.AsSpan(0, InterfaceNameLength - 1), out _))
            throw new ArgumentException($"interface name '{name}' is longer than 15 bytes");
        return key;
    }

    private static NftExpression Meta(uint key, uint register) => new("meta", batch =>
    {
        batch.UInt32Network(NFTA.META_DREG, register);
        batch.UInt32Network(NFTA.META_KEY, key);
    });

    private static NftExpression Connection(uint key, uint register) => new("ct", batch =>
    {
        batch.UInt32Network(NFTA.CT_DREG, register);
        batch.UInt32Network(NFTA.CT_KEY, key);
    });

    private static NftExpression Payload(uint header, uint offset, uint length, uint register) => new("payload", batch =>
    {
        batch.UInt32Network(NFTA.PAYLOAD_DREG, register);
        batch.UInt32Network(NFTA.PAYLOAD_BASE, header);
        batch.UInt32Network(NFTA.PAYLOAD_OFFSET, offset);
        batch.UInt32Network(NFTA.PAYLOAD_LEN, length);
    });

    private static NftExpression Fib(uint flags, uint register) => new("fib", batch =>
    {
        batch.UInt32Network(NFTA.FIB_DREG, register);
        batch.UInt32Network(NFTA.FIB_RESULT, NFT.FIB_RESULT_ADDRTYPE);
        batch.UInt32Network(NFTA.FIB_FLAGS, flags);
    });

    private static NftExpression Compare(uint operation, byte[] value) => new("cmp", batch =>
    {
        batch.UInt32Network(NFTA.CMP_SREG, NFT.REG_1);
        batch.UInt32Network(NFTA.CMP_OP, operation);
        using (batch.Nest(NFTA.CMP_DATA))
            batch.Raw(NFTA.DATA_VALUE, value);
    });

    private static NftExpression Lookup(string set, uint flags) => new("lookup", batch =>
    {
        batch.Text(NFTA.LOOKUP_SET, set);
        batch.UInt32Network(NFTA.LOOKUP_SREG, NFT.REG_1);
        if (flags != 0)
            batch.UInt32Network(NFTA.LOOKUP_FLAGS, flags);
    });

    private static NftExpression Verdict(uint code, string? chain) => new("immediate", batch =>
    {
        batch.UInt32Network(NFTA.IMMEDIATE_DREG, NFT.REG_VERDICT);
        using (batch.Nest(NFTA.IMMEDIATE_DATA))
        using (batch.Nest(NFTA.DATA_VERDICT))
        {
            batch.UInt32Network(NFTA.VERDICT_CODE, code);
            if (chain is not null)
                batch.Text(NFTA.VERDICT_CHAIN, chain);
        }
    });
}
