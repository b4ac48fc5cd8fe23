using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Rundlet.Linux;

namespace Rundlet.Network.Addresses;

/// <summary>A subnet of a network, IPv4 (<c>/8</c> to <c>/30</c>) or IPv6 (<c>/16</c> to <c>/126</c>).</summary>
public readonly record struct Subnet
{
    private const int ShortestPrefix = 8;
    private const int LongestPrefix = 30;
    private const int ShortestPrefix6 = 16;
    private const int LongestPrefix6 = 126;
    private const int Bits = 32;
    private const int Bits6 = 128;

    private readonly UInt128 _base;

    private Subnet(UInt128 value, int prefixLength, bool isIpv6) => (_base, PrefixLength, IsIpv6) = (value, prefixLength, isIpv6);

    /// <summary>How many leading bits name the subnet.</summary>
    public int PrefixLength { get; }

    /// <summary>Whether it is IPv6.</summary>
    public bool IsIpv6 { get; }

    /// <summary>Its first address, which names it.</summary>
    public IPAddress Address => At(0);

    /// <summary>The gateway unless another is named: the first address behind the subnet's own.</summary>
    public IPAddress Gateway => At(1);

    /// <summary>Its last address; IPv4's broadcast.</summary>
    public IPAddress Last => At(Size - 1);

    /// <summary>How many addresses it has.</summary>
    internal UInt128 Size => UInt128.One << (WidthOf(IsIpv6) - PrefixLength);

    /// <summary>Reads <c>172.30.0.0/16</c> or <c>fd00:1::/64</c>.</summary>
    /// <exception cref="ContainerException">InvalidArgument: it is no subnet, or one of another size.</exception>
    public static Subnet Parse(string text)
    {
        int slash = text.IndexOf('/');
        if (slash < 0 || !IPAddress.TryParse(text.AsSpan(0, slash), out IPAddress? address)
            || !int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int prefixLength))
        {
            throw Invalid(text, "want an address and a prefix length, such as 10.9.0.0/16");
        }
        Subnet subnet = TryAround(address, prefixLength)
            ?? throw Invalid(text, $"want an IPv4 subnet from /{ShortestPrefix} to /{LongestPrefix}, or an IPv6 subnet from /{ShortestPrefix6} to /{LongestPrefix6}");
        return subnet.Address.Equals(address) ? subnet : throw Invalid(text, $"it has host bits: want '{subnet}'");
    }

    /// <summary>Reads a range of addresses within a subnet, <c>--ip-range</c>: as <see cref="Parse"/>, but down to a single address.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static Subnet ParseRange(string text) => IPNetwork.TryParse(text, out IPNetwork network)
        ? new Subnet(ToNumber(network.BaseAddress), network.PrefixLength, IsV6(network.BaseAddress))
        : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid address range '{Names.Printable(text)}': want an address and a prefix length, such as 10.9.5.0/24");

    /// <summary>The subnet around an interface's address; null when it is not one that a network of ours can have.</summary>
    public static Subnet? TryAround(IPAddress address, int prefixLength)
    {
        bool isIpv6 = IsV6(address);
        bool fits = isIpv6 ? prefixLength is >= ShortestPrefix6 and <= LongestPrefix6 : prefixLength is >= ShortestPrefix and <= LongestPrefix;
        return fits ? new Subnet(ToNumber(address) & Mask(prefixLength, isIpv6), prefixLength, isIpv6) : null;
    }

    /// <summary>Whether the address is in it.</summary>
    public bool Contains(IPAddress address) => IsV6(address) == IsIpv6 && (ToNumber(address) & Mask(PrefixLength, IsIpv6)) == _base;

    /// <summary>Whether all of the other is in it.</summary>
    public bool Contains(Subnet other) => other.PrefixLength >= PrefixLength && Contains(other.Address);

    /// <summary>Whether an interface in it may have that address: neither the subnet's own nor, in IPv4, the broadcast's.</summary>
    public bool IsUsable(IPAddress address) => Contains(address) && !address.Equals(Address) && (IsIpv6 || !address.Equals(Last));

    /// <summary>Whether any address is in both.</summary>
    public bool Overlaps(IPAddress address, int prefixLength)
    {
        if (IsV6(address) != IsIpv6)
            return false;
        UInt128 mask = Mask(Math.Min(prefixLength, PrefixLength), IsIpv6);
        return (ToNumber(address) & mask) == (_base & mask);
    }

    /// <inheritdoc cref="Overlaps(IPAddress, int)"/>
    public bool Overlaps(Subnet other) => Overlaps(other.Address, other.PrefixLength);

    /// <inheritdoc/>
    public override string ToString() => $"{Address}/{PrefixLength}";

    /// <summary>The address at that place, from 0.</summary>
    internal IPAddress At(UInt128 place)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, _base + place);
        return new IPAddress(IsIpv6 ? bytes : bytes[12..]);
    }

    /// <summary>The place of an address that is in it.</summary>
    internal UInt128 PlaceOf(IPAddress address) => ToNumber(address) - _base;

    private static bool IsV6(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6;

    private static int WidthOf(bool isIpv6) => isIpv6 ? Bits6 : Bits;

    private static UInt128 Mask(int prefixLength, bool isIpv6)
    {
        int hostBits = WidthOf(isIpv6) - prefixLength;
        return hostBits >= Bits6 ? 0 : UInt128.MaxValue << hostBits; // in IPv4 the bits above the 32 are zero in every number
    }

    private static UInt128 ToNumber(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        return address.TryWriteBytes(bytes, out int count) && count == 16
            ? BinaryPrimitives.ReadUInt128BigEndian(bytes)
            : BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    private static ContainerException Invalid(string text, string reason) =>
        new(ContainerErrorKind.InvalidArgument, $"invalid subnet '{Names.Printable(text)}': {reason}");
}
