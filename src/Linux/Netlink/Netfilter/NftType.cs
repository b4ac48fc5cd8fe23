namespace Rundlet.Linux.Netlink.Netfilter;

/// <summary>
/// What a set's keys or values are made of. The kernel only needs the length; the number is what lets nft(8) print
/// them. Parts of a concatenation each fill whole 32-bit words.
/// </summary>
/// <param name="Id">The number: six bits a part.</param>
/// <param name="Length">The length, in bytes.</param>
/// <param name="ByteOrder">How nft(8) is to print it: 1 for the machine's order, 2 for the network's, 0 for parts that know themselves.</param>
public readonly record struct NftType(uint Id, uint Length, uint ByteOrder)
{
    private const int BitsPerPart = 6;

    /// <summary>An IPv4 address.</summary>
    public static NftType Ipv4Address { get; } = new(7, 4, 2);

    /// <summary>An IPv6 address.</summary>
    public static NftType Ipv6Address { get; } = new(8, 16, 2);

    /// <summary>A transport protocol's number.</summary>
    public static NftType Protocol { get; } = new(12, 1, 2);

    /// <summary>A port.</summary>
    public static NftType Port { get; } = new(13, 2, 2);

    /// <summary>An interface's name, filled up with NULs.</summary>
    public static NftType InterfaceName { get; } = new(41, 16, 1);

    /// <summary>Several parts, one behind the other.</summary>
    public static NftType Concat(params ReadOnlySpan<NftType> parts)
    {
        NftType all = default;
        foreach (NftType part in parts)
            all = new NftType((all.Id << BitsPerPart) | part.Id, all.Length + ((part.Length + 3) & ~3u), 0);
        return all;
    }
}
