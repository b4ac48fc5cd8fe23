using System.Buffers.Binary;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Rundlet.Linux.Netlink;

/// <summary>One attribute. Each reading method throws <c>EBADMSG</c> when the value has another size.</summary>
public readonly ref struct NetlinkAttribute(ushort type, ReadOnlySpan<byte> value)
{
    /// <summary>The type, without its flag bits.</summary>
    public ushort Type { get; } = type;

    /// <summary>The value's bytes.</summary>
    public ReadOnlySpan<byte> Value { get; } = value;

    /// <summary>The attributes inside.</summary>
    public NetlinkAttributes Nested => new(Value);

    /// <summary>32 bits in the machine's order.</summary>
    public uint UInt32 => Exactly<uint>();

    /// <summary>32 bits in network order.</summary>
    public uint UInt32Network => BinaryPrimitives.ReverseEndianness(Exactly<uint>());

    /// <summary>16 bits in network order.</summary>
    public ushort UInt16Network => BinaryPrimitives.ReverseEndianness(Exactly<ushort>());

    /// <summary>Text up to the first NUL.</summary>
    public string Text
    {
        get
        {
            int end = Value.IndexOf((byte)0);
            return Encoding.UTF8.GetString(end < 0 ? Value : Value[..end]);
        }
    }

    /// <summary>An IPv4 or IPv6 address.</summary>
    public IPAddress Address => Value.Length is 4 or 16 ? new IPAddress(Value) : throw NetlinkMessage.Malformed();

    private T Exactly<T>() where T : unmanaged =>
        Value.Length == Unsafe.SizeOf<T>() ? MemoryMarshal.Read<T>(Value) : throw NetlinkMessage.Malformed();
}
