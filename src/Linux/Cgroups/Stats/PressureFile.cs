using System.Buffers.Text;
using Rundlet.Linux.Proc;

namespace Rundlet.Linux.Cgroups;

/// <summary>The <c>*.pressure</c> files of v2: <c>some avg10=0.00 avg60=0.00 avg300=0.00 total=0</c>.</summary>
internal static class PressureFile
{
    /// <summary>Reads one; null where pressure is not accounted.</summary>
    public static PressureStats? Read(CgroupFolder folder, string file) => folder.TryRead(file) is { } text ? Parse(text) : null;

    /// <summary>Parses the text of one.</summary>
    public static PressureStats Parse(ReadOnlySpan<byte> text)
    {
        ulong some = 0, full = 0;
        uint some10 = 0, full10 = 0;
        while (MountInfoText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            if (line.StartsWith("some "u8))
                (some, some10) = (FlatFile.NamedOrZero(line, "total"u8), Average10(line));
            else if (line.StartsWith("full "u8))
                (full, full10) = (FlatFile.NamedOrZero(line, "total"u8), Average10(line));
        }
        return new PressureStats(some, full, some10, full10);
    }

    private static uint Average10(ReadOnlySpan<byte> line)
    {
        int at = line.IndexOf("avg10="u8);
        if (at < 0 || !Utf8Parser.TryParse(line[(at + 6)..], out uint whole, out int used))
            return 0;
        ReadOnlySpan<byte> rest = line[(at + 6 + used)..];
        return rest.Length > 2 && rest[0] == '.' && Utf8Parser.TryParse(rest.Slice(1, 2), out uint hundredths, out _)
            ? whole * 100 + hundredths
            : whole * 100;
    }
}
