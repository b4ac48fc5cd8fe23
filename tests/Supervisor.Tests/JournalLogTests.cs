using System.Text;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor.Tests;

public sealed class JournalLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly EventLoop _loop = new();

    private string SocketPath => _folder["socket"];

    public void Dispose()
    {
        _loop.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_line_is_an_entry_with_the_fields_of_docker()
    {
        using FakeJournal journal = new(SocketPath);
        using JournalLog log = Open(new() { ["CONTAINER_ID"] = "abc", ["CONTAINER_NAME"] = "web", ["NOTE"] = "two\nlines" });
        log.Write(FrameType.Stdout, "one\n\n"u8, new LineRest());
        log.Write(FrameType.Stderr, "a=b \0\xff\n"u8, new LineRest());

        List<Dictionary<string, string>> entries = journal.TakeAll();

        Assert.Equal(["one", "", "a=b \0\xc3\xbf"], entries.Select(entry => entry["MESSAGE"]));
        Assert.Equal(["6", "6", "3"], entries.Select(entry => entry["PRIORITY"]));
        Assert.Equal(["1", "2", "3"], entries.Select(entry => entry["CONTAINER_LOG_ORDINAL"]));
        Assert.All(entries, entry => Assert.Equal(("abc", "web", "two\nlines"), (entry["CONTAINER_ID"], entry["CONTAINER_NAME"], entry["NOTE"])));
        Assert.All(entries, entry => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$", entry["SYSLOG_TIMESTAMP"]));
        Assert.All(entries, entry => Assert.DoesNotContain(entry.Keys, key => key.Contains("PARTIAL")));
    }

    [Fact]
    public void A_long_line_is_several_entries_that_say_so()
    {
        using FakeJournal journal = new(SocketPath);
        using JournalLog log = Open();
        LineRest rest = new();
        log.Write(FrameType.Stdout, Encoding.ASCII.GetBytes(new string('x', (2 * ContainerLog.MaxLine) + 5)), rest);
        log.Write(FrameType.Stdout, "end\nnext\n"u8, rest);

        List<Dictionary<string, string>> entries = journal.TakeAll();

        Assert.Equal([16384, 16384, 8, 4], entries.Select(entry => entry["MESSAGE"].Length));
        Assert.Equal(["1", "2", "3"], entries.Take(3).Select(entry => entry["CONTAINER_PARTIAL_ORDINAL"]));
        Assert.Equal(["false", "false", "true"], entries.Take(3).Select(entry => entry["CONTAINER_PARTIAL_LAST"]));
        Assert.Single(entries.Take(3).Select(entry => entry["CONTAINER_PARTIAL_ID"]).Distinct());
        Assert.Equal([true, true, false, false], entries.Select(entry => entry.ContainsKey("CONTAINER_PARTIAL_MESSAGE")));
        Assert.DoesNotContain("CONTAINER_PARTIAL_ID", entries[3].Keys);
    }

    [Fact]
    public void What_is_too_long_for_a_datagram_comes_as_a_sealed_file()
    {
        using FakeJournal journal = new(SocketPath);
        string value = new('v', 1 << 20);
        using JournalLog log = Open(new() { ["BIG"] = value });
        log.Write(FrameType.Stdout, "one\n"u8, new LineRest());

        Dictionary<string, string> entry = Assert.Single(journal.TakeAll());
        Assert.Equal(("one", value), (entry["MESSAGE"], entry["BIG"]));
    }

    [Fact]
    public void While_journald_does_not_keep_up_the_container_waits_and_nothing_is_lost()
    {
        using FakeJournal journal = new(SocketPath);
        using JournalLog log = Open();
        int caughtUp = 0, written = 0;
        log.CaughtUp = () =>
        {
            caughtUp++;
            _loop.Stop();
        };
        while (!log.IsBehind)
            log.Write(FrameType.Stdout, Lines(ref written, 10), new LineRest());
        List<Dictionary<string, string>> entries = [];
        _loop.Add(journal.Socket, EPOLL.IN, _ => entries.AddRange(journal.TakeAll()));
        _loop.Run();
        Assert.Equal((1, false), (caughtUp, log.IsBehind));
        log.Write(FrameType.Stdout, Lines(ref written, 1), new LineRest());
        entries.AddRange(journal.TakeAll());
        Assert.Equal(Enumerable.Range(0, written).Select(i => $"line {i}"), entries.Select(entry => entry["MESSAGE"]));
    }

    [Fact]
    public void With_a_bound_the_container_does_not_wait_and_what_is_dropped_is_counted()
    {
        using FakeJournal journal = new(SocketPath);
        using JournalLog log = Open(waiting: 2000);
        log.CaughtUp = _loop.Stop;
        int written = 0;
        for (int i = 0; i < 200; i++)
        {
            log.Write(FrameType.Stdout, Lines(ref written, 10), new LineRest());
            Assert.False(log.IsBehind);
        }
        List<Dictionary<string, string>> entries = [];
        _loop.Add(journal.Socket, EPOLL.IN, _ => entries.AddRange(journal.TakeAll()));
        _loop.Run();
        entries.AddRange(journal.TakeAll());
        Dictionary<string, string> note = entries[^1];
        Assert.Equal($"rundlet: {written - entries.Count + 1} lines of the log were lost: journald did not keep up", note["MESSAGE"]);
        Assert.Equal("4", note["PRIORITY"]);
        Assert.Equal(Enumerable.Range(0, entries.Count - 1).Select(i => $"line {i}"), entries.SkipLast(1).Select(entry => entry["MESSAGE"]));
    }

    [Fact]
    public void What_waits_at_the_end_is_still_sent()
    {
        using FakeJournal journal = new(SocketPath);
        using JournalLog log = Open();
        int written = 0;
        while (!log.IsBehind)
            log.Write(FrameType.Stdout, Lines(ref written, 10), new LineRest());
        List<Dictionary<string, string>> entries = [];
        Thread reader = new(() =>
        {
            while (entries.Count < written && Sys.poll([new pollfd { fd = journal.Socket.Value, events = POLL.IN }], 10_000) > 0)
                entries.AddRange(journal.TakeAll());
        });
        reader.Start();
        log.Finish();
        reader.Join();
        Assert.Equal(Enumerable.Range(0, written).Select(i => $"line {i}"), entries.Select(entry => entry["MESSAGE"]));
    }

    [Fact]
    public void Another_journald_at_the_same_place_is_found_and_told_what_was_lost_meanwhile()
    {
        using JournalLog log = OpenOver(new FakeJournal(SocketPath), out FakeJournal first);
        log.Write(FrameType.Stdout, "one\n"u8, new LineRest());
        Assert.Single(first.TakeAll());
        first.Dispose();
        File.Delete(SocketPath);
        log.Write(FrameType.Stdout, "two\nthree\n"u8, new LineRest());
        using FakeJournal second = new(SocketPath);
        log.Write(FrameType.Stdout, "four\n"u8, new LineRest());
        List<string> messages = [.. second.TakeAll().Select(entry => entry["MESSAGE"])];
        Assert.Equal(2, messages.Count);
        Assert.StartsWith("rundlet: 2 lines of the log were lost: send to journald", messages[0]);
        Assert.Equal("four", messages[1]);
    }

    [Fact]
    public void Without_journald_there_is_no_log()
    {
        Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => Open()).Errno);
    }

    [Fact]
    public void The_journal_forgets_nothing()
    {
        using FakeJournal journal = new(SocketPath);
        using JournalLog log = Open();
        Assert.Equal(ContainerErrorKind.Unsupported, Assert.Throws<ContainerException>(log.Clear).Kind);
    }

    private static byte[] Lines(ref int written, int count)
    {
        StringBuilder lines = new();
        for (int i = 0; i < count; i++)
            lines.Append("line ").Append(written++).Append('\n');
        return Encoding.ASCII.GetBytes(lines.ToString());
    }

    private JournalLog OpenOver(FakeJournal journal, out FakeJournal same)
    {
        same = journal;
        return Open();
    }

    private JournalLog Open(Dictionary<string, string>? fields = null, long waiting = 0) =>
        new(new LogConfig { Driver = LogDriver.Journald, Path = SocketPath, Fields = fields ?? [], MaxWaiting = waiting }, _loop);
}
