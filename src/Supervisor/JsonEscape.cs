using System.Buffers;
using System.Text;

namespace Rundlet.Supervisor;

/// <summary>Bytes of a program's output as the inside of a JSON string. What is not UTF-8 becomes U+FFFD, a piece at a time.</summary>
internal static class JsonEscape
{
    /// <summary>The most bytes that one byte becomes: <c>\u0000</c>.</summary>
    public const int MaxGrowth = 6;

    private static readonly SearchValues<byte> s_plain = SearchValues.Create(Plain());

    /// <summary>Writes <paramref name="text"/> escaped.</summary>
    /// <param name="text">Any bytes.</param>
    /// <param name="destination">At least <see cref="MaxGrowth"/> times as long.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        int at = 0;
        while (!text.IsEmpty)
        {
            int plain = text.IndexOfAnyExcept(s_plain);
            if (plain < 0)
                plain = text.Length;
            text[..plain].CopyTo(destination[at..]);
            at += plain;
            text = text[plain..];
            if (text.IsEmpty)
                break;
            int length = 1;
            if (text[0] < 0x80)
                at += WriteControl(text[0], destination[at..]);
            else if (Rune.DecodeFromUtf8(text, out _, out length) == OperationStatus.Done)
                at += Copy(text[..length], destination[at..]);
            else
                at += Copy("\uFFFD"u8, destination[at..]);
            text = text[length..];
        }
        return at;
    }

    /// <summary>
    /// Where to cut a long line so that no character of UTF-8 is cut in two: the length, or up to three bytes less.
    /// </summary>
    public static int CutPoint(ReadOnlySpan<byte> text)
    {
        int start = text.Length - 1;
        while (start > 0 && start > text.Length - 4 && (text[start] & 0xC0) == 0x80)
            start--;
        return start > 0 && Rune.DecodeFromUtf8(text[start..], out _, out _) == OperationStatus.NeedMoreData ? start : text.Length;
    }

    private static int WriteControl(byte value, Span<byte> destination)
    {
        ReadOnlySpan<byte> escape = value switch
        {
            (byte)'"' => "\\\""u8,
            (byte)'\\' => "\\\\"u8,
            (byte)'\n' => "\\n"u8,
            (byte)'\r' => "\\r"u8,
            (byte)'\t' => "\\t"u8,
            _ => "\\u00"u8,
        };
        escape.CopyTo(destination);
        if (escape.Length == 2)
            return 2;
        destination[4] = Hex(value >> 4);
        destination[5] = Hex(value & 15);
        return 6;
    }

    private static byte Hex(int digit) => (byte)(digit < 10 ? '0' + digit : 'a' + digit - 10);

    private static int Copy(ReadOnlySpan<byte> bytes, Span<byte> destination)
    {
        bytes.CopyTo(destination);
        return bytes.Length;
    }

    private static byte[] Plain()
    {
        List<byte> plain = [];
        for (byte value = 0x20; value < 0x7f; value++)
        {
            if (value is not ((byte)'"' or (byte)'\\'))
                plain.Add(value);
        }
        return [.. plain];
    }
}
