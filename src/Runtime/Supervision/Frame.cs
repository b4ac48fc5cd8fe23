using System.Buffers.Binary;

namespace Rundlet.Runtime.Supervision;

/// <summary>What <see cref="Frame.TryRead"/> found.</summary>
public enum FrameStatus
{
    /// <summary>A whole frame.</summary>
    Complete,

    /// <summary>The beginning of a frame; more bytes are needed.</summary>
    Incomplete,

    /// <summary>Something that no frame begins with: an unknown type, or longer than its type may be.</summary>
    Malformed,
}

/// <summary>
/// The wire form of the control protocol: a byte for the type, the payload's length as 32 bits little-endian, the payload.
/// Nothing here allocates.
/// </summary>
public static class Frame
{
    /// <summary>Bytes before the payload.</summary>
    public const int HeaderLength = 5;

    /// <summary>The longest payload of a request, a response or an exit record.</summary>
    public const int MaxDocument = 1 << 20;

    /// <summary>The longest payload of a stream frame.</summary>
    public const int MaxStream = 64 << 10;

    /// <summary>The longest payload that a type may have; -1 for a type that does not exist.</summary>
    public static int MaxPayload(FrameType type) => type switch
    {
        FrameType.Request or FrameType.Response or FrameType.Exit => MaxDocument,
        FrameType.Stdin or FrameType.Stdout or FrameType.Stderr => MaxStream,
        FrameType.Resize => 4,
        FrameType.StdinEnd or FrameType.Detach => 0,
        _ => -1,
    };

    /// <summary>Writes the header of a frame.</summary>
    /// <param name="destination">At least <see cref="HeaderLength"/> bytes.</param>
    /// <param name="type">The type.</param>
    /// <param name="length">The payload's length; at most <see cref="MaxPayload"/> of the type.</param>
    public static void WriteHeader(Span<byte> destination, FrameType type, int length)
    {
        int bound = MaxPayload(type);
        ArgumentOutOfRangeException.ThrowIfNegative(bound, nameof(type));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)bound);
        destination[0] = (byte)type;
        BinaryPrimitives.WriteUInt32LittleEndian(destination[1..], (uint)length);
    }

    /// <summary>A whole frame.</summary>
    public static byte[] Of(FrameType type, ReadOnlySpan<byte> payload)
    {
        byte[] frame = new byte[HeaderLength + payload.Length];
        WriteHeader(frame, type, payload.Length);
        payload.CopyTo(frame.AsSpan(HeaderLength));
        return frame;
    }

    /// <summary>The frame of a terminal's new size.</summary>
    public static byte[] OfSize(ushort rows, ushort columns)
    {
        Span<byte> size = stackalloc byte[4];
        BinaryPrimitives.WriteUInt16LittleEndian(size, rows);
        BinaryPrimitives.WriteUInt16LittleEndian(size[2..], columns);
        return Of(FrameType.Resize, size);
    }

    /// <summary>Reads the payload of <see cref="FrameType.Resize"/>; false where it is not four bytes.</summary>
    public static bool TryReadSize(ReadOnlySpan<byte> payload, out ushort rows, out ushort columns)
    {
        bool good = payload.Length == 4;
        rows = good ? BinaryPrimitives.ReadUInt16LittleEndian(payload) : (ushort)0;
        columns = good ? BinaryPrimitives.ReadUInt16LittleEndian(payload[2..]) : (ushort)0;
        return good;
    }

    /// <summary>Looks at the frame at the beginning of <paramref name="bytes"/>. Judges the header before the payload is there.</summary>
    /// <param name="bytes">What has come in.</param>
    /// <param name="type">The type, as soon as the header is there.</param>
    /// <param name="length">The payload's length, as soon as the header is there; 0 before.</param>
    public static FrameStatus TryRead(ReadOnlySpan<byte> bytes, out FrameType type, out int length)
    {
        type = bytes.IsEmpty ? 0 : (FrameType)bytes[0];
        length = 0;
        if (bytes.IsEmpty)
            return FrameStatus.Incomplete;
        int bound = MaxPayload(type);
        if (bound < 0)
            return FrameStatus.Malformed;
        if (bytes.Length < HeaderLength)
            return FrameStatus.Incomplete;
        uint announced = BinaryPrimitives.ReadUInt32LittleEndian(bytes[1..]);
        if (announced > (uint)bound)
            return FrameStatus.Malformed;
        length = (int)announced;
        return bytes.Length - HeaderLength < length ? FrameStatus.Incomplete : FrameStatus.Complete;
    }
}
