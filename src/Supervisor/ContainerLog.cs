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

    /// <summary>Whether the container has to wait until what it wrote is taken; <see cref="CaughtUp"/> tells when it no longer does.</summary>
    public virtual bool IsBehind => false;

    /// <summary>Called when <see cref="IsBehind"/> has become false.</summary>
    public Action? CaughtUp { get; set; }

    /// <summary>Opens a log.</summary>
    /// <exception cref="LinuxException">It cannot be opened.</exception>
    public static ContainerLog? Open(LogConfig? config, EventLoop loop) => config switch
    {
        null => null,
        { Driver: LogDriver.Journald } => new JournalLog(config, loop),
        _ => new JsonFileLog(config),
    };

    /// <summary>Adds the complete lines of <paramref name="output"/>, and keeps an incomplete one in <paramref name="rest"/>.</summary>
    /// <param name="stream">Which stream it came from.</param>
    /// <param name="output">What was read.</param>
    /// <param name="rest">The stream's beginning of a line.</param>
    public void Write(FrameType stream, ReadOnlySpan<byte> output, LineRest rest)
    {
        Begin();
        while (!output.IsEmpty)
        {
            int newline = output.IndexOf((byte)'\n');
            int length = newline < 0 ? output.Length : newline + 1;
            if (newline >= 0 && rest.IsEmpty && length <= MaxLine)
                Add(stream, output[..length], rest.NextPart(isLast: true));
            else
                length = AddLong(stream, output[..length], rest);
            output = output[length..];
        }
        Flush();
    }

    /// <summary>Adds what a stream ended with, a line without its end.</summary>
    public void End(FrameType stream, LineRest rest)
    {
        if (rest.IsEmpty)
            return;
        Begin();
        Add(stream, rest.Bytes, rest.NextPart(isLast: true));
        rest.Clear();
        Flush();
    }

    /// <summary>No more will come: nothing of what was given may be on its way afterwards, and nobody at work in the folder.</summary>
    public abstract void Finish();

    /// <summary>Takes everything away that was kept.</summary>
    /// <exception cref="Linux.ContainerException">Unsupported: it cannot be taken back.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public abstract void Clear();

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Some records follow, all of this moment.</summary>
    protected abstract void Begin();

    /// <summary>Adds a record.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="line">At least a byte, at most <see cref="MaxLine"/>, its newline included.</param>
    /// <param name="part">Where it stands in a line that was too long.</param>
    protected abstract void Add(FrameType stream, ReadOnlySpan<byte> line, LinePart part);

    /// <summary>The records since <see cref="Begin"/> were all.</summary>
    protected abstract void Flush();

    // Joins the rest of a line with what has come now, and cuts at the bound.
    private int AddLong(FrameType stream, ReadOnlySpan<byte> part, LineRest rest)
    {
        int taken = rest.Append(part, MaxLine);
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
        return taken;
    }
}
