using Rundlet.Engine.Events;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine.Tests;

public sealed class EventReaderTests : IDisposable
{
    private readonly TestRoot _root = new();

    private EventLog Log => new(_root.Paths.EventFile);

    [Fact]
    public void Both_files_are_read_the_older_first_and_then_what_comes()
    {
        Write("a");
        Rotate();
        Write("b");
        using EventReader reader = new(_root.Paths, follow: true, onlyNew: false);
        Assert.Equal(["a", "b"], Read(reader));
        Write("c");
        reader.Wait(10_000, TestContext.Current.CancellationToken);
        Assert.Equal(["c"], Read(reader));
    }

    [Fact]
    public void Only_what_is_new_is_read_where_that_is_asked_for()
    {
        Write("a");
        Rotate();
        Write("b");
        using EventReader reader = new(_root.Paths, follow: true, onlyNew: true);
        Assert.Empty(Read(reader));
        Write("c");
        Assert.Equal(["c"], Read(reader));
    }

    [Fact]
    public void Nothing_is_lost_when_the_file_changes_its_name_once_or_twice_between_two_looks()
    {
        using EventReader reader = new(_root.Paths, follow: true, onlyNew: true);
        Write("a");
        Rotate();
        Write("b");
        Assert.Equal(["a", "b"], Read(reader));
        Write("c");
        Rotate();
        Write("d");
        Rotate();
        Write("e");
        Assert.Equal(["c", "d", "e"], Read(reader));
    }

    [Fact]
    public void The_line_of_a_writer_that_opened_the_file_before_it_was_renamed_is_read()
    {
        Write("a");
        using EventReader reader = new(_root.Paths, follow: true, onlyNew: false);
        using FileStream late = new(_root.Paths.EventFile, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        Rotate();
        Write("b");
        Assert.Equal(["a", "b"], Read(reader));
        late.Write("""{"Type":"container","Action":"start","Actor":{"ID":"late"},"timeNano":1}"""u8);
        late.Write("\n"u8);
        late.Flush();
        Assert.Equal(["late"], Read(reader));
    }

    [Fact]
    public void Garbage_and_half_lines_cost_no_other_event()
    {
        Write("a");
        File.AppendAllText(_root.Paths.EventFile, "garbage\n\0\0\0\n");
        Write("b");
        File.AppendAllText(_root.Paths.EventFile, """{"Type":"container","Action":"die","Actor":{"ID":"cut","Attr""");
        Write("c");
        File.AppendAllText(_root.Paths.EventFile, new string('x', 300_000) + "\n");
        Write("d");
        using EventReader reader = new(_root.Paths, follow: false, onlyNew: false);
        Assert.Equal(["a", "b", "c", "d"], Read(reader));
    }

    [Fact]
    public void A_wait_ends_when_it_is_canceled()
    {
        using EventReader reader = new(_root.Paths, follow: true, onlyNew: true);
        using CancellationTokenSource canceled = new(TimeSpan.FromMilliseconds(20));
        Assert.Throws<OperationCanceledException>(() => reader.Wait(-1, canceled.Token));
    }

    public void Dispose() => _root.Dispose();

    private void Write(string actor) => Assert.True(Log.TryWrite("container", "start", actor, null));

    private void Rotate() => File.Move(_root.Paths.EventFile, _root.Paths.EventFile + EventLog.OlderSuffix, overwrite: true);

    private static List<string> Read(EventReader reader)
    {
        List<string> actors = [];
        reader.Read(message => actors.Add(message.ActorId));
        return actors;
    }
}
