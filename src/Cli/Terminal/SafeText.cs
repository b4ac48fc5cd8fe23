using System.Text;

namespace Rundlet.Cli.Terminal;

/// <summary>Text of containers for a screen of ours: nothing in it may move the cursor, colour what follows or ask the terminal something.</summary>
internal static class SafeText
{
    private const int TabWidth = 8;

    /// <summary>A name or the like: control characters become <c>\xHH</c>.</summary>
    public static string Of(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\0', '\x1F') && !text.AsSpan().ContainsAnyInRange('\x7F', '\x9F'))
            return text;
        StringBuilder safe = new();
        foreach (char character in text)
        {
            if (char.IsControl(character))
                safe.Append($"\\x{(int)character:x2}");
            else
                safe.Append(character);
        }
        return safe.ToString();
    }

    /// <summary>A line that a program wrote: tabs become blanks, colours go, of what it wrote over the last is left, the rest is as above.</summary>
    public static string OfLine(ReadOnlySpan<byte> line)
    {
        string text = WithoutSequences(Encoding.UTF8.GetString(line).TrimEnd('\r', '\n'));
        int start = text.LastIndexOf('\r') + 1;
        StringBuilder spread = new();
        foreach (char character in text.AsSpan(start))
        {
            if (character == '\t')
                spread.Append(' ', TabWidth - spread.Length % TabWidth);
            else
                spread.Append(character);
        }
        return Of(spread.ToString());
    }

    // ECMA-48: ESC [, parameters, one last byte; ESC ] up to BEL or ESC \ is a title or a link.
    private static string WithoutSequences(string text)
    {
        if (!text.Contains('\e'))
            return text;
        StringBuilder plain = new();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\e' || i + 1 == text.Length)
            {
                plain.Append(text[i]);
                continue;
            }
            int end = i + 2;
            if (text[i + 1] == '[')
            {
                while (end < text.Length && text[end] is >= ' ' and < '@')
                    end++;
                i = end;
            }
            else if (text[i + 1] == ']')
            {
                while (end < text.Length && text[end] != '\a' && text[end] != '\e')
                    end++;
                i = end + 1 < text.Length && text[end] == '\e' && text[end + 1] == '\\' ? end + 1 : end;
            }
            else
            {
                plain.Append(text[i]);
            }
        }
        return plain.ToString();
    }
}
