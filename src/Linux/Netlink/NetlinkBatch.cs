using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Netlink;

// What belongs in Netlink/: the wire format and the socket, then one folder a protocol (Route/, Netfilter/) with its
// messages. What does not: which links, addresses or rules a container wants; that is the Network project's.

/// <summary>
/// Netlink requests on their way to the kernel, one or several in one buffer. A message or a nested attribute is a
/// <c>using</c> scope, so the code reads like the wire format; its length is written when the scope ends.
/// </summary>
/// <remarks>
/// Lengths are checked where they are written: an attribute's is 16 bits, and one that does not fit is refused instead
/// of cut, because what stood behind the cut would be read as other attributes (CVE-2021-43784).
/// </remarks>
public sealed class NetlinkBatch
{
    private const int Alignment = 4;
    private const int AttributeHeader = 4;

    /// <summary>The most bytes in one batch.</summary>
    public const int MaxLength = 16 << 20;

    private readonly List<NetlinkRequest> _requests = [];
    private byte[] _buffer = new byte[1024];
    private int _length;

    /// <summary>The requests so far, in order.</summary>
    public IReadOnlyList<NetlinkRequest> Requests => _requests;

    /// <summary>The finished bytes.</summary>
    internal Span<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <summary>Begins a message; it ends with the scope.</summary>
    /// <param name="type">The message's type.</param>
    /// <param name="flags">Flags of <see cref="NLM_F"/>; REQUEST is added.</param>
    /// <param name="operation">What it does, for errors (<c>add link</c>).</param>
    /// <param name="subject">On what, for errors; without quotes.</param>
    public Scope Message(ushort type, ushort flags, string operation, string subject = "")
    {
        int start = _length;
        _requests.Add(new NetlinkRequest(start, operation, subject, expectsAnswer: (flags & (NLM_F.ACK | NLM_F.DUMP)) != 0));
        Put(new nlmsghdr { nlmsg_type = type, nlmsg_flags = (ushort)(flags | NLM_F.REQUEST) });
        return new Scope(this, start, isAttribute: false);
    }

    /// <summary>Begins a nested attribute; it ends with the scope.</summary>
    public Scope Nest(ushort type)
    {
        int start = _length;
        Header((ushort)(type | NLA.F_NESTED), 0);
        return new Scope(this, start, isAttribute: true);
    }

    /// <summary>Appends a protocol's fixed header, padded to four bytes.</summary>
    public void Put<T>(in T header) where T : unmanaged =>
        MemoryMarshal.Write(Extend(Unsafe.SizeOf<T>()), in header);

    /// <summary>Appends an attribute of raw bytes.</summary>
    /// <exception cref="LinuxException"><c>EMSGSIZE</c>: it does not fit an attribute.</exception>
    public void Raw(ushort type, ReadOnlySpan<byte> value)
    {
        Header(type, value.Length);
        value.CopyTo(Extend(value.Length));
    }

    /// <summary>Appends an attribute without a value.</summary>
    public void Flag(ushort type) => Raw(type, []);

    /// <summary>Appends text with a NUL behind it.</summary>
    /// <exception cref="ArgumentException">The text holds a NUL.</exception>
    public void Text(ushort type, string value)
    {
        if (value.Contains('\0'))
            throw new ArgumentException("a NUL inside a netlink string");
        int count = Encoding.UTF8.GetByteCount(value);
        Header(type, count + 1);
        Encoding.UTF8.GetBytes(value, Extend(count + 1));
    }

    /// <summary>Appends a byte.</summary>
    public void Byte(ushort type, byte value) => Raw(type, [value]);

    /// <summary>Appends 32 bits in the machine's order, as rtnetlink has them.</summary>
    public void UInt32(ushort type, uint value)
    {
        Header(type, sizeof(uint));
        MemoryMarshal.Write(Extend(sizeof(uint)), in value);
    }

    /// <summary>Appends 32 bits in network order, as netfilter has them.</summary>
    public void UInt32Network(ushort type, uint value)
    {
        Header(type, sizeof(uint));
        BinaryPrimitives.WriteUInt32BigEndian(Extend(sizeof(uint)), value);
    }

    /// <summary>Asks for an answer to the last message so far.</summary>
    internal void AskForAnswer()
    {
        NetlinkRequest last = _requests[^1];
        MemoryMarshal.AsRef<nlmsghdr>(_buffer.AsSpan(last.Offset)).nlmsg_flags |= NLM_F.ACK;
        last.ExpectAnswer();
    }

    private void Header(ushort type, int payload)
    {
        CheckAttribute(payload + AttributeHeader, type);
        Span<byte> header = Extend(AttributeHeader);
        BitConverter.TryWriteBytes(header, (ushort)(payload + AttributeHeader));
        BitConverter.TryWriteBytes(header[2..], type);
    }

    private static void CheckAttribute(int length, ushort type)
    {
        if (length > ushort.MaxValue)
            throw new LinuxException(Errno.EMSGSIZE, "write netlink attribute", $"{type & ~NLA.F_NESTED}");
    }

    // Zeroed space for that many bytes; what follows stands at the next multiple of four.
    private Span<byte> Extend(int count)
    {
        int padded = (count + Alignment - 1) & -Alignment;
        if (padded > MaxLength - _length)
            throw new LinuxException(Errno.EMSGSIZE, "write netlink messages");
        if (_buffer.Length < _length + padded)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + padded));
        Span<byte> space = _buffer.AsSpan(_length, count);
        _length += padded;
        return space;
    }

    private void End(int start, bool isAttribute)
    {
        Span<byte> from = _buffer.AsSpan(start, _length - start);
        if (!isAttribute)
        {
            BitConverter.TryWriteBytes(from, (uint)from.Length);
            return;
        }
        CheckAttribute(from.Length, BitConverter.ToUInt16(from[2..]));
        BitConverter.TryWriteBytes(from, (ushort)from.Length);
    }

    /// <summary>An open message or nested attribute; its end writes the length.</summary>
    public readonly ref struct Scope
    {
        private readonly NetlinkBatch _batch;
        private readonly int _start;
        private readonly bool _isAttribute;

        internal Scope(NetlinkBatch batch, int start, bool isAttribute) =>
            (_batch, _start, _isAttribute) = (batch, start, isAttribute);

        /// <summary>Writes the length.</summary>
        /// <exception cref="LinuxException"><c>EMSGSIZE</c>: it does not fit an attribute.</exception>
        public void Dispose() => _batch.End(_start, _isAttribute);
    }
}
