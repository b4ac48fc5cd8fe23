using System.IO.Compression;
using Rundlet.Engine.Logs;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine.Tests;

public sealed class LogPackingTests
{
    [Fact]
    public void Rotated_files_are_packed_and_keep_their_time_and_their_mode()
    {
        using TestRoot root = new();
        string log = $"{root.Paths.Root}/log", text = string.Concat(Enumerable.Repeat("a line\n", 20_000));
        File.WriteAllText(log, "current\n");
        File.WriteAllText($"{log}.2", text);
        File.SetUnixFileMode($"{log}.2", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        File.SetLastWriteTimeUtc($"{log}.2", new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc));
        File.WriteAllText($"{log}.3", "b\n");
        File.WriteAllText($"{root.Paths.Root}/.log.2.gz.tmp", "of one that was killed");

        LogPacking.Run(log);

        Assert.Equal([new RotatedLog(2, true), new RotatedLog(3, true)], RotatedLog.List(log));
        Assert.Equal(text, Unpack($"{log}.2.gz"));
        Assert.Equal("b\n", Unpack($"{log}.3.gz"));
        Assert.Equal("current\n", File.ReadAllText(log));
        Assert.Equal(new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc), File.GetLastWriteTimeUtc($"{log}.2.gz"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode($"{log}.2.gz"));
        Assert.False(File.Exists($"{root.Paths.Root}/.log.2.gz.tmp"));
    }

    [Fact]
    public void A_link_in_the_place_of_a_rotated_file_is_not_followed()
    {
        using TestRoot root = new();
        string log = $"{root.Paths.Root}/log";
        File.WriteAllText($"{root.Paths.Root}/precious", "precious");
        File.CreateSymbolicLink($"{log}.1", $"{root.Paths.Root}/precious");
        Assert.Throws<Syscalls.LinuxException>(() => LogPacking.Run(log));
        Assert.False(File.Exists($"{log}.1.gz"));
        Assert.Equal("precious", File.ReadAllText($"{root.Paths.Root}/precious"));
    }

    private static string Unpack(string path)
    {
        using StreamReader reader = new(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        return reader.ReadToEnd();
    }
}
