using System.Text;

namespace Rundlet.Images;

/// <summary>Shows names that are bytes, and may be hostile, in messages.</summary>
internal static class ByteText
{
    private const int MaxShown = 120;

    /// <summary>UTF-8 where it is; control characters and other bytes as <c>\xHH</c>; long names shortened in the middle.</summary>
    public static string Show(ReadOnlySpan<byte> name)
    {
        if (name.Length <= MaxShown)
            return Escape(name);
        return $"{Escape(name[..(MaxShown / 2)])}…{Escape(name[^(MaxShown / 2)..])}";
    }

    private static string Escape(ReadOnlySpan<byte> name)
    {
        var text = new StringBuilder(name.Length);
        while (!name.IsEmpty)
        {
            bool valid = Rune.DecodeFromUtf8(name, out Rune rune, out int length) == System.Buffers.OperationStatus.Done;
            if (valid && !Rune.IsControl(rune) && Rune.GetUnicodeCategory(rune) != System.Globalization.UnicodeCategory.Format)
                text.Append(rune.ToString());
            else
                foreach (byte b in name[..length])
                    text.Append($"\\x{b:x2}");
            name = name[length..];
        }
        return text.ToString();
    }
}
