using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Netlink;

/// <summary>One received message. Valid as long as the buffer it was read from.</summary>
public readonly ref struct NetlinkMessage
{
    private NetlinkMessage(nlmsghdr header, ReadOnlySpan<byte> payload)
    {
        Type = header.nlmsg_type;
        Flags = header.nlmsg_flags;
        Sequence = header.nlmsg_seq;
        Payload = payload;
    }

    /// <summary>The message's type.</summary>
    public ushort Type { get; }

    /// <summary>Flags of <see cref="NLM_F"/>.</summary>
    public ushort Flags { get; }

    /// <summary>The sequence number of the request it answers.</summary>
    public uint Sequence { get; }

    /// <summary>What follows the netlink header.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>Takes the next message off the front of <paramref name="bytes"/>.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="LinuxException"><c>EBADMSG</c>: what is there is not a whole message.</exception>
    public static bool TryRead(ref ReadOnlySpan<byte> bytes, out NetlinkMessage message)
    {
        message = default;
        if (bytes.IsEmpty)
            return false;
        nlmsghdr header = ReadHeader<nlmsghdr>(bytes, out _);
        if (header.nlmsg_len < Unsafe.SizeOf<nlmsghdr>() || header.nlmsg_len > (uint)bytes.Length)
            throw Malformed();
        int length = (int)header.nlmsg_len;
        message = new NetlinkMessage(header, bytes[Unsafe.SizeOf<nlmsghdr>()..length]);
        bytes = bytes[Math.Min(bytes.Length, (length + 3) & ~3)..];
        return true;
    }

    /// <summary>Reads the protocol's fixed header; the attributes follow it.</summary>
    /// <exception cref="LinuxException"><c>EBADMSG</c>: the message is too short for it.</exception>
    public T Header<T>(out NetlinkAttributes attributes) where T : unmanaged
    {
        T header = ReadHeader<T>(Payload, out ReadOnlySpan<byte> rest);
        attributes = new NetlinkAttributes(rest);
        return header;
    }

    /// <summary>What is thrown for bytes that are no netlink.</summary>
    internal static LinuxException Malformed() => new(Errno.EBADMSG, "read netlink message");

    private static T ReadHeader<T>(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> rest) where T : unmanaged
    {
        if (!MemoryMarshal.TryRead(bytes, out T header))
            throw Malformed();
        rest = bytes[Math.Min(bytes.Length, (Unsafe.SizeOf<T>() + 3) & ~3)..];
        return header;
    }
}
