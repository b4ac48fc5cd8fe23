using System.Text;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>
/// The container's output as a file with one record a line, as Docker's json-file driver writes it:
/// <c>{"log":"hello\n","stream":"stdout","time":"2026-11-23T16:05:00.000000000Z"}</c>. A line longer than 16 KiB is several records, of which
/// only the last ends in <c>\n</c>. All records of one read go out in one write(2).
/// </summary>
internal sealed class JsonFileLog : IDisposable
{
    /// <summary>The most bytes of output in a record.</summary>
    public const int MaxLine = 16 << 10;

    private const int BatchLength = 32 << 10;
    private const int Overhead = 64 + LogTime.Length;
    private const uint Mode = 0x1a0; // 0640

    private readonly LogConfig _config;
    private readonly byte[] _time = new byte[LogTime.Length];
    private byte[] _batch = new byte[4096];
    private int _batched;
    private OwnedFd _file;
    private long _size;
    private long _lost;
    private string? _trouble;

    /// <summary>Opens the file and adds to it. A half record that a killed supervisor has left is closed off.</summary>
    /// <exception cref="LinuxException">It cannot be opened.</exception>
    public JsonFileLog(LogConfig config)
    {
        _config = config;
        _file = Open(config.Path, out _size);
        if (_size == 0)
            return;
        Span<byte> last = stackalloc byte[1];
        LinuxException.ThrowIfError(Sys.pread(_file.Value, last, _size - 1), "read", config.Path);
        if (last[0] != (byte)'\n')
            Append("\n"u8);
    }

    /// <summary>Adds the complete lines of <paramref name="output"/>, and keeps an incomplete one in <paramref name="rest"/>.</summary>
    /// <param name="stream">Which stream it came from.</param>
    /// <param name="output">What was read.</param>
    /// <param name="rest">The stream's beginning of a line.</param>
    public void Write(FrameType stream, ReadOnlySpan<byte> output, LineRest rest)
    {
        LogTime.WriteNow(_time);
        while (!output.IsEmpty)
        {
            int newline = output.IndexOf((byte)'\n');
            int length = newline < 0 ? output.Length : newline + 1;
            bool whole = newline >= 0 && rest.IsEmpty && length <= MaxLine;
            if (whole)
                Add(stream, output[..length]);
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
        LogTime.WriteNow(_time);
        Add(stream, rest.Bytes);
        rest.Clear();
        Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    // Joins the rest of a line with what has come now, and cuts at the bound.
    private int AddLong(FrameType stream, ReadOnlySpan<byte> part, LineRest rest)
    {
        int taken = rest.Append(part, MaxLine);
        if (rest.Bytes[^1] == (byte)'\n')
        {
            Add(stream, rest.Bytes);
            rest.Clear();
        }
        else if (rest.Bytes.Length == MaxLine)
        {
            int cut = JsonEscape.CutPoint(rest.Bytes);
            Add(stream, rest.Bytes[..cut]);
            rest.Drop(cut);
        }
        return taken;
    }

    private void Add(FrameType stream, ReadOnlySpan<byte> line)
    {
        int most = line.Length * JsonEscape.MaxGrowth + Overhead;
        if (_batched > 0 && _batched + most > BatchLength)
            Flush();
        if (_batch.Length < _batched + most)
            Array.Resize(ref _batch, Math.Max(_batched + most, Math.Min(2 * _batch.Length, BatchLength)));
        int start = _batched;
        _batched += WriteRecord(_batch.AsSpan(start), stream, line);
        if (_config.MaxSize <= 0 || _size + _batched <= _config.MaxSize || _size + start == 0)
            return;
        byte[] record = _batch[start.._batched];
        _batched = start;
        Flush();
        Rotate();
        record.CopyTo(_batch.AsSpan());
        _batched = record.Length;
    }

    private int WriteRecord(Span<byte> destination, FrameType stream, ReadOnlySpan<byte> line)
    {
        int at = Put("{\"log\":\""u8, destination, 0);
        at += JsonEscape.Write(line, destination[at..]);
        at = Put(stream == FrameType.Stderr ? "\",\"stream\":\"stderr\",\"time\":\""u8 : "\",\"stream\":\"stdout\",\"time\":\""u8, destination, at);
        at = Put(_time, destination, at);
        return Put("\"}\n"u8, destination, at);
    }

    private static int Put(ReadOnlySpan<byte> bytes, Span<byte> destination, int at)
    {
        bytes.CopyTo(destination[at..]);
        return at + bytes.Length;
    }

    private void Flush()
    {
        ReadOnlySpan<byte> records = _batch.AsSpan(0, _batched);
        _batched = 0;
        if (records.IsEmpty)
            return;
        if (_lost > 0 && !TellOfLoss())
            _lost += records.Length;
        else
            Append(records);
    }

    // Whole or not at all: what did not fit (a full disk, as a rule) is cut off again and counted. The container goes on.
    private bool Append(ReadOnlySpan<byte> records)
    {
        long before = _size;
        try
        {
            FileIo.WriteAll(_file.Value, records, _config.Path);
            _size += records.Length;
            return true;
        }
        catch (LinuxException failed)
        {
            _ = Sys.ftruncate(_file.Value, before); // ignored: then a half record stays, and readers pass over it
            _lost += records.Length;
            _trouble = failed.Message;
            return false;
        }
    }

    private bool TellOfLoss()
    {
        byte[] text = Encoding.UTF8.GetBytes($"rundlet: {_lost} bytes of the log were lost: {_trouble}\n");
        byte[] record = new byte[text.Length * JsonEscape.MaxGrowth + Overhead];
        int length = WriteRecord(record, FrameType.Stderr, text);
        long lost = _lost;
        bool told = Append(record.AsSpan(0, length));
        _lost = told ? 0 : lost;
        return told;
    }

    // container.log.1 -> .2, container.log -> .1; with one file the old content goes.
    private void Rotate()
    {
        try
        {
            for (int number = _config.MaxFiles - 1; number > 0; number--)
                Rename(Numbered(number - 1), Numbered(number));
            if (_config.MaxFiles <= 1)
                LinuxException.ThrowIfError(Sys.ftruncate(_file.Value, 0), "truncate", _config.Path);
            OwnedFd next = Open(_config.Path, out _size);
            _file.Dispose();
            _file = next;
        }
        catch (LinuxException failed)
        {
            _trouble = failed.Message; // goes on in the old file: a log that is too long is better than none
        }
    }

    private string Numbered(int number) => number == 0 ? _config.Path : $"{_config.Path}.{number}";

    private static void Rename(string from, string to)
    {
        int answer = Sys.renameat2(Sys.AT_FDCWD, from, Sys.AT_FDCWD, to, 0);
        if (!Sys.Is(answer, Errno.ENOENT))
            LinuxException.ThrowIfError(answer, "rename", from);
    }

    private static OwnedFd Open(string path, out long size)
    {
        OwnedFd file = FileIo.Open(Sys.AT_FDCWD, path, O.RDWR | O.CREAT | O.APPEND | O.NOFOLLOW, Mode);
        size = Sys.lseek(file.Value, 0, 2 /* SEEK_END */);
        return file;
    }
}
