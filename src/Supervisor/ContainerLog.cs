using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>
/// The container's output, kept a line at a time. A line longer than 16 KiB is several records, as Docker makes them, and only the
/// last one ends the line.
/// </summary>
internal abstract class ContainerLog : IDisposable
{
    /// <summary>The most bytes of output in a record.</summary>
    public const int MaxLine = 16 << 10;

    private OutputSpool? _spool; // through which came what is being written
    private int _left; // of that, from the record on that is being added

    /// <summary>Whether the container has to wait until what it wrote is taken; <see cref="CaughtUp"/> tells when it no longer does.</summary>
    public virtual bool IsBehind => false;

    /// <summary>Called when <see cref="IsBehind"/> has become false.</summary>
    public Action? CaughtUp { get; set; }

    /// <summary>The way from the container's streams to here; null for output that comes from nowhere else but memory.</summary>
    public OutputSpools? Spools { get; init; }

    /// <summary>Opens a log.</summary>
    /// <param name="config">What kind; null for none.</param>
    /// <param name="loop">For a log that has to wait.</param>
    /// <param name="runFolder">Where the output is kept on its way.</param>
    /// <param name="adopts">Whether another supervisor has written to it, and was killed: see <see cref="Replay"/>.</param>
    /// <exception cref="LinuxException">It cannot be opened.</exception>
    public static ContainerLog? Open(LogConfig? config, EventLoop loop, OwnedFd runFolder, bool adopts)
    {
        if (config is null)
            return null;
        OutputSpools spools = new(runFolder, adopts);
        return config.Driver == LogDriver.Journald ? new JournalLog(config, loop) { Spools = spools } : new JsonFileLog(config, spools.Interrupted?.Place) { Spools = spools };
    }

    /// <summary>Adds the complete lines of <paramref name="output"/>, and keeps an incomplete one in <paramref name="rest"/>.</summary>
    /// <param name="stream">Which stream it came from.</param>
    /// <param name="output">What was read.</param>
    /// <param name="rest">The stream's beginning of a line.</param>
    public void Write(FrameType stream, ReadOnlySpan<byte> output, LineRest rest)
    {
        if (output.Length < MaxLine - rest.Bytes.Length && !output.Contains((byte)'\n'))
            _ = rest.Append(output, MaxLine); // ignored: there is room for all of it
        else
            Write(stream, output, rest, isEnd: false);
    }

    /// <summary>Adds what a stream ended with, a line without its end.</summary>
    public void End(FrameType stream, LineRest rest)
    {
        if (!rest.IsEmpty)
            Write(stream, [], rest, isEnd: true);
    }

    /// <summary>
    /// Adds those records that a supervisor was adding when it was killed, and had not added yet. Comes for all streams before
    /// <see cref="Continue"/>: they stand behind each other.
    /// </summary>
    public void Replay(FrameType stream, LineRest rest)
    {
        if (Spools?.Find(stream) is not { Pending: > 0 } spool)
            return;
        _spool = spool;
        AddAll(stream, spool.GiveAgain(), rest, spool.Time, spool.Ends);
        CloseOff();
        spool.Done(rest.Bytes.Length);
    }

    /// <summary>Adds what a supervisor that was killed had taken and not looked at.</summary>
    public void Continue(FrameType stream, LineRest rest)
    {
        byte[] buffer = new byte[MaxLine];
        while (Spools?.Find(stream) is { HasMore: true } spool)
            Write(stream, buffer.AsSpan(0, spool.Give(buffer)), rest);
    }

    /// <summary>No more will come: nothing of what was given may be on its way afterwards, and nobody at work in the folder.</summary>
    public abstract void Finish();

    /// <summary>Takes everything away that was kept.</summary>
    /// <exception cref="ContainerException">Unsupported: it cannot be taken back.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public abstract void Clear();

    /// <inheritdoc/>
    public virtual void Dispose() => Spools?.Dispose();

    /// <summary>Where the next record is put; nowhere in particular in a log that is no file.</summary>
    protected virtual LogPlace Place => default;

    /// <summary>Some records follow, all of one moment.</summary>
    protected abstract void Begin(timespec time);

    /// <summary>Adds a record.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="line">At least a byte, at most <see cref="MaxLine"/>, its newline included.</param>
    /// <param name="part">Where it stands in a line that was too long.</param>
    protected abstract void Add(FrameType stream, ReadOnlySpan<byte> line, LinePart part);

    /// <summary>The records since <see cref="Begin"/> were all.</summary>
    protected abstract void Flush();

    /// <summary>All records that were interrupted are there.</summary>
    protected virtual void CloseOff()
    {
        // nothing may stand behind them in a log that is no file
    }

    /// <summary>Notes that all records before the one that is being added are in the log, and that the next one comes at <see cref="Place"/>.</summary>
    protected void NotePlace() => _spool?.Move(_left, Place);

    private void Write(FrameType stream, ReadOnlySpan<byte> output, LineRest rest, bool isEnd)
    {
        timespec now = LogTime.Now();
        _spool = Spools?.Find(stream);
        _spool?.Begin(now, Place, isEnd);
        AddAll(stream, output, rest, now, isEnd);
        _spool?.Done(rest.Bytes.Length);
    }

    private void AddAll(FrameType stream, ReadOnlySpan<byte> output, LineRest rest, timespec time, bool isEnd)
    {
        Begin(time);
        while (!output.IsEmpty)
        {
            int newline = output.IndexOf((byte)'\n');
            int length = newline < 0 ? output.Length : newline + 1;
            if (newline >= 0 && rest.IsEmpty && length <= MaxLine)
            {
                _left = output.Length;
                Add(stream, output[..length], rest.NextPart(isLast: true));
                output = output[length..];
            }
            else
            {
                output = AddLong(stream, output, length, rest);
            }
        }
        if (isEnd && !rest.IsEmpty)
        {
            _left = rest.Bytes.Length;
            Add(stream, rest.Bytes, rest.NextPart(isLast: true));
            rest.Clear();
        }
        Flush();
    }

    // Joins the rest of a line with what has come now, and cuts at the bound.
    private ReadOnlySpan<byte> AddLong(FrameType stream, ReadOnlySpan<byte> output, int length, LineRest rest)
    {
        output = output[rest.Append(output[..length], MaxLine)..];
        _left = output.Length + rest.Bytes.Length;
        if (rest.Bytes[^1] == (byte)'\n')
        {
            Add(stream, rest.Bytes, rest.NextPart(isLast: true));
            rest.Clear();
        }
        else if (rest.Bytes.Length == MaxLine)
        {
            int cut = JsonEscape.CutPoint(rest.Bytes);
            Add(stream, rest.Bytes[..cut], rest.NextPart(isLast: false));
            rest.Drop(cut);
        }
        return output;
    }
}
