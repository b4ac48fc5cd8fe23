using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine.Logs;

/// <summary>
/// Reads a log line by line, the oldest rotated file first, also while it grows and is rotated.
/// <code>
/// log.4.gz ──► log.5 ──► log ─┬─► the same file still: nothing more yet
///                             └─► another one: it was rotated after its last write; what is left of it, then the file with
///                                 the next higher number, packed or not, and at last the new log
/// </code>
/// </summary>
internal sealed class LogReader(string path) : IDisposable
{
    private LogFile? _file;
    private long _number; // of the file: what it is called once it is rotated
    private bool _isCurrent;

    /// <summary>The next line without its end; false when there is none yet.</summary>
    /// <exception cref="Linux.ContainerException">Internal: a file is damaged.</exception>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        while (true)
        {
            if (_file is not null && _file.TryRead(out line))
                return true;
            if (!TryAdvance())
            {
                line = default;
                return false;
            }
        }
    }

    /// <summary>Goes to where the last lines begin, before anything is read.</summary>
    /// <param name="lines">How many lines; 0 is the end.</param>
    /// <param name="until">Only lines not later than this, see <see cref="LogMoment"/>; null for all.</param>
    public void SeekTail(long lines, byte[]? until = null)
    {
        List<RotatedLog> old = RotatedLog.List(path);
        if (TryOpenCurrent(old))
            lines -= _file!.SeekTail(lines, until);
        else if (lines == 0 && old.Count > 0)
            _number = old[^1].Number;
        old = RotatedLog.List(path);
        for (int i = old.Count - 1; i >= 0 && lines > 0; i--)
        {
            bool isTwice = i > 0 && old[i - 1].Number == old[i].Number;
            if (isTwice || (_file is not null && old[i].Number >= _number) || TryOpen(old[i], out RotatedLog found) is not { } file)
                continue;
            Use(file, found.Number, isCurrent: false);
            lines -= found.IsPacked ? SeekTailPacked(found, lines, until) : file.SeekTail(lines, until);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private bool TryAdvance()
    {
        if (_file is null || !_isCurrent)
            return TryOpenNext();
        if (_file.IsStill(path))
            return false;
        _isCurrent = false; // once more to its end
        return true;
    }

    private bool TryOpenNext()
    {
        while (true)
        {
            List<RotatedLog> old = RotatedLog.List(path);
            int next = old.FindIndex(file => file.Number > _number);
            if (next < 0)
                return TryOpenCurrent(old);
            if (TryOpen(old[next], out RotatedLog found) is not { } file)
                continue; // removed since
            Use(file, found.Number, isCurrent: false);
            return true;
        }
    }

    // A file that is no longer there whole may have been packed since it was seen: it has its packed name before it loses the other.
    private LogFile? TryOpen(RotatedLog seen, out RotatedLog found)
    {
        found = seen;
        LogFile? file = LogFile.TryOpen(seen.NameFor(path), seen.IsPacked);
        if (file is not null || seen.IsPacked)
            return file;
        found = seen with { IsPacked = true };
        return LogFile.TryOpen(found.NameFor(path), isPacked: true);
    }

    private bool TryOpenCurrent(List<RotatedLog> old)
    {
        if (LogFile.TryOpen(path, isPacked: false) is not { } file)
            return false;
        // Between the look at the folder and now it may have been rotated: then this file's number is not known.
        long newest = old.Count == 0 ? 0 : old[^1].Number;
        List<RotatedLog> now = RotatedLog.List(path);
        if (now.Count > 0 && now[^1].Number > newest)
        {
            file.Dispose();
            return _file is null && _number == 0 ? TryOpenCurrent(now) : TryOpenNext();
        }
        Use(file, Math.Max(newest, _number) + 1, isCurrent: true);
        return true;
    }

    private long SeekTailPacked(RotatedLog file, long lines, byte[]? until)
    {
        long count = _file!.Count(until);
        if (LogFile.TryOpen(file.NameFor(path), isPacked: true) is not { } again)
            return 0; // removed since: the next one is where it begins
        Use(again, file.Number, isCurrent: false);
        again.Skip(count - lines, until);
        return count;
    }

    private void Use(LogFile file, long number, bool isCurrent)
    {
        _file?.Dispose();
        (_file, _number, _isCurrent) = (file, number, isCurrent);
    }
}
