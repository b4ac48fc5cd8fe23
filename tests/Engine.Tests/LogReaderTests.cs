using System.IO.Compression;
using System.Text;
using Rundlet.Engine.Logs;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Tests;

public sealed class LogReaderTests
{
    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "3")]
    [InlineData(2, "2 3")]
    [InlineData(3, "1 2 3")]
    [InlineData(99, "1 2 3")]
    public void The_tail_is_the_last_lines(int lines, string expected)
    {
        using TestRoot root = new();
        string path = $"{root.Paths.Root}/log";
        File.WriteAllText(path, Records(1, 2, 3));
        using LogReader reader = new(path);
        reader.SeekTail(lines);
        Assert.Equal(expected, string.Join(' ', ReadRecords(reader)));
    }

    [Fact]
    public void The_tail_is_found_across_blocks()
    {
        using TestRoot root = new();
        string path = $"{root.Paths.Root}/log";
        for (int length = (64 << 10) - 300; length < (64 << 10) + 60; length++)
        {
            string longLine = $$"""{"log":"{{new string('x', length)}}","stream":"stdout","time":"2026-01-01T00:00:01.000000000Z"}""";
            File.WriteAllText(path, $"{Records(1)}{longLine}\n{Records(3)}");
            using LogReader reader = new(path);
            reader.SeekTail(2, LogMoment.Of(new DateTimeOffset(2026, 1, 1, 0, 0, 9, TimeSpan.Zero)));
            Assert.Equal([longLine, Records(3).TrimEnd('\n')], ReadAll(reader));
        }
    }

    [Fact]
    public void A_line_without_its_end_is_not_there_yet()
    {
        using TestRoot root = new();
        string path = $"{root.Paths.Root}/log";
        using LogReader reader = new(path);
        Assert.Empty(ReadAll(reader));
        File.WriteAllText(path, "a\nhalf");
        Assert.Equal(["a"], ReadAll(reader));
        File.AppendAllText(path, " and half\n");
        Assert.Equal(["half and half"], ReadAll(reader));
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "6")]
    [InlineData(2, "5 6")]
    [InlineData(4, "3 4 5 6")]
    [InlineData(5, "2 3 4 5 6")]
    [InlineData(99, "1 2 3 4 5 6")]
    public void The_tail_goes_back_over_rotated_and_packed_files(int lines, string expected)
    {
        using TestRoot root = new();
        string path = $"{root.Paths.Root}/log";
        Pack($"{path}.3.gz", Records(1, 2));
        File.WriteAllText($"{path}.4", Records(3, 4));
        Pack($"{path}.4.gz", Records(3, 4)); // packed, and killed before the whole one was removed
        File.WriteAllText(path, Records(5, 6));
        using LogReader reader = new(path);
        reader.SeekTail(lines);
        Assert.Equal(expected, string.Join(' ', ReadRecords(reader)));
    }

    [Fact]
    public void Without_a_tail_everything_comes_the_oldest_first()
    {
        using TestRoot root = new();
        string path = $"{root.Paths.Root}/log";
        Pack($"{path}.9.gz", Records(1));
        File.WriteAllText($"{path}.10", Records(2));
        File.WriteAllText(path, Records(3));
        using LogReader reader = new(path);
        Assert.Equal(["1", "2", "3"], ReadRecords(reader));
    }

    [Fact]
    public void A_tail_of_nothing_begins_at_a_line_even_while_one_is_being_written()
    {
        using TestRoot root = new();
        string path = $"{root.Paths.Root}/log";
        File.WriteAllText(path, Records(1) + Records(2)[..20]);
        using LogReader reader = new(path);
        reader.SeekTail(0);
        Assert.Empty(ReadAll(reader));
        File.AppendAllText(path, Records(2)[20..]);
        Assert.Equal(["2"], ReadRecords(reader));
    }

    [Fact]
    public void A_tail_before_a_moment_counts_only_what_was_there_then()
    {
        using TestRoot root = new();
        string path = $"{root.Paths.Root}/log";
        File.WriteAllText($"{path}.1", Records(1, 2, 3));
        File.WriteAllText(path, Records(4, 5, 6));
        using LogReader reader = new(path);
        byte[] until = LogMoment.Of(new DateTimeOffset(2026, 1, 1, 0, 0, 4, TimeSpan.Zero), "99");
        reader.SeekTail(2, until);
        LogWindow window = new(null, until);
        List<string> lines = [];
        while (reader.TryRead(out ReadOnlySpan<byte> line))
        {
            if (window.Contains(LogLine.TimeOf(line)))
                lines.Add(Encoding.UTF8.GetString(line[8..9]));
        }
        Assert.Equal(["3", "4"], lines);
    }

    [Fact]
    public void Rotations_lose_and_double_nothing_for_who_reads_along()
    {
        using TestRoot root = new();
        string path = $"{root.Paths.Root}/log";
        using LogReader reader = new(path);
        List<string> read = [], written = [];
        Random random = new(7);
        int rotation = 0, next = 0;
        for (int round = 0; round < 300; round++)
        {
            for (int i = random.Next(4); i > 0; i--)
            {
                File.AppendAllText(path, $"line {next}\n");
                written.Add($"line {next++}");
            }
            if (random.Next(3) == 0 && File.Exists(path))
            {
                File.Move(path, $"{path}.{++rotation}");
                File.WriteAllText(path, "");
            }
            if (rotation > 0 && random.Next(2) == 0 && File.Exists($"{path}.{rotation}"))
            {
                Pack($"{path}.{rotation}.gz", File.ReadAllText($"{path}.{rotation}"));
                File.Delete($"{path}.{rotation}");
            }
            if (random.Next(3) == 0)
                read.AddRange(ReadAll(reader));
        }
        read.AddRange(ReadAll(reader));
        Assert.Equal(written, read);
    }

    [Fact]
    public async Task The_tail_counts_files_that_are_packed_meanwhile()
    {
        const int Files = 100, LinesEach = 3;
        for (int round = 0; round < 20; round++)
        {
            using TestRoot root = new();
            string log = $"{root.Paths.Root}/log";
            for (int i = 1; i <= Files; i++)
                File.WriteAllText($"{log}.{i}", Records(1, 2, 3));
            File.WriteAllText(log, Records(4));
            Task packing = Task.Run(() =>
            {
                for (int i = Files; i > 0; i--)
                {
                    Pack($"{log}.{i}.tmp", Records(1, 2, 3));
                    File.Move($"{log}.{i}.tmp", $"{log}.{i}.gz");
                    File.Delete($"{log}.{i}");
                }
            });
            do
            {
                using LogReader reader = new(log);
                reader.SeekTail(Files * LinesEach / 2);
                Assert.Equal(Files * LinesEach / 2, ReadAll(reader).Count);
            }
            while (!packing.IsCompleted);
            await packing;
        }
    }

    [Fact]
    public void A_reader_goes_on_behind_files_that_were_removed_before_it_came_to_them()
    {
        using TestRoot root = new();
        string path = $"{root.Paths.Root}/log";
        using LogReader reader = new(path);
        File.WriteAllText(path, "a\n");
        Assert.Equal(["a"], ReadAll(reader));
        File.AppendAllText(path, "b\n");
        File.Move(path, $"{path}.1");
        File.WriteAllText($"{path}.3", "d\n");
        File.WriteAllText(path, "e\n");
        File.Delete($"{path}.1");
        Assert.Equal(["b", "d", "e"], ReadAll(reader));
    }

    [Fact]
    public void A_file_that_was_emptied_by_hand_is_read_from_its_beginning()
    {
        using TestRoot root = new();
        string path = $"{root.Paths.Root}/log";
        File.WriteAllText(path, "long enough\n");
        using LogReader reader = new(path);
        Assert.Equal(["long enough"], ReadAll(reader));
        File.WriteAllText(path, "new\n");
        Assert.Equal(["new"], ReadAll(reader));
    }

    [Fact]
    public void What_is_no_record_is_bounded_and_passed_over()
    {
        using TestRoot root = new();
        string path = $"{root.Paths.Root}/log";
        File.WriteAllText(path, Records(1) + new string('\0', 9 << 20) + "\n" + "{\"log\":\"ha\n" + "\xff\n\n" + Records(2));
        using FileSource source = new(path, new LogRequest());
        List<string> texts = [];
        source.Read(record => texts.Add(Encoding.UTF8.GetString(record.Text)));
        Assert.Equal(["1\n", "2\n"], texts);
        Assert.Equal(4, source.Damaged);
        using FileSource last = new(path, new LogRequest { Tail = 2 });
        texts.Clear();
        last.Read(record => texts.Add(Encoding.UTF8.GetString(record.Text)));
        Assert.Equal(["1\n", "2\n"], texts);
    }

    [Fact]
    public void A_packed_file_that_is_damaged_is_an_error_with_its_name()
    {
        using TestRoot root = new();
        string path = $"{root.Paths.Root}/log";
        File.WriteAllText($"{path}.1.gz", "this is not gzip");
        using LogReader reader = new(path);
        Assert.Contains("log.1.gz", Assert.Throws<ContainerException>(() => ReadAll(reader)).Message);
    }

    [Fact]
    public void A_log_is_neither_a_link_nor_something_to_wait_for()
    {
        using TestRoot root = new();
        string path = $"{root.Paths.Root}/log";
        File.CreateSymbolicLink(path, "/etc/passwd");
        using (LogReader reader = new(path))
            Assert.Equal(Errno.ELOOP, Assert.Throws<LinuxException>(() => ReadAll(reader)).Errno);
        File.Delete(path);
        Assert.Equal(0, Sys.mknodat(Sys.AT_FDCWD, path, S.IFIFO | 0x180, 0));
        using (LogReader reader = new(path))
            Assert.Contains("is not a file", Assert.Throws<ContainerException>(() => ReadAll(reader)).Message);
    }

    private static string Records(params int[] numbers) =>
        string.Concat(numbers.Select(number => $$"""{"log":"{{number}}\n","stream":"stdout","time":"2026-01-01T00:00:0{{number}}.000000000Z"}""" + "\n"));

    private static void Pack(string path, string text)
    {
        using GZipStream gzip = new(File.Create(path), CompressionLevel.Fastest);
        gzip.Write(Encoding.UTF8.GetBytes(text));
    }

    private static List<string> ReadRecords(LogReader reader) => [.. ReadAll(reader).Select(line => line[8..9])];

    private static List<string> ReadAll(LogReader reader)
    {
        List<string> lines = [];
        while (reader.TryRead(out ReadOnlySpan<byte> line))
            lines.Add(Encoding.UTF8.GetString(line));
        return lines;
    }
}
