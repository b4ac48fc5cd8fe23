using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Rundlet.Linux;

namespace Rundlet.Network.Addresses;

/// <summary>An IPv4 subnet of a network: 2 to 16 host bits. The first address is the gateway's, the last the broadcast's.</summary>
public readonly record struct Subnet
{
    private const int ShortestPrefix = 16;
    private const int LongestPrefix = 30;

    private readonly uint _base;

    private Subnet(uint value, int prefixLength) => (_base, PrefixLength) = (value, prefixLength);

    /// <summary>How many leading bits name the subnet: 16 to 30.</summary>
    public int PrefixLength { get; }

    /// <summary>The gateway: the first address behind the subnet's own.</summary>
    public IPAddress Gateway => At(1);

    /// <summary>How many addresses containers can have.</summary>
    public int Capacity => (1 << (32 - PrefixLength)) - 3;

    /// <summary>Reads <c>172.30.0.0/16</c>.</summary>
    /// <exception cref="ContainerException">InvalidArgument: it is no IPv4 subnet of that size.</exception>
    public static Subnet Parse(string text)
    {
        if (!IPNetwork.TryParse(text, out IPNetwork network) || network.BaseAddress.AddressFamily != AddressFamily.InterNetwork
            || network.PrefixLength is < ShortestPrefix or > LongestPrefix)
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid subnet '{text}': want an IPv4 subnet from /16 to /30");
        }
        return new Subnet(ToNumber(network.BaseAddress), network.PrefixLength);
    }

    /// <summary>The subnet around an interface's address; null when it is not one that a network of ours can have.</summary>
    public static Subnet? TryAround(IPAddress address, int prefixLength)
    {
        if (address.AddressFamily != AddressFamily.InterNetwork || prefixLength is < ShortestPrefix or > LongestPrefix)
            return null;
        return new Subnet(ToNumber(address) & Mask(prefixLength), prefixLength);
    }

    /// <summary>The address of a container by its number, from 0.</summary>
    public IPAddress Container(int number) =>
        (uint)number < (uint)Capacity ? At(2 + number) : throw new ArgumentOutOfRangeException(nameof(number));

    /// <summary>A container's number by its address; -1 when a container cannot have it.</summary>
    public int NumberOf(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetwork)
            return -1;
        long number = (long)ToNumber(address) - _base - 2;
        return number >= 0 && number < Capacity ? (int)number : -1;
    }

    /// <summary>Whether any address is in both.</summary>
    public bool Overlaps(IPAddress address, int prefixLength)
    {
        uint mask = Mask(Math.Min(prefixLength, PrefixLength));
        return (ToNumber(address) & mask) == (_base & mask);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{At(0)}/{PrefixLength}";

    private IPAddress At(int offset)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, _base + (uint)offset);
        return new IPAddress(bytes);
    }

    private static uint Mask(int prefixLength) => prefixLength == 0 ? 0 : uint.MaxValue << (32 - prefixLength);

    private static uint ToNumber(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[4];
        return address.TryWriteBytes(bytes, out _)
            ? BinaryPrimitives.ReadUInt32BigEndian(bytes)
            : throw new ArgumentException("not an IPv4 address", nameof(address));
    }
}
