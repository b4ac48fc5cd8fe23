using System.Text;

namespace Rundlet.Hello.Report;

/// <summary>One line of /proc/self/mountinfo (proc_pid_mountinfo(5)).</summary>
/// <param name="Root">The folder of the file system that is mounted.</param>
internal sealed record MountEntry(string Root, string Target, string Options, string Type, string Source, string SuperOptions)
{
    /// <summary>True where writes fail, whether the mount or the file system under it is read-only.</summary>
    public bool IsReadOnly => Has(Options, "ro") || Has(SuperOptions, "ro");

    public bool HasSuperOption(string option) => Has(SuperOptions, option);

    public static IReadOnlyList<MountEntry> ReadAll(SystemFiles files) =>
        [.. files.ReadLines("/proc/self/mountinfo").Select(TryParse).OfType<MountEntry>()];

    /// <summary>Null for a line of another form.</summary>
    public static MountEntry? TryParse(string line)
    {
        // 36 35 98:0 /root /target rw,noatime shared:1 - ext4 /dev/sda1 rw,errors=continue
        string[] words = line.Split(' ');
        int dash = Array.IndexOf(words, "-", Math.Min(6, words.Length));
        return dash < 0 || words.Length < dash + 4
            ? null
            : new(Unescape(words[3]), Unescape(words[4]), words[5], words[dash + 1], Unescape(words[dash + 2]), words[dash + 3]);
    }

    // The kernel writes space, tab, newline and backslash as three octal digits.
    private static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
            return text;
        var plain = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && TryOctal(text.AsSpan(i + 1), out char escaped))
            {
                plain.Append(escaped);
                i += 3;
            }
            else
                plain.Append(text[i]);
        }
        return plain.ToString();
    }

    private static bool TryOctal(ReadOnlySpan<char> text, out char value)
    {
        value = '\0';
        if (text.Length < 3 || text[..3].ContainsAnyExceptInRange('0', '7'))
            return false;
        value = (char)(((text[0] - '0') << 6) | ((text[1] - '0') << 3) | (text[2] - '0'));
        return true;
    }

    private static bool Has(string options, string option)
    {
        foreach (Range part in options.AsSpan().Split(','))
        {
            if (options.AsSpan(part).SequenceEqual(option))
                return true;
        }
        return false;
    }
}
