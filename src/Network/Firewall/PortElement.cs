using System.Buffers.Binary;
using System.Net;
using Rundlet.Linux.Netlink.Netfilter;
using Rundlet.Network.Ports;

namespace Rundlet.Network.Firewall;

/// <summary>
/// A published port as an element of one of our maps, of which each family has three. Each part of a key or value fills
/// 32-bit words from the left; an address takes one word, or four.
/// <code>
/// published:        | protocol 0 0 0 | port 0 0 |                    ->  | container address | port 0 0 |
/// published_at:     | protocol 0 0 0 | host address | port 0 0 |     ->  | container address | port 0 0 |
/// published_ranges: | protocol 0 0 0 | host address | first port |   ->  | container address |
///                to | protocol 0 0 0 | host address | last port  |       every address: from the lowest to the highest
/// </code>
/// A range whose ports keep their numbers is one element. One that changes them is an element a port, for nftables cannot add.
/// </summary>
internal static class PortElement
{
    private const int Word = 4;

    /// <summary>The pieces that have an element each.</summary>
    public static IEnumerable<PublishedPort> Elementary(PublishedPort port) => port.HostPort == port.ContainerPort ? [port] : port.Expand();

    /// <summary>The map that a port belongs in.</summary>
    public static string MapOf(PublishedPort port) => (port.IsIpv6, port.Count > 1, port.IsAnywhere) switch
    {
        (false, true, _) => FirewallRules.PublishedRanges,
        (false, _, true) => FirewallRules.Published,
        (false, _, _) => FirewallRules.PublishedAt,
        (true, true, _) => FirewallRules.PublishedRanges6,
        (true, _, true) => FirewallRules.Published6,
        (true, _, _) => FirewallRules.PublishedAt6,
    };

    /// <summary>Writes the element; its comment is the container's id.</summary>
    public static NftElement Write(PublishedPort port)
    {
        int addressLength = port.IsIpv6 ? 4 * Word : Word;
        byte[] address = new byte[addressLength];
        byte[] lastAddress = address;
        if (!port.IsAnywhere)
            port.HostAddress!.TryWriteBytes(address, out _);
        else if (port.Count > 1)
            lastAddress = [.. Enumerable.Repeat((byte)0xff, addressLength)];
        bool hasAddress = port.Count > 1 || !port.IsAnywhere;
        byte[] key = Key(port.Protocol, hasAddress ? address : [], port.HostPort);
        byte[] target = new byte[addressLength + (port.Count > 1 ? 0 : Word)];
        port.ContainerAddress.TryWriteBytes(target, out _);
        if (port.Count > 1)
            return new NftElement(key, target, port.ContainerId) { KeyEnd = Key(port.Protocol, lastAddress, port.HostPort + port.Count - 1) };
        BinaryPrimitives.WriteUInt16BigEndian(target.AsSpan(addressLength), port.ContainerPort);
        return new NftElement(key, target, port.ContainerId);
    }

    /// <summary>Reads an element; null when it is none of ours.</summary>
    public static PublishedPort? TryRead(NftElement element)
    {
        bool isRange = element.KeyEnd is not null;
        int addressLength = element.Data.Length - (isRange ? 0 : Word);
        if (addressLength is not (Word or 4 * Word) || (element.KeyEnd ?? element.Key).Length != element.Key.Length)
            return null;
        bool hasAddress = element.Key.Length == (2 * Word) + addressLength;
        if ((!hasAddress && element.Key.Length != 2 * Word) || (isRange && !hasAddress))
            return null;
        ReadOnlySpan<byte> key = element.Key;
        ushort port = BinaryPrimitives.ReadUInt16BigEndian(key[^Word..]);
        IPAddress target = new(element.Data.AsSpan(0, addressLength));
        if (!isRange)
        {
            return new PublishedPort((PortProtocol)key[0], hasAddress ? new IPAddress(key.Slice(Word, addressLength)) : null, port,
                target, BinaryPrimitives.ReadUInt16BigEndian(element.Data.AsSpan(addressLength)), element.Comment);
        }
        ReadOnlySpan<byte> end = element.KeyEnd;
        bool isOneAddress = key.Slice(Word, addressLength).SequenceEqual(end.Slice(Word, addressLength));
        int count = BinaryPrimitives.ReadUInt16BigEndian(end[^Word..]) - port + 1;
        return count < 1 ? null : new PublishedPort((PortProtocol)key[0], isOneAddress ? new IPAddress(key.Slice(Word, addressLength)) : null, port, target, port, element.Comment)
        {
            Count = count,
        };
    }

    private static byte[] Key(PortProtocol protocol, byte[] address, int port)
    {
        byte[] key = new byte[(2 * Word) + address.Length];
        key[0] = (byte)protocol;
        address.CopyTo(key, Word);
        BinaryPrimitives.WriteUInt16BigEndian(key.AsSpan(Word + address.Length), (ushort)port);
        return key;
    }
}
