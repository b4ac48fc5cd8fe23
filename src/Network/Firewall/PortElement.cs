using System.Buffers.Binary;
using System.Net;
using Rundlet.Linux.Netlink.Netfilter;
using Rundlet.Network.Ports;

namespace Rundlet.Network.Firewall;

/// <summary>
/// A published port as an element of one of our two maps. Each part of a key or value fills 32-bit words from the left:
/// <code>
/// published:    | protocol 0 0 0 | port 0 0 |              ->  | container address | port 0 0 |
/// published_at: | protocol 0 0 0 | host address | port 0 0 |  ->  | container address | port 0 0 |
/// </code>
/// </summary>
internal static class PortElement
{
    private const int Word = 4;

    /// <summary>The map that a port belongs in.</summary>
    public static string MapOf(PublishedPort port) => port.HostAddress is null ? FirewallRules.Published : FirewallRules.PublishedAt;

    /// <summary>Writes the element; its comment is the container's id.</summary>
    public static NftElement Write(PublishedPort port)
    {
        int hostWords = port.HostAddress is null ? 0 : 1;
        byte[] key = new byte[(2 + hostWords) * Word];
        key[0] = (byte)port.Protocol;
        port.HostAddress?.TryWriteBytes(key.AsSpan(Word), out _);
        BinaryPrimitives.WriteUInt16BigEndian(key.AsSpan((1 + hostWords) * Word), port.HostPort);
        byte[] data = new byte[2 * Word];
        port.ContainerAddress.TryWriteBytes(data, out _);
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(Word), port.ContainerPort);
        return new NftElement(key, data, port.ContainerId);
    }

    /// <summary>Reads an element; null when it is none of ours.</summary>
    public static PublishedPort? TryRead(NftElement element)
    {
        if (element.Key.Length is not (2 * Word or 3 * Word) || element.Data.Length != 2 * Word)
            return null;
        bool hasAddress = element.Key.Length == 3 * Word;
        return new PublishedPort(
            (PortProtocol)element.Key[0],
            hasAddress ? new IPAddress(element.Key.AsSpan(Word, Word)) : null,
            BinaryPrimitives.ReadUInt16BigEndian(element.Key.AsSpan(element.Key.Length - Word)),
            new IPAddress(element.Data.AsSpan(0, Word)),
            BinaryPrimitives.ReadUInt16BigEndian(element.Data.AsSpan(Word)),
            element.Comment);
    }
}
