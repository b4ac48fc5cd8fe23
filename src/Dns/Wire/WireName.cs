namespace Rundlet.Dns.Wire;

/// <summary>Names as they stand in messages, RFC 1035 section 4.1.4: labels with their lengths, or an offset to such.</summary>
internal static class WireName
{
    /// <summary>The most bytes of a name with its lengths.</summary>
    public const int MaxLength = 255;

    private const int MaxLabel = 63;
    private const int Pointer = 0xC0;

    /// <summary>Where the name at an offset ends; -1 where it does not, or is too long. Does not follow pointers.</summary>
    /// <param name="message">The message.</param>
    /// <param name="at">Where it begins.</param>
    /// <param name="allowPointer">Whether it may end with an offset.</param>
    public static int Skip(ReadOnlySpan<byte> message, int at, bool allowPointer)
    {
        int start = at;
        while ((uint)at < (uint)message.Length)
        {
            int length = message[at];
            if (length == 0)
                return at + 1 - start <= MaxLength ? at + 1 : -1;
            if ((length & Pointer) == Pointer)
                return allowPointer && at + 2 <= message.Length ? at + 2 : -1;
            if (length > MaxLabel)
                return -1;
            at += 1 + length;
            if (at - start >= MaxLength)
                return -1;
        }
        return -1;
    }

    /// <summary>Writes a whole name in small letters with dots and without the last one: <c>web.front</c>.</summary>
    /// <param name="name">The name with its lengths, without pointers.</param>
    /// <param name="text">Room for <see cref="MaxLength"/> bytes.</param>
    /// <returns>How many bytes; -1 where it has no such text, because a label holds a dot or something that cannot be seen.</returns>
    public static int ToText(ReadOnlySpan<byte> name, Span<byte> text)
    {
        int at = 0, put = 0;
        while (name[at] != 0)
        {
            int length = name[at];
            if (put > 0)
                text[put++] = (byte)'.';
            foreach (byte b in name.Slice(at + 1, length))
            {
                if (b is (byte)'.' or <= 0x20 or 0x7F)
                    return -1;
                text[put++] = Lower(b);
            }
            at += 1 + length;
        }
        return put;
    }

    /// <summary>Writes a name with lengths from its text; 0 where it has none: an empty label or one of more than 63 bytes.</summary>
    public static int FromText(ReadOnlySpan<byte> text, Span<byte> name)
    {
        int put = 0;
        while (true)
        {
            int dot = text.IndexOf((byte)'.');
            ReadOnlySpan<byte> label = dot < 0 ? text : text[..dot];
            if (label.Length is 0 or > MaxLabel || put + label.Length + 2 > name.Length)
                return 0;
            name[put++] = (byte)label.Length;
            label.CopyTo(name[put..]);
            put += label.Length;
            if (dot < 0)
                break;
            text = text[(dot + 1)..];
        }
        name[put++] = 0;
        return put;
    }

    /// <summary>Whether two names are the same but for the case of their letters.</summary>
    public static bool Same(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        if (one.Length != other.Length)
            return false;
        for (int i = 0; i < one.Length; i++)
        {
            if (Lower(one[i]) != Lower(other[i]))
                return false;
        }
        return true;
    }

    /// <summary>The small letter of a capital; everything else as it is. The lengths of labels are below the letters.</summary>
    public static byte Lower(byte b) => b is >= (byte)'A' and <= (byte)'Z' ? (byte)(b | 0x20) : b;

    /// <summary>The address that a name below in-addr.arpa or ip6.arpa stands for.</summary>
    /// <param name="text">The name, as of <see cref="ToText"/>.</param>
    /// <param name="address">Room for 16 bytes.</param>
    /// <returns>4 or 16; 0 where it is no such name.</returns>
    public static int ReadReverse(ReadOnlySpan<byte> text, Span<byte> address)
    {
        if (text.EndsWith(".in-addr.arpa"u8))
            return ReadReverse4(text[..^".in-addr.arpa".Length], address);
        if (text.EndsWith(".ip6.arpa"u8))
            return ReadReverse6(text[..^".ip6.arpa".Length], address);
        return 0;
    }

    private static int ReadReverse4(ReadOnlySpan<byte> digits, Span<byte> address)
    {
        for (int i = 3; i >= 0; i--)
        {
            int dot = digits.IndexOf((byte)'.');
            ReadOnlySpan<byte> part = dot < 0 ? digits : digits[..dot];
            if (part.Length is 0 or > 3 || (dot < 0) != (i == 0))
                return 0;
            int value = 0;
            foreach (byte b in part)
            {
                if (b is < (byte)'0' or > (byte)'9')
                    return 0;
                value = value * 10 + b - '0';
            }
            if (value > 255)
                return 0;
            address[i] = (byte)value;
            digits = dot < 0 ? default : digits[(dot + 1)..];
        }
        return 4;
    }

    private static int ReadReverse6(ReadOnlySpan<byte> nibbles, Span<byte> address)
    {
        if (nibbles.Length != 63)
            return 0;
        for (int i = 0; i < 32; i++)
        {
            int value = nibbles[2 * i] switch
            {
                >= (byte)'0' and <= (byte)'9' and var digit => digit - '0',
                >= (byte)'a' and <= (byte)'f' and var letter => letter - 'a' + 10,
                _ => -1,
            };
            if (value < 0 || (i < 31 && nibbles[2 * i + 1] != '.'))
                return 0;
            int at = 15 - i / 2;
            address[at] = i % 2 == 0 ? (byte)value : (byte)(address[at] | value << 4);
        }
        return 16;
    }
}
