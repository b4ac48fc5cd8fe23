using System.IO.Compression;
using Microsoft.Win32.SafeHandles;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Logs;

/// <summary>One file of a log, line by line, also while it grows. A line without its end is not there yet.</summary>
internal sealed class LogFile : IDisposable
{
    private const int Block = 64 << 10;

    // A record has 16 KiB of output, sixfold at most when escaped, and attributes. What is longer is none.
    private const int MaxLine = 4 << 20;

    private readonly string _path;
    private readonly OwnedFd _file;
    private readonly Stream? _unpacked;
    private byte[] _buffer = new byte[Block];
    private int _start;
    private int _end;
    private bool _skips;

    private LogFile(string path, OwnedFd file, bool isPacked)
    {
        _path = path;
        _file = file;
        if (isPacked)
            _unpacked = new GZipStream(new FileStream(new SafeFileHandle(file.Release(), ownsHandle: true), FileAccess.Read, bufferSize: 0), CompressionMode.Decompress);
    }

    /// <summary>Opens a file; null where there is none.</summary>
    /// <exception cref="LinuxException">The kernel refused; <c>ELOOP</c>: it is a link.</exception>
    public static LogFile? TryOpen(string path, bool isPacked)
    {
        int answer = Sys.openat(Sys.AT_FDCWD, path, O.RDONLY | O.NOFOLLOW | O.NONBLOCK);
        if (Sys.Is(answer, Errno.ENOENT))
            return null;
        OwnedFd file = OwnedFd.FromAnswer(answer, "open", path);
        try
        {
            LinuxException.ThrowIfError(Sys.statx(file.Value, "", AT.EMPTY_PATH, STATX.TYPE, out statx_t status), "stat", path);
            if ((status.stx_mode & S.IFMT) != S.IFREG)
                throw new ContainerException(ContainerErrorKind.Internal, $"'{path}' is not a file") { Hint = "something else was put in the log's place: remove it" };
            return new LogFile(path, file, isPacked);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether this is the file that a path leads to now, or none is there.</summary>
    public bool IsStill(string path)
    {
        int answer = Sys.statx(Sys.AT_FDCWD, path, AT.SYMLINK_NOFOLLOW, STATX.INO, out statx_t there);
        if (Sys.Is(answer, Errno.ENOENT))
            return true;
        LinuxException.ThrowIfError(answer, "stat", path);
        LinuxException.ThrowIfError(Sys.statx(_file.Value, "", AT.EMPTY_PATH, STATX.INO, out statx_t own), "stat", _path);
        return there.stx_ino == own.stx_ino && there.stx_dev_major == own.stx_dev_major && there.stx_dev_minor == own.stx_dev_minor;
    }

    /// <summary>The next line without its end; false when there is none yet. What is too long to be a record comes as an empty line.</summary>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        int searched = _start;
        while (true)
        {
            int at = _buffer.AsSpan(searched, _end - searched).IndexOf((byte)'\n');
            if (at >= 0)
            {
                line = _skips ? default : _buffer.AsSpan(_start, searched + at - _start);
                _skips = false;
                _start = searched + at + 1;
                return true;
            }
            int pending = _end - _start;
            if (pending > MaxLine)
            {
                _skips = true;
                (_start, _end, pending) = (0, 0, 0);
            }
            if (!Fill())
            {
                line = default;
                return false;
            }
            searched = _start + pending;
        }
    }

    /// <summary>Goes to where the last lines begin: those that are records, and not later than a moment.</summary>
    /// <param name="lines">How many lines; 0 is the end.</param>
    /// <param name="until">See <see cref="LogMoment"/>; null for no bound.</param>
    /// <returns>How many there are from there on, at most <paramref name="lines"/>; with less the file is at its beginning.</returns>
    public long SeekTail(long lines, byte[]? until)
    {
        if (_unpacked is not null)
            throw new InvalidOperationException("a packed file is read forwards");
        long size = LinuxException.ThrowIfError((nint)Sys.lseek(_file.Value, 0, SEEK.END), "seek in", _path);
        // Each block is read with what stands before it, because the time stands at a line's end.
        const int Before = LogMoment.Length + 16;
        byte[] block = new byte[Before + Block];
        long found = 0;
        for (long end = size; end > 0;)
        {
            int length = (int)Math.Min(Block, end), before = (int)Math.Min(Before, end - length);
            Span<byte> bytes = block.AsSpan(0, before + length);
            ReadAt(bytes, end - length - before);
            for (int at = bytes.LastIndexOf((byte)'\n'); at >= before; at = bytes[..at].LastIndexOf((byte)'\n'))
            {
                if (found == lines)
                {
                    Seek(end - length - before + at + 1);
                    return found;
                }
                if (IsWanted(bytes[..at], until))
                    found++;
                if (at == 0)
                    break;
            }
            end -= length;
        }
        Seek(0);
        return found;
    }

    /// <summary>How many records a packed file has that are not later than a moment; reads all of it.</summary>
    public long Count(byte[]? until)
    {
        long count = 0;
        while (TryRead(out ReadOnlySpan<byte> line))
        {
            if (IsWanted(line, until))
                count++;
        }
        return count;
    }

    /// <summary>Reads over so many records.</summary>
    public void Skip(long count, byte[]? until)
    {
        while (count > 0 && TryRead(out ReadOnlySpan<byte> line))
        {
            if (IsWanted(line, until))
                count--;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _unpacked?.Dispose();
        _file.Dispose();
    }

    private static bool IsWanted(ReadOnlySpan<byte> line, byte[]? until)
    {
        if (line.IsEmpty || line[^1] != (byte)'}')
            return false;
        return until is null || LogLine.TimeOf(line) is not { IsEmpty: false } time || time.SequenceCompareTo(until) <= 0;
    }

    private void Seek(long position) => LinuxException.ThrowIfError((nint)Sys.lseek(_file.Value, position, SEEK.SET), "seek in", _path);

    private void ReadAt(Span<byte> block, long position)
    {
        while (!block.IsEmpty)
        {
            nint got = Sys.pread(_file.Value, block, position);
            if (Sys.Is(got, Errno.EINTR))
                continue;
            LinuxException.ThrowIfError(got, "read", _path);
            if (got == 0)
                throw new LinuxException(Errno.EIO, "read", _path); // shorter than it was: not something that the supervisor does
            block = block[(int)got..];
            position += got;
        }
    }

    private bool Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        int got = _unpacked is null ? ReadFile() : ReadUnpacked();
        _end += got;
        return got > 0;
    }

    private int ReadFile()
    {
        nint got;
        do
            got = Sys.read(_file.Value, _buffer.AsSpan(_end));
        while (Sys.Is(got, Errno.EINTR) || (got == 0 && TryRewind()));
        return (int)LinuxException.ThrowIfError(got, "read", _path);
    }

    // Somebody has emptied the file by hand: what comes is written at its beginning.
    private bool TryRewind()
    {
        LinuxException.ThrowIfError(Sys.statx(_file.Value, "", AT.EMPTY_PATH, STATX.SIZE, out statx_t status), "stat", _path);
        if ((long)status.stx_size >= Sys.lseek(_file.Value, 0, SEEK.CUR))
            return false;
        _end = 0;
        Seek(0);
        return true;
    }

    private int ReadUnpacked()
    {
        try
        {
            return _unpacked!.Read(_buffer.AsSpan(_end));
        }
        catch (InvalidDataException e)
        {
            throw new ContainerException(ContainerErrorKind.Internal, $"the packed log '{_path}' is damaged", e) { Hint = "remove it to read the others" };
        }
    }
}
