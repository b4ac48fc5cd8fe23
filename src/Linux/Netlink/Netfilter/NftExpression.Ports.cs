using System.Buffers.Binary;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Netlink.Netfilter;

public readonly partial struct NftExpression
{
    /// <summary>The number of TCP.</summary>
    public const byte Tcp = 6;

    /// <summary>The number of UDP.</summary>
    public const byte Udp = 17;

    private const byte SourcePortOffset = 0;
    private const byte TcpChecksumOffset = 16;
    private const byte UdpChecksumOffset = 6;

    /// <summary>Loads the source port, two bytes.</summary>
    public static NftExpression SourcePort(uint register = NFT.REG_1) => Payload(NFT.PAYLOAD_TRANSPORT_HEADER, SourcePortOffset, 2, register);

    /// <summary>Loads a port of ours, as it stands in packets.</summary>
    public static NftExpression Port(ushort port) => new("immediate", batch =>
    {
        byte[] value = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(value, port);
        batch.UInt32Network(NFTA.IMMEDIATE_DREG, NFT.REG_1);
        using (batch.Nest(NFTA.IMMEDIATE_DATA))
            batch.Raw(NFTA.DATA_VALUE, value);
    });

    /// <summary>Makes the register's first two bytes the packet's source port, without a connection's knowledge.</summary>
    /// <param name="protocol">The packet's, <see cref="Tcp"/> or <see cref="Udp"/>: its checksum is kept right.</param>
    public static NftExpression SetSourcePort(byte protocol) => WritePort(SourcePortOffset, protocol);

    /// <summary>As <see cref="SetSourcePort"/>, for the destination port.</summary>
    public static NftExpression SetDestinationPort(byte protocol) => WritePort(DestinationPortOffset, protocol);

    private static NftExpression WritePort(byte offset, byte protocol) => new("payload", batch =>
    {
        batch.UInt32Network(NFTA.PAYLOAD_SREG, NFT.REG_1);
        batch.UInt32Network(NFTA.PAYLOAD_BASE, NFT.PAYLOAD_TRANSPORT_HEADER);
        batch.UInt32Network(NFTA.PAYLOAD_OFFSET, offset);
        batch.UInt32Network(NFTA.PAYLOAD_LEN, 2);
        batch.UInt32Network(NFTA.PAYLOAD_CSUM_TYPE, NFT.PAYLOAD_CSUM_INET);
        batch.UInt32Network(NFTA.PAYLOAD_CSUM_OFFSET, protocol == Tcp ? TcpChecksumOffset : UdpChecksumOffset);
    });
}
