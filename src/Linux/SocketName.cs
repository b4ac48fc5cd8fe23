using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Rundlet.Syscalls;

namespace Rundlet.Linux;

/// <summary>A sockaddr_in or sockaddr_in6, ip(7) and ipv6(7).</summary>
[InlineArray(MaxLength)]
public struct SocketName
{
    /// <summary>The longest, in bytes.</summary>
    public const int MaxLength = 28;

    private const int Ipv4Length = 16;

    private byte _first;

    /// <summary>Its bytes, as long as its family says.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Bytes => ((ReadOnlySpan<byte>)this)[..(BinaryPrimitives.ReadUInt16LittleEndian(this) == AF.INET6 ? MaxLength : Ipv4Length)];

    /// <summary>Its port.</summary>
    public readonly ushort Port => BinaryPrimitives.ReadUInt16BigEndian(((ReadOnlySpan<byte>)this)[2..]);

    /// <summary>From an address and a port.</summary>
    public static SocketName Of(IPAddress address, int port)
    {
        SocketName result = default;
        Span<byte> bytes = result;
        bool isV6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)(isV6 ? AF.INET6 : AF.INET)); // both of our machines are little-endian
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], (ushort)port);
        address.TryWriteBytes(bytes[(isV6 ? 8 : 4)..], out _);
        if (isV6)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[24..], (uint)address.ScopeId);
        return result;
    }

    /// <summary>Of a family, for socket(2).</summary>
    public static int FamilyOf(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? AF.INET6 : AF.INET;
}
