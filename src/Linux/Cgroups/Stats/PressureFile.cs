using System.Buffers.Text;
using Rundlet.Linux.Proc;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Cgroups;

/// <summary>The <c>*.pressure</c> files of v2: <c>some avg10=0.00 avg60=0.00 avg300=0.00 total=0</c>.</summary>
internal static class PressureFile
{
    /// <summary>Reads one; null where there is no cgroup2 mount, or pressure is not accounted.</summary>
    public static PressureStats? Read(CgroupFolder? folder, string file) => folder?.TryRead(file) is { } text ? Parse(text) : null;

    /// <summary>Parses the text of one.</summary>
    public static PressureStats Parse(ReadOnlySpan<byte> text)
    {
        PressureLine some = default, full = default;
        while (MountInfoText.NextLine(ref text, out ReadOnlySpan<byte> line))
        {
            if (line.StartsWith("some "u8))
                some = ParseLine(line);
            else if (line.StartsWith("full "u8))
                full = ParseLine(line);
        }
        return new PressureStats(some, full);
    }

    /// <summary>
    /// Asks to be told by <c>POLLPRI</c> when tasks wait for longer than <paramref name="stall"/> in a window of time, both in
    /// microseconds (the window from 500000 to 10000000; without CAP_SYS_RESOURCE a multiple of 2000000): accounting/psi.
    /// </summary>
    /// <returns>The fd to poll; closing it ends the watch.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static OwnedFd Watch(CgroupFolder folder, string file, bool full, uint stall, uint window)
    {
        OwnedFd fd = folder.OpenFile(file, O.RDWR | O.NONBLOCK);
        nint answer = CgroupFolder.WriteValue(fd.Value, $"{(full ? "full" : "some")} {stall} {window}\0");
        if (answer >= 0)
            return fd;
        fd.Dispose();
        throw new LinuxException(Sys.ErrorOf(answer), "watch", $"{folder.Path}/{file}");
    }

    private static PressureLine ParseLine(ReadOnlySpan<byte> line) =>
        new(Average(line, "avg10="u8), Average(line, "avg60="u8), Average(line, "avg300="u8), FlatFile.NamedOrZero(line, "total"u8));

    private static uint Average(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name)
    {
        int at = line.IndexOf(name);
        if (at < 0 || !Utf8Parser.TryParse(line[(at + name.Length)..], out uint whole, out int used))
            return 0;
        ReadOnlySpan<byte> rest = line[(at + name.Length + used)..];
        return rest.Length > 2 && rest[0] == '.' && Utf8Parser.TryParse(rest.Slice(1, 2), out uint hundredths, out _)
            ? whole * 100 + hundredths
            : whole * 100;
    }
}
