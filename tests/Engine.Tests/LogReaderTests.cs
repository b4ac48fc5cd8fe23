using System.Text;
using Rundlet.Engine.Logs;
using Rundlet.Linux;

namespace Rundlet.Engine.Tests;

public sealed class LogReaderTests
{
    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "c")]
    [InlineData(2, "b c")]
    [InlineData(3, "a b c")]
    [InlineData(99, "a b c")]
    public void The_tail_is_the_last_lines(int lines, string expected)
    {
        using TestRoot root = new();
        string path = $"{root.Paths.Root}/log";
        File.WriteAllText(path, "a\nb\nc\n");
        using LogReader reader = new(path);
        reader.SeekTail(lines);
        Assert.Equal(expected, string.Join(' ', ReadAll(reader)));
    }

    [Fact]
    public void The_tail_is_found_across_blocks()
    {
        using TestRoot root = new();
        string path = $"{root.Paths.Root}/log";
        string longLine = new('x', 100_000);
        File.WriteAllText(path, $"first\n{longLine}\nlast\n");
        using LogReader reader = new(path);
        reader.SeekTail(2);
        Assert.Equal([longLine, "last"], ReadAll(reader));
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

    [Fact]
    public void A_record_gives_back_the_bytes_that_were_written()
    {
        LogRecord record = LogRecord.Parse("""{"log":"größer \"x\"\n","stream":"stderr","time":"2026-01-02T03:04:05.000000006Z"}"""u8);
        Assert.Equal("größer \"x\"\n", Encoding.UTF8.GetString(record.Text));
        Assert.True(record.IsError);
        Assert.Equal("2026-01-02T03:04:05.000000006Z", record.Time);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"log\":1}")]
    public void A_damaged_record_is_an_error(string line) => Assert.Throws<ContainerException>(() => LogRecord.Parse(Encoding.UTF8.GetBytes(line)));

    private static List<string> ReadAll(LogReader reader)
    {
        List<string> lines = [];
        while (reader.TryRead(out ReadOnlySpan<byte> line))
            lines.Add(Encoding.UTF8.GetString(line));
        return lines;
    }
}
