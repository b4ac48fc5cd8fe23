using System.Text;
using System.Text.RegularExpressions;
using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Output.Progress;
using Rundlet.Images.Pull;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Cli.Tests.Output;

public sealed class ProgressTests
{
    private readonly StringBuilder _written = new();
    private readonly ManualTime _time = new();

    [Theory]
    [InlineData(100, "abc: Downloading [=========================>                        ]  5MB/10MB")]
    [InlineData(80, "abc: Downloading [======================>                      ]  5MB/10MB")]
    [InlineData(60, "abc: Downloading [============>            ]  5MB/10MB")]
    [InlineData(45, "abc: Downloading [=====>    ]  5MB/10MB")]
    [InlineData(30, "abc: Downloading 5MB/10MB")]
    [InlineData(12, "abc: Downlo")]
    [InlineData(1, "a")]
    public void A_line_is_narrower_than_the_terminal(int columns, string expected) =>
        Assert.Equal([expected], ProgressFrame.Of([new("abc", "Downloading", 5_000_000, 10_000_000)], columns, 24));

    [Fact]
    public void A_line_without_bytes_has_no_bar() => Assert.Equal(
        ["a: Waiting", "b: Already exists", "c: Pull complete"],
        ProgressFrame.Of([new("a", "Waiting"), new("b", "Already exists", IsFinal: true), new("c", "Pull complete", 5, 5, IsFinal: true)], 80, 24));

    [Fact]
    public void Bytes_whose_end_nobody_knows_are_counted() => Assert.Equal(
        ["archive: Saving 5MB", "archive: Saving"],
        ProgressFrame.Of([new("archive", "Saving", 5_000_000), new("archive", "Saving")], 80, 24));

    [Fact]
    public void A_transfer_is_told_in_steps_and_ends_with_its_size()
    {
        using (var progress = new TransferProgress(new JsonProgress(text => _written.Append(text), _time), "archive", "Reading"))
        {
            progress.Expect(3 << 20);
            progress.Add(1);
            progress.Add(1000);
            _time.Now += TimeSpan.TicksPerSecond;
            progress.Add(2 << 20);
            _time.Now += TimeSpan.TicksPerSecond;
            progress.Add(5 << 20); // more than was expected
            progress.Finish("Read");
        }
        Assert.Equal(
            """
            {"id":"archive","status":"Reading","progressDetail":{"current":1,"total":3145728}}
            {"id":"archive","status":"Reading","progressDetail":{"current":2098153,"total":3145728}}
            {"id":"archive","status":"Reading","progressDetail":{"current":3145728,"total":3145728}}
            {"id":"archive","status":"Read 7.34MB"}

            """, _written.ToString());
    }

    [Fact]
    public void A_low_terminal_shows_what_happens_before_what_waits_and_counts_the_rest()
    {
        List<ProgressEvent> parts = [.. Enumerable.Range(0, 10).Select(i => new ProgressEvent($"done{i}", "Pull complete", IsFinal: true)), new("late", "Waiting"), new("busy", "Extracting", 1, 2), new("idle", "Waiting")];
        List<string> lines = ProgressFrame.Of(parts, 80, 4);
        Assert.Equal(["10 of 13 done", "busy: Extracting", "late: Waiting"], lines.Select(line => line.Split(" [")[0]));
        Assert.Single(ProgressFrame.Of(parts, 80, 1));
    }

    [Fact]
    public void Frames_are_drawn_over_each_other_and_leave_the_cursor_visible()
    {
        using (var display = new TerminalProgress(text => _written.Append(text), () => (80, 24), _time))
        {
            display.Report(new("a", "Waiting"));
            display.Report(new("b", "Downloading", 1, 2));
            Assert.Equal("", _written.ToString());
            _time.Tick();
            display.Say("latest: Pulling from hello");
            display.Report(new("a", "Pull complete", IsFinal: true));
            _time.Tick();
            int length = _written.Length;
            _time.Tick();
            Assert.Equal(length, _written.Length); // nothing new, nothing drawn
            display.Report(new("b", "Pull complete", IsFinal: true));
            display.Say("Digest: sha256:1");
            display.Say("Status: Downloaded");
            display.Report(new("c", "Waiting"));
        }
        Assert.Equal(["latest: Pulling from hello", "a: Pull complete", "b: Pull complete", "Digest: sha256:1", "Status: Downloaded", "c: Waiting"], Screen(_written.ToString()));
        string[] frames = _written.ToString().Split("\e[?25l");
        Assert.Equal(8, frames.Length);
        Assert.All(frames.Skip(1), frame => Assert.EndsWith("\e[?25h", frame));
    }

