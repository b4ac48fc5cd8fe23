using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Logs;

/// <summary>Reads a log file line by line, also while it grows. A line without its end is not there yet.</summary>
internal sealed class LogReader : IDisposable
{
    private const int Block = 64 << 10;

    private readonly string _path;
    private OwnedFd? _file;
    private byte[] _buffer = new byte[Block];
    private int _start;
    private int _end;

    public LogReader(string path) => _path = path;

    /// <summary>The next line without its end; false when there is none yet.</summary>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        int searched = _start;
        while (true)
        {
            int at = _buffer.AsSpan(searched, _end - searched).IndexOf((byte)'\n');
            if (at >= 0)
            {
                line = _buffer.AsSpan(_start, searched + at - _start);
                _start = searched + at + 1;
                return true;
            }
            int pending = _end - _start;
            if (!Fill())
            {
                line = default;
                return false;
            }
            searched = _start + pending;
        }
    }

    /// <summary>Goes to where the last lines begin.</summary>
    /// <param name="lines">How many lines; 0 is the end.</param>
    public void SeekTail(long lines)
    {
        if (!TryOpen())
            return;
        long size = LinuxException.ThrowIfError((nint)Sys.lseek(_file!.Value, 0, 2 /* SEEK_END */), "seek in", _path);
        long position = size;
        byte[] block = new byte[Block];
        // The last byte of the file ends the last line: the search is for the ends before it.
        for (long wanted = lines; position > 0;)
        {
            int length = (int)Math.Min(Block, position);
            ReadAt(block.AsSpan(0, length), position - length);
            for (int i = length - 1; i >= 0; i--)
            {
                if (block[i] == '\n' && position - length + i != size - 1 && --wanted == 0)
                {
                    Seek(position - length + i + 1);
                    return;
                }
                if (lines == 0)
                {
                    Seek(size);
                    return;
                }
            }
            position -= length;
        }
        Seek(0);
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private void Seek(long position) => LinuxException.ThrowIfError((nint)Sys.lseek(_file!.Value, position, 0 /* SEEK_SET */), "seek in", _path);

    private void ReadAt(Span<byte> block, long position)
    {
        Seek(position);
        while (!block.IsEmpty)
        {
            nint got = Sys.read(_file!.Value, block);
            if (Sys.Is(got, Errno.EINTR))
                continue;
            LinuxException.ThrowIfError(got, "read", _path);
            if (got == 0)
                throw new LinuxException(Errno.EIO, "read", _path);
            block = block[(int)got..];
        }
    }

    private bool TryOpen()
    {
        if (_file is not null)
            return true;
        int answer = Sys.openat(Sys.AT_FDCWD, _path, O.RDONLY | O.NOFOLLOW);
        if (Sys.Is(answer, Errno.ENOENT))
            return false;
        _file = OwnedFd.FromAnswer(answer, "open", _path);
        return true;
    }

    private bool Fill()
    {
        if (!TryOpen())
            return false;
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        nint got;
        do
            got = Sys.read(_file!.Value, _buffer.AsSpan(_end));
        while (Sys.Is(got, Errno.EINTR));
        LinuxException.ThrowIfError(got, "read", _path);
        _end += (int)got;
        return got > 0;
    }
}
