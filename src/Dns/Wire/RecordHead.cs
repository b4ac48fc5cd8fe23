using System.Buffers.Binary;

namespace Rundlet.Dns.Wire;

/// <summary>What stands before a resource record's data, RFC 1035 section 4.1.3.</summary>
/// <param name="Type">What sort of record.</param>
/// <param name="Class">The class; of OPT the size of a datagram.</param>
/// <param name="TimeToLive">For how many seconds it may be kept; of OPT flags.</param>
/// <param name="TimeAt">Where that stands.</param>
/// <param name="DataLength">How many bytes of data follow.</param>
/// <param name="End">Where the record ends.</param>
internal readonly record struct RecordHead(ushort Type, ushort Class, uint TimeToLive, int TimeAt, int DataLength, int End)
{
    private const int FixedLength = 10;

    /// <summary>Where the data begins.</summary>
    public int DataAt => End - DataLength;

    /// <summary>Reads a record's head; false where the record does not end within the message.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, int at, out RecordHead record)
    {
        record = default;
        int name = WireName.Skip(message, at, allowPointer: true);
        if (name < 0 || name + FixedLength > message.Length)
            return false;
        ReadOnlySpan<byte> head = message[name..];
        int length = BinaryPrimitives.ReadUInt16BigEndian(head[8..]);
        int end = name + FixedLength + length;
        if (end > message.Length)
            return false;
        record = new RecordHead(BinaryPrimitives.ReadUInt16BigEndian(head), BinaryPrimitives.ReadUInt16BigEndian(head[2..]),
            BinaryPrimitives.ReadUInt32BigEndian(head[4..]), name + 4, length, end);
        return true;
    }
}
