using System.Buffers.Text;
using Rundlet.Linux.Proc;

namespace Rundlet.Linux.Cgroups;

/// <summary>The text formats of cgroup files: a number, lines of <c>key value</c>, lines of <c>key name=value …</c>.</summary>
internal static class FlatFile
{
    /// <summary>A number; <c>max</c> is <see cref="ulong.MaxValue"/>, -1 too. Anything else is null.</summary>
    public static ulong? Number(ReadOnlySpan<byte> text)
    {
        text = text.TrimEnd((byte)'\n');
        if (text.SequenceEqual("max"u8) || text.SequenceEqual("-1"u8))
            return ulong.MaxValue;
        return Utf8Parser.TryParse(text, out ulong number, out int used) && used == text.Length ? number : null;
    }

    /// <summary>The number behind a key at the start of a line.</summary>
    public static ulong? Find(ReadOnlySpan<byte> text, ReadOnlySpan<byte> key)
    {
        while (MountInfoText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            if (line.Length > key.Length && line[key.Length] == ' ' && line.StartsWith(key))
                return Number(line[(key.Length + 1)..]);
        }
        return null;
    }

    /// <summary>As <see cref="Find"/>, zero when there is none.</summary>
    public static ulong FindOrZero(ReadOnlySpan<byte> text, ReadOnlySpan<byte> key) => Find(text, key) ?? 0;

    /// <summary>The number in <c>name=123</c>, anywhere in a line.</summary>
    public static ulong NamedOrZero(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name)
    {
        while (!line.IsEmpty)
        {
            ReadOnlySpan<byte> word = MountInfoText.NextField(ref line);
            if (word.Length > name.Length && word[name.Length] == '=' && word.StartsWith(name))
                return Number(word[(name.Length + 1)..]) ?? 0;
        }
        return 0;
    }

    /// <summary>A device at the start of a line, <c>8:0 …</c>; false for a line about something else.</summary>
    public static bool TryDevice(ref ReadOnlySpan<byte> line, out uint major, out uint minor)
    {
        minor = 0;
        if (!Utf8Parser.TryParse(line, out major, out int used) || used >= line.Length || line[used] != ':')
            return false;
        ReadOnlySpan<byte> rest = line[(used + 1)..];
        if (!Utf8Parser.TryParse(rest, out minor, out used))
            return false;
        line = rest[used..].TrimStart((byte)' ');
        return true;
    }
}