    [Fact]
    public void Without_a_terminal_each_new_state_is_a_line()
    {
        using var display = new PlainProgress(text => _written.Append(text));
        display.Say("latest: Pulling from hello");
        for (int i = 0; i < 5; i++)
            display.Report(new("a", "Downloading", i, 5));
        display.Report(new("a", "Pull complete", IsFinal: true));
        Assert.Equal("latest: Pulling from hello\na: Downloading\na: Pull complete\n", _written.ToString());
    }

    [Fact]
    public void As_json_states_are_told_at_once_and_bytes_ten_times_a_second()
    {
        using var display = new JsonProgress(text => _written.Append(text), _time);
        display.Say("hello");
        for (int i = 0; i <= 250; i++)
        {
            display.Report(new("a", "Downloading", i, 250));
            _time.Now += TimeSpan.TicksPerMillisecond;
        }
        display.Report(new("a", "Pull complete", IsFinal: true));
        Assert.Equal(
            "{\"status\":\"hello\"}\n" + string.Concat(((int[])[0, 100, 200]).Select(i => $"{{\"id\":\"a\",\"status\":\"Downloading\",\"progressDetail\":{{\"current\":{i},\"total\":250}}}}\n")) + "{\"id\":\"a\",\"status\":\"Pull complete\"}\n",
            _written.ToString());
    }

    [Fact]
    public void Phases_of_a_pull_have_dockers_words()
    {
        using var display = new PlainProgress(text => _written.Append(text));
        var pull = new PullProgress(display);
        Digest blob = Digest.Of("layer"u8), present = Digest.Of("another"u8);
        foreach (LayerPhase phase in Enum.GetValues<LayerPhase>().Where(phase => phase != LayerPhase.Present))
            pull.Report(new LayerProgress(blob, phase, 1, 2));
        foreach (LayerPhase phase in (LayerPhase[])[LayerPhase.Waiting, LayerPhase.Present, LayerPhase.Complete])
            pull.Report(new LayerProgress(present, phase, 2, 2));
        string id = blob.Hex[..12], other = present.Hex[..12];
        Assert.Equal($"{id}: Waiting\n{id}: Downloading\n{id}: Extracting\n{id}: Download complete\n{id}: Pull complete\n{other}: Waiting\n{other}: Already exists\n", _written.ToString());
    }

    [Fact]
    public void A_display_that_there_is_not_is_refused()
    {
        Arguments arguments = Arguments.Parse(["--progress", "fancy"], ProgressDisplay.Options, "rundlet pull");
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => ProgressDisplay.Open(arguments)).Kind);
        using IProgressDisplay display = ProgressDisplay.Open(Arguments.Parse(["-q", "--progress=json"], ProgressDisplay.Options, "rundlet pull"));
        Assert.IsType<SilentProgress>(display);
    }

    // What a terminal shows of these bytes.
    private static List<string> Screen(string bytes)
    {
        List<string> lines = [""];
        int row = 0, column = 0;
        foreach (Match piece in Regex.Matches(bytes, @"\e\[(\d*)([A-Z])|\e\[\?25[lh]|[\n\r]|[^\e\n\r]+"))
        {
            string text = piece.Value;
            if (text == "\n")
                (row, column) = (row + 1, 0);
            else if (text == "\r")
                column = 0;
            else if (piece.Groups[2].Value == "A")
                row -= int.Parse(piece.Groups[1].Value);
            else if (piece.Groups[2].Value == "K")
                lines[row] = lines[row][..column];
            else if (piece.Groups[2].Value == "J")
                lines.RemoveRange(row, lines.Count - row);
            else if (text[0] != '\e')
            {
                lines[row] = lines[row].PadRight(column + text.Length).Remove(column, text.Length).Insert(column, text);
                column += text.Length;
            }
            while (lines.Count <= row)
                lines.Add("");
        }
        Assert.Equal("", lines[^1]);
        return lines[..^1];
    }

    private sealed class ManualTime : TimeProvider
    {
        private Action? _fire;

        public long Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now;

        public void Tick() => _fire?.Invoke();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _fire = () => callback(state);
            return new Timer(() => _fire = null);
        }

        private sealed class Timer(Action dispose) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException();

            public void Dispose() => dispose();

            public ValueTask DisposeAsync()
            {
                dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
