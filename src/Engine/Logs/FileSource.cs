namespace Rundlet.Engine.Logs;

/// <summary>The records in the files of a container.</summary>
internal sealed class FileSource : ILogSource
{
    private readonly LogReader _reader;
    private readonly LogWindow _window;
    private readonly LogLine _parser = new();

    public FileSource(string path, LogRequest request)
    {
        _window = request.Window;
        _reader = new LogReader(path);
        if (request.Tail is { } lines)
            _reader.SeekTail(lines, _window.Until);
    }

    /// <inheritdoc/>
    public int Fd => -1;

    /// <inheritdoc/>
    public long Damaged { get; private set; }

    /// <inheritdoc/>
    public void Settle()
    {
        // the supervisor has written it before it said that the container ended
    }

    /// <inheritdoc/>
    public void Read(LogVisitor write)
    {
        while (_reader.TryRead(out ReadOnlySpan<byte> line))
        {
            if (!_window.Contains(LogLine.TimeOf(line)))
                continue;
            if (!_parser.TryRead(line, out LogRecord record))
                Damaged++;
            else if (_window.Contains(record.Time))
                write(record);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();
}
