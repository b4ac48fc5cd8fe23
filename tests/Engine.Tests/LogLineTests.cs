using System.Text;
using Rundlet.Engine.Logs;

namespace Rundlet.Engine.Tests;

public sealed class LogLineTests
{
    private const string Time = "2026-01-02T03:04:05.000000006Z";

    [Theory]
    [InlineData("""{"log":"größer \"x\"\\\t\r\u001b[0m\u0000\n","stream":"stderr","time":"2026-01-02T03:04:05.000000006Z"}""", "größer \"x\"\\\t\r\u001b[0m\0\n", true)]
    [InlineData("""{"log":"","stream":"stdout","time":"2026-01-02T03:04:05.000000006Z"}""", "", false)]
    [InlineData("""{"log":"\u003ca\/b\ud83d\ude00","stream":"stdout","time":"2026-01-02T03:04:05.0000000Z"}""", "<a/b😀", false)] // as docker writes it
    [InlineData("""{"time":"2026-01-02T03:04:05Z","x":{"y":[1]},"stream":"stderr","log":"a"}""", "a", true)]
    public void A_record_gives_back_the_bytes_that_were_written(string line, string text, bool isError)
    {
        Assert.True(new LogLine().TryRead(Encoding.UTF8.GetBytes(line), out LogRecord record));
        Assert.Equal(text, Encoding.UTF8.GetString(record.Text));
        Assert.Equal(isError, record.IsError);
        Assert.StartsWith("2026-01-02T03:04:05.000000", Encoding.ASCII.GetString(record.Time));
        Assert.Equal(LogMoment.Length, record.Time.Length);
        Assert.Equal("", record.Details());
    }

    [Theory]
    [InlineData("""{"log":"a\n","stream":"stdout","attrs":{"tag":"x=1, 2","a":"\"é\""},"time":"2026-01-02T03:04:05.000000006Z"}""", "a=%22%C3%A9%22,tag=x%3D1%2C+2")]
    [InlineData("""{"log":"a\n","attrs":{"b":"c"},"stream":"stdout","time":"2026-01-02T03:04:05.000000006Z"}""", "b=c")]
    [InlineData("""{"log":"a\n","stream":"stdout","attrs":{"b":[1],"c":"d"},"time":"2026-01-02T03:04:05.000000006Z"}""", "c=d")]
    [InlineData("""{"log":"a\n","stream":"stdout","attrs":{{,"time":"2026-01-02T03:04:05.000000006Z"}""", "")]
    public void Details_are_the_attributes_by_name(string line, string details)
    {
        Assert.True(new LogLine().TryRead(Encoding.UTF8.GetBytes(line), out LogRecord record));
        Assert.Equal(details, record.Details());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{\"log\":1}")]
    [InlineData("{\"log\":\"a\",\"stream\":\"stdout\",\"time\":\"yesterday\"}")]
    [InlineData("{\"log\":\"a\\\",\"stream\":\"stdout\",\"time\":\"" + Time + "\"}")]
    [InlineData("\"time\":\"" + Time + "\"}")]
    public void A_damaged_record_is_none(string line) => Assert.False(new LogLine().TryRead(Encoding.UTF8.GetBytes(line), out _));

    [Fact]
    public void Random_bytes_are_read_or_refused_without_an_exception()
    {
        Random random = new(3);
        byte[] model = Encoding.UTF8.GetBytes("{\"log\":\"a\\n\\u00e9\\\\ \\u0001\",\"stream\":\"stdout\",\"attrs\":{\"a\":\"b\"},\"time\":\"" + Time + "\"}");
        LogLine reader = new();
        int whole = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] line = [.. model];
            for (int i = random.Next(4); i > 0; i--)
                line[random.Next(line.Length)] = (byte)random.Next(256);
            if (reader.TryRead(line.AsSpan(0, random.Next(3) == 0 ? random.Next(line.Length) : line.Length), out LogRecord record))
                whole += record.Details().Length >= 0 ? 1 : 0;
        }
        Assert.InRange(whole, 1, 19_999);
    }
}
