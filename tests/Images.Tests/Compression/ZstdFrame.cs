using System.Buffers.Binary;

namespace Rundlet.Images.Tests.Compression;

/// <summary>Frames of zstd written by hand (RFC 8878), so that little content may ask for a large window.</summary>
internal static class ZstdFrame
{
    private const int MaxBlock = 128 << 10;

    /// <summary>A frame of raw blocks and of runs of zeroes.</summary>
    /// <param name="windowLog">Base 2 logarithm of its window, 10 to 41.</param>
    /// <param name="content">What stands at its beginning.</param>
    /// <param name="zeroes">How many zeroes follow.</param>
    public static byte[] Of(int windowLog, ReadOnlySpan<byte> content, long zeroes = 0)
    {
        var frame = new MemoryStream();
        frame.Write([0x28, 0xb5, 0x2f, 0xfd, 0x00, (byte)((windowLog - 10) << 3)]);
        int most = (int)Math.Min(MaxBlock, 1L << windowLog); // RFC 8878, 3.1.1.2.4
        for (int at = 0; at < content.Length; at += most)
        {
            ReadOnlySpan<byte> piece = content[at..Math.Min(content.Length, at + most)];
            WriteHeader(frame, piece.Length, type: 0, isLast: false);
            frame.Write(piece);
        }
        for (; zeroes > 0; zeroes -= Math.Min(zeroes, most))
        {
            WriteHeader(frame, (int)Math.Min(zeroes, most), type: 1, isLast: false);
            frame.WriteByte(0);
        }
        WriteHeader(frame, 0, type: 0, isLast: true);
        return frame.ToArray();
    }

    private static void WriteHeader(MemoryStream frame, int size, int type, bool isLast)
    {
        Span<byte> header = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(header, size << 3 | type << 1 | (isLast ? 1 : 0));
        frame.Write(header[..3]);
    }
}
