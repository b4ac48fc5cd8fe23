using System.Text;

namespace Rundlet.Cli.Output.Progress;

/// <summary>
/// A line for each part, drawn again ten times a second. A frame is one write that goes up over the frame before, and the cursor is
/// hidden only within it: nothing flickers, and whoever is killed leaves the terminal as it should be. Without colours.
/// </summary>
internal sealed class TerminalProgress : IProgressDisplay
{
    private const string HideCursor = "\e[?25l", ShowCursor = "\e[?25h", ToEndOfLine = "\e[K", ToEndOfScreen = "\e[J";
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Action<string> _write;
    private readonly Func<(int Columns, int Rows)> _size;
    private readonly ITimer _timer;
    private readonly List<ProgressEvent> _parts = [];
    private readonly Dictionary<string, int> _places = [];
    private int _drawn;
    private bool _changed;
    private bool _ended;

    /// <summary>Begins.</summary>
    /// <param name="write">Writes to the terminal.</param>
    /// <param name="size">Its size now; it may change at any time.</param>
    /// <param name="time">The clock.</param>
    public TerminalProgress(Action<string> write, Func<(int Columns, int Rows)> size, TimeProvider time)
    {
        _write = write;
        _size = size;
        _timer = time.CreateTimer(_ => Draw(), null, s_interval, s_interval);
    }

    /// <inheritdoc/>
    public void Report(ProgressEvent progress)
    {
        lock (_lock)
        {
            _changed = true;
            if (_places.TryGetValue(progress.Id, out int place))
            {
                _parts[place] = progress;
                return;
            }
            _places.Add(progress.Id, _parts.Count);
            _parts.Add(progress);
        }
    }

    /// <inheritdoc/>
    public void Say(string line)
    {
        lock (_lock)
        {
            if (_parts.Count > 0 && _parts.TrueForAll(part => part.IsFinal))
                Settle();
            Frame($"{Human.Printable(line)}{ToEndOfLine}\n");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        Draw();
        lock (_lock)
            _ended = true;
    }

    private void Draw()
    {
        lock (_lock)
        {
            if (_changed && !_ended)
                Frame("");
        }
    }

    // What is said when all is done stands below it, and whatever comes then is another work.
    private void Settle()
    {
        Frame("");
        _drawn = 0;
        _parts.Clear();
        _places.Clear();
    }

    private void Frame(string above)
    {
        (int columns, int rows) = _size();
        List<string> lines = ProgressFrame.Of(_parts, columns, rows);
        StringBuilder frame = new(HideCursor);
        if (_drawn > 0)
            frame.Append($"\e[{_drawn}A");
        frame.Append('\r').Append(above);
        foreach (string line in lines)
            frame.Append(line).Append(ToEndOfLine).Append('\n');
        _write(frame.Append(ToEndOfScreen).Append(ShowCursor).ToString());
        _drawn = lines.Count;
        _changed = false;
    }
}
