using System.Text;
using Rundlet.Oci;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Supervisor.Tests;

public sealed class EventLogTests
{
    [Fact]
    public void An_event_is_read_as_it_was_written()
    {
        EventMessage message = new()
        {
            Type = "container",
            Action = "exec_create: sh -c \"echo\n\"",
            ActorId = "c0ffee",
            Attributes = new Dictionary<string, string> { ["name"] = "web", ["ü"] = "\e[31m" },
            TimeNano = 1_714_564_800_123_456_789,
        };
        JsonWriter json = new();
        message.WriteLine(json);

        Assert.Equal(1, json.Written.Count((byte)'\n'));
        Assert.True(EventMessage.TryRead(json.Written[..^1], out EventMessage? read));
        Assert.Equivalent(message, read, strict: true);
    }

    [Fact]
    public void The_shape_of_an_event_is_dockers()
    {
        JsonWriter json = new();
        new EventMessage { Type = "image", Action = "tag", ActorId = "sha256:1", Attributes = new Dictionary<string, string> { ["name"] = "web:1" }, TimeNano = 1_500_000_000 }.WriteLine(json);

        Assert.Equal(
            """{"Type":"image","Action":"tag","Actor":{"ID":"sha256:1","Attributes":{"name":"web:1"}},"scope":"local","time":1,"timeNano":1500000000}""" + "\n",
            Encoding.UTF8.GetString(json.Written));
    }

    [Theory]
    [InlineData("")]
    [InlineData("garbage")]
    [InlineData("{}")]
    [InlineData("""{"Type":"container","Action":"die","Actor":{"ID":"a","Attr""")]
    [InlineData("""{"Type":"container","Action":"die","Actor":{"ID":"a"},"timeNano":"now"}""")]
    [InlineData("\0\0\0\0")]
    public void What_is_no_event_is_not_taken_for_one(string line) => Assert.False(EventMessage.TryRead(Encoding.UTF8.GetBytes(line), out _));

    [Fact]
    public void What_the_action_has_wins_over_a_label_of_the_same_name()
    {
        using TemporaryFolder folder = new();
        EventLog log = new(folder["events/events.log"]);

        Assert.True(log.TryWrite("container", "die", "c", new Dictionary<string, string> { ["exitCode"] = "0", ["name"] = "web" }, new KeyValuePair<string, string>("exitCode", "7")));

        EventMessage read = Assert.Single(Read(log.Path));
        Assert.Equal("7", read.Attributes["exitCode"]);
        Assert.Equal("web", read.Attributes["name"]);
        Assert.InRange(read.TimeNano, DateTimeOffset.UtcNow.AddMinutes(-1).ToUnixTimeMilliseconds() * 1_000_000, DateTimeOffset.UtcNow.AddMinutes(1).ToUnixTimeMilliseconds() * 1_000_000);
    }

    [Fact]
    public void A_full_file_is_renamed_once_and_no_line_is_lost_though_many_write()
    {
        using TemporaryFolder folder = new();
        string path = folder["events.log"];
        string label = new('x', 30_000);
        int before = (int)(EventLog.MaxFile / 31_000) - 10;
        const int Writers = 4, Each = 20;
        Write(path, "before", before, label);

        Parallel.For(0, Writers, new ParallelOptions { MaxDegreeOfParallelism = Writers }, writer => Write(path, $"w{writer}", Each, label));

        List<string> seen = [.. Read(path + EventLog.OlderSuffix).Concat(Read(path)).Select(message => message.ActorId)];
        Assert.Equal(before + Writers * Each, seen.Count);
        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.True(new FileInfo(path + EventLog.OlderSuffix).Length >= EventLog.MaxFile); // and what writers add who come late
        Assert.InRange(new FileInfo(path).Length, 1, EventLog.MaxFile);
    }

    [Fact]
    public void An_event_that_would_be_too_long_goes_without_its_labels()
    {
        using TemporaryFolder folder = new();
        EventLog log = new(folder["events.log"]);

        Assert.True(log.TryWrite("container", "die", "c", new Dictionary<string, string> { ["big"] = new('x', EventLog.MaxLine), ["name"] = "web" }));

        EventMessage read = Assert.Single(Read(log.Path));
        Assert.Equal(["name"], read.Attributes.Keys);
    }

    [Fact]
    public void An_event_that_cannot_be_written_fails_nothing()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["file"], "");

        Assert.False(new EventLog(folder["file/events.log"]).TryWrite("container", "die", "c", null));
        File.CreateSymbolicLink(folder["events.log"], folder["elsewhere"]);
        Assert.False(new EventLog(folder["events.log"]).TryWrite("container", "die", "c", null));
        Assert.False(File.Exists(folder["elsewhere"]));
    }

    private static void Write(string path, string who, int count, string label)
    {
        EventLog log = new(path);
        for (int i = 0; i < count; i++)
            Assert.True(log.TryWrite("container", "start", $"{who}-{i}", new Dictionary<string, string> { ["label"] = label }));
    }

    private static List<EventMessage> Read(string path)
    {
        List<EventMessage> all = [];
        foreach (string line in File.ReadLines(path))
        {
            Assert.True(EventMessage.TryRead(Encoding.UTF8.GetBytes(line), out EventMessage? message));
            all.Add((EventMessage)message);
        }
        return all;
    }
}
