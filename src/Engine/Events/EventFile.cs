using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Events;

/// <summary>One file of the event log, read forwards as far as it goes; it may have another name by then, or none.</summary>
internal sealed class EventFile : IDisposable
{
    private const int Block = 64 << 10;

    // What begins a line, and stands nowhere inside of one: quotes in texts are escaped.
    private static ReadOnlySpan<byte> Beginning => "{\"Type\":"u8;

    private readonly OwnedFd _file;
    private byte[] _bytes = new byte[Block];
    private int _length;

    private EventFile(OwnedFd file, ulong inode)
    {
        _file = file;
        Inode = inode;
    }

    /// <summary>The file's number, which it keeps when it is renamed.</summary>
    public ulong Inode { get; }

    /// <summary>Opens it; null where there is none.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static EventFile? TryOpen(string path)
    {
        int answer = Sys.openat(Sys.AT_FDCWD, path, O.RDONLY | O.NOFOLLOW);
        if (Sys.Is(answer, Errno.ENOENT))
            return null;
        OwnedFd file = OwnedFd.FromAnswer(answer, "open", path);
        LinuxException.ThrowIfError(Sys.statx(answer, "", AT.EMPTY_PATH, STATX.INO, out statx_t status), "stat", path);
        return new EventFile(file, status.stx_ino);
    }

    /// <summary>Passes over everything that is there.</summary>
    public void SkipToEnd() => LinuxException.ThrowIfError((int)Math.Min(Sys.lseek(_file.Value, 0, SEEK.END), int.MaxValue), "seek", EventLog.FileName);

    /// <summary>Gives the events that have come since the last time; what is none is passed over.</summary>
    public void Read(Action<EventMessage> take)
    {
        while (true)
        {
            nint got = Sys.read(_file.Value, _bytes.AsSpan(_length));
            if (Sys.Is(got, Errno.EINTR))
                continue;
            LinuxException.ThrowIfError(got, "read", EventLog.FileName);
            if (got == 0)
                return;
            _length += (int)got;
            TakeLines(take);
            // A line may be as long as the whole buffer; one that is longer is none of ours.
            if (_length == _bytes.Length && _bytes.Length > EventLog.MaxLine)
                _length = 0;
            else if (_length == _bytes.Length)
                Array.Resize(ref _bytes, 2 * _bytes.Length);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void TakeLines(Action<EventMessage> take)
    {
        int start = 0;
        for (int end; (end = _bytes.AsSpan(start, _length - start).IndexOf((byte)'\n')) >= 0; start += end + 1)
        {
            if (TryParse(_bytes.AsSpan(start, end), out EventMessage? message))
                take(message);
        }
        _bytes.AsSpan(start, _length - start).CopyTo(_bytes);
        _length -= start;
    }

    // A full disk leaves the beginning of a line without its end: the next one stands right behind it.
    private static bool TryParse(ReadOnlySpan<byte> line, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out EventMessage? message)
    {
        if (EventMessage.TryRead(line, out message))
            return true;
        int again = line.LastIndexOf(Beginning);
        return again > 0 && EventMessage.TryRead(line[again..], out message);
    }
}
