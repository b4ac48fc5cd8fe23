using System.Text;
using System.Text.Json;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor.Tests;

public sealed class JsonFileLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string LogPath => _folder["container.log"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_line_is_a_record_with_its_stream_and_its_time()
    {
        DateTimeOffset before = DateTimeOffset.UtcNow.AddSeconds(-1);
        using (JsonFileLog log = Open())
        {
            log.Write(FrameType.Stdout, "one\ntwo\n"u8, new LineRest());
            log.Write(FrameType.Stderr, "three\n"u8, new LineRest());
        }

        List<(string Log, string Stream, string Time)> records = Records(LogPath);

        Assert.Equal(["one\n", "two\n", "three\n"], records.Select(r => r.Log));
        Assert.Equal(["stdout", "stdout", "stderr"], records.Select(r => r.Stream));
        Assert.All(records, r => Assert.InRange(DateTimeOffset.Parse(r.Time), before, DateTimeOffset.UtcNow));
        Assert.All(records, r => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$", r.Time));
    }

    [Fact]
    public void A_line_that_comes_in_pieces_is_one_record()
    {
        LineRest rest = new();
        using (JsonFileLog log = Open())
        {
            log.Write(FrameType.Stdout, "on"u8, rest);
            Assert.Equal(0, new FileInfo(LogPath).Length);
            log.Write(FrameType.Stdout, "e\ntw"u8, rest);
            log.Write(FrameType.Stdout, "o\n"u8, rest);
        }
        Assert.True(rest.IsEmpty);
        Assert.Equal(["one\n", "two\n"], Records(LogPath).Select(r => r.Log));
    }

    [Fact]
    public void A_line_without_its_end_is_kept_when_the_stream_ends()
    {
        LineRest rest = new();
        using (JsonFileLog log = Open())
        {
            log.Write(FrameType.Stderr, "no end"u8, rest);
            log.End(FrameType.Stderr, rest);
            log.End(FrameType.Stderr, rest);
        }
        Assert.Equal([("no end", "stderr")], Records(LogPath).Select(r => (r.Log, r.Stream)));
    }

    [Theory]
    [InlineData(ContainerLog.MaxLine - 1, 1)] // with its newline just as long as a record may be
    [InlineData(ContainerLog.MaxLine, 2)]
    [InlineData(ContainerLog.MaxLine * 3 + 5, 4)]
    public void A_long_line_is_several_records_of_which_the_last_has_the_newline(int length, int count)
    {
        string line = new string('x', length) + "\n";
        foreach (int piece in new[] { 1000, 32 << 10, 1 << 20 })
        {
            File.Delete(LogPath);
            LineRest rest = new();
            using (JsonFileLog log = Open())
            {
                for (int at = 0; at < line.Length; at += piece)
                    log.Write(FrameType.Stdout, Encoding.ASCII.GetBytes(line[at..Math.Min(line.Length, at + piece)]), rest);
            }
            List<string> texts = [.. Records(LogPath).Select(r => r.Log)];
            Assert.Equal(line, string.Concat(texts));
            Assert.Equal(count, texts.Count);
            Assert.All(texts.SkipLast(1), text => Assert.Equal(ContainerLog.MaxLine, text.Length));
        }
    }

    [Fact]
    public void A_long_line_is_not_cut_inside_a_character()
    {
        string line = "x" + string.Concat(Enumerable.Repeat("ü", ContainerLog.MaxLine)) + "\n";
        using (JsonFileLog log = Open())
            log.Write(FrameType.Stdout, Encoding.UTF8.GetBytes(line), new LineRest());

        Assert.Equal(line, string.Concat(Records(LogPath).Select(r => r.Log)));
    }

    [Fact]
    public void Any_output_in_any_pieces_comes_out_again()
    {
        Random random = new(11);
        for (int round = 0; round < 60; round++)
        {
            File.Delete(LogPath);
            LineRest rest = new();
            using MemoryStream all = new();
            using (JsonFileLog log = Open())
            {
                for (int i = random.Next(1, 30); i > 0; i--)
                {
                    byte[] piece = new byte[random.Next(1, 9000)];
                    for (int b = 0; b < piece.Length; b++)
                        piece[b] = random.Next(500) == 0 ? (byte)'\n' : (byte)random.Next(1, 0x7f);
                    all.Write(piece);
                    log.Write(FrameType.Stdout, piece, rest);
                }
                log.End(FrameType.Stdout, rest);
            }
            Assert.Equal(Encoding.ASCII.GetString(all.ToArray()), string.Concat(Records(LogPath).Select(r => r.Log)));
        }
    }

    [Fact]
    public void Rotation_keeps_so_many_files_each_within_its_size()
    {
        using (JsonFileLog log = Open(maxSize: 1000, maxFiles: 3))
        {
            for (int i = 0; i < 100; i++)
                log.Write(FrameType.Stdout, Encoding.ASCII.GetBytes($"line {i}\n"), new LineRest());
        }

        List<RotatedLog> old = RotatedLog.List(LogPath);
        Assert.Equal(2, old.Count);
        Assert.Equal(old[0].Number + 1, old[1].Number);
        Assert.Equal(3, Directory.GetFiles(_folder.Path).Length);
        Assert.All(Directory.GetFiles(_folder.Path), file => Assert.InRange(new FileInfo(file).Length, 1, 1000));
        List<string> kept = [.. OldestFirst().SelectMany(Records).Select(r => r.Log)];
        Assert.Equal(Enumerable.Range(100 - kept.Count, kept.Count).Select(i => $"line {i}\n"), kept);
    }

    [Fact]
    public void One_read_may_fill_several_files()
    {
        string lines = string.Concat(Enumerable.Range(0, 40).Select(i => $"line {i}\n"));
        using (JsonFileLog log = Open(maxSize: 500, maxFiles: 50))
            log.Write(FrameType.Stdout, Encoding.ASCII.GetBytes(lines), new LineRest());

        string[] files = Directory.GetFiles(_folder.Path);
        Assert.True(files.Length > 4);
        Assert.All(files, file => Assert.InRange(new FileInfo(file).Length, 1, 500));
        Assert.Equal(lines, string.Concat(OldestFirst().SelectMany(Records).Select(r => r.Log)));
    }

    [Fact]
    public void With_one_file_rotation_starts_it_anew()
    {
        using (JsonFileLog log = Open(maxSize: 300, maxFiles: 1))
        {
            for (int i = 0; i < 20; i++)
                log.Write(FrameType.Stdout, Encoding.ASCII.GetBytes($"line {i}\n"), new LineRest());
        }
        Assert.Single(Directory.GetFiles(_folder.Path));
        Assert.Equal("line 19\n", Records(LogPath)[^1].Log);
        Assert.InRange(new FileInfo(LogPath).Length, 1, 300);
    }

    [Fact]
    public void A_supervisor_that_was_killed_in_a_rotation_leaves_nothing_that_a_later_one_loses_or_writes_over()
    {
        // After the rename, before the new file; and more files than are to be kept, as after a smaller max-file.
        foreach (int number in new[] { 3, 4, 7 })
            File.WriteAllText($"{LogPath}.{number}", $$"""{"log":"old {{number}}\n","stream":"stdout","time":"2026-01-01T00:00:00.000000000Z"}""" + "\n");
        File.WriteAllText($"{LogPath}.4.gz", "");
        using (JsonFileLog log = Open(maxSize: 100, maxFiles: 3))
        {
            log.Write(FrameType.Stdout, "first\n"u8, new LineRest());
            Assert.Equal("first\n", Assert.Single(Records(LogPath)).Log);
            log.Write(FrameType.Stdout, "second\n"u8, new LineRest());
        }

        Assert.Equal(["container.log", "container.log.7", "container.log.8"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
        Assert.Equal(["old 7\n", "first\n", "second\n"], OldestFirst().SelectMany(Records).Select(r => r.Log));
    }

    [Fact]
    public void A_log_that_is_cleared_goes_on_with_what_comes_next()
    {
        LineRest rest = new();
        using (JsonFileLog log = Open(maxSize: 200, maxFiles: 5))
        {
            for (int i = 0; i < 10; i++)
                log.Write(FrameType.Stdout, "gone\n"u8, rest);
            log.Write(FrameType.Stdout, "half "u8, rest);
            log.Clear();
            Assert.Equal(0, new FileInfo(Assert.Single(Directory.GetFiles(_folder.Path))).Length);
            log.Write(FrameType.Stdout, "and half\n"u8, rest);
        }
        Assert.Equal("half and half\n", Assert.Single(Records(LogPath)).Log);
    }

    [Fact]
    public void Attributes_are_in_each_record()
    {
        using (JsonFileLog log = new(new LogConfig { Path = LogPath, Fields = new Dictionary<string, string> { ["team"] = "a \"b\"", ["tag"] = "web/1" } }))
        {
            log.Write(FrameType.Stdout, "one\n"u8, new LineRest());
            log.Write(FrameType.Stderr, "two\n"u8, new LineRest());
        }
        Assert.Equal(2, Records(LogPath).Count);
        foreach (string line in File.ReadAllLines(LogPath))
        {
            JsonElement attributes = JsonDocument.Parse(line).RootElement.GetProperty("attrs");
            Assert.Equal(("a \"b\"", "web/1"), (attributes.GetProperty("team").GetString(), attributes.GetProperty("tag").GetString()));
        }
    }

    [Fact]
    public void A_half_record_of_a_killed_supervisor_is_closed_off()
    {
        File.WriteAllText(LogPath, "{\"log\":\"whole\\n\",\"stream\":\"stdout\",\"time\":\"2026-01-01T00:00:00.000000000Z\"}\n{\"log\":\"ha");
        using (JsonFileLog log = Open())
            log.Write(FrameType.Stdout, "next\n"u8, new LineRest());

        string[] lines = File.ReadAllLines(LogPath);
        Assert.Equal(3, lines.Length);
        Assert.Equal("next\n", JsonDocument.Parse(lines[2]).RootElement.GetProperty("log").GetString());
    }

    [Fact]
    public void A_log_is_no_link()
    {
        File.WriteAllText(_folder["victim"], "precious");
        File.CreateSymbolicLink(LogPath, _folder["victim"]);

        Assert.Equal(Errno.ELOOP, Assert.Throws<LinuxException>(() => Open().Dispose()).Errno);
        Assert.Equal("precious", File.ReadAllText(_folder["victim"]));
    }

    [Fact]
    public void What_a_full_disk_swallows_is_counted_in_the_log()
    {
        if (!Environment.IsPrivilegedProcess)
            Assert.Skip("needs root to mount a small tmpfs");
        string mount = Directory.CreateDirectory(_folder["small"]).FullName;
        Assert.Equal(0, Sys.mount("tmpfs", mount, "tmpfs", 0, "size=8k"));
        try
        {
            string path = Path.Combine(mount, "container.log");
            using JsonFileLog log = new(new LogConfig { Path = path });
            File.WriteAllBytes(Path.Combine(mount, "ballast"), new byte[4096]);
            byte[] line = Encoding.ASCII.GetBytes(new string('x', 999) + "\n");
            for (int i = 0; i < 8; i++)
                log.Write(FrameType.Stdout, line, new LineRest());
            File.Delete(Path.Combine(mount, "ballast"));
            log.Write(FrameType.Stdout, "after\n"u8, new LineRest());

            List<string> texts = [.. Records(path).Select(r => r.Log)];
            Assert.Matches(@"^rundlet: \d+ bytes of the log were lost: .*ENOSPC", texts[^2]);
            Assert.Equal("after\n", texts[^1]);
        }
        finally
        {
            Assert.Equal(0, Sys.umount2(mount, 2 /* MNT_DETACH */));
        }
    }

    [Theory]
    [InlineData(0, 0, "1970-01-01T00:00:00.000000000Z")]
    [InlineData(951782399, 999999999, "2000-02-28T23:59:59.999999999Z")]
    [InlineData(1795450000, 7, "2026-11-23T16:06:40.000000007Z")]
    public void A_time_has_nine_digits_of_a_second(long seconds, long nanoseconds, string expected)
    {
        byte[] text = new byte[LogTime.Length];
        LogTime.Write(new timespec { tv_sec = seconds, tv_nsec = nanoseconds }, text);
        Assert.Equal(expected, Encoding.ASCII.GetString(text));
    }

    private IEnumerable<string> OldestFirst() => RotatedLog.List(LogPath).Select(file => file.NameFor(LogPath)).Append(LogPath);

    private JsonFileLog Open(long maxSize = 0, int maxFiles = 1) => new(new LogConfig { Path = LogPath, MaxSize = maxSize, MaxFiles = maxFiles });

    internal static List<(string Log, string Stream, string Time)> Records(string path) =>
    [
        .. File.ReadAllLines(path).Select(line =>
        {
            JsonElement record = JsonDocument.Parse(line).RootElement;
            return (record.GetProperty("log").GetString()!, record.GetProperty("stream").GetString()!, record.GetProperty("time").GetString()!);
        }),
    ];
}
