using System.Text;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>
/// The container's output as files with one record a line, as Docker's json-file driver writes it:
/// <c>{"log":"hello\n","stream":"stdout","time":"2026-11-23T16:05:00.000000000Z"}</c>. All records of one read go out in one write(2).
/// </summary>
internal sealed class JsonFileLog : ContainerLog
{
    private const int BatchLength = 32 << 10;
    private const uint Mode = 0x1a0; // 0640

    private readonly LogConfig _config;
    private readonly LogPacker _packer;
    private readonly byte[] _afterStdout;
    private readonly byte[] _afterStderr;
    private readonly int _overhead;
    private readonly byte[] _time = new byte[LogTime.Length];
    private byte[] _batch = new byte[4096];
    private int _batched;
    private OwnedFd _file;
    private ulong _inode; // 0 until it is asked for
    private long _size;
    private long _ahead; // how much is there already of the records that come next
    private long _newest;
    private long _lost;
    private string? _trouble;

    /// <summary>Opens the file and adds to it.</summary>
    /// <param name="config">What is wanted.</param>
    /// <param name="interrupted">Where the records begin that a supervisor was adding when it was killed. They come first: see <see cref="ContainerLog.Replay"/>.</param>
    /// <exception cref="LinuxException">It cannot be opened.</exception>
    public JsonFileLog(LogConfig config, LogPlace? interrupted = null)
    {
        _config = config;
        _packer = new LogPacker(config);
        string attributes = AttributesOf(config.Fields);
        _afterStdout = Encoding.UTF8.GetBytes($"\",\"stream\":\"stdout\",{attributes}\"time\":\"");
        _afterStderr = Encoding.UTF8.GetBytes($"\",\"stream\":\"stderr\",{attributes}\"time\":\"");
        _overhead = 16 + _afterStdout.Length + LogTime.Length;
        _file = Open(config.Path, out _size);
        // Another file means that it was killed while it rotated: between two records.
        if (interrupted is { } place && place.Length <= _size && place.Inode == Inode())
            (_size, _ahead) = (place.Length, _size - place.Length);
        else
            CloseOff();
    }

    /// <inheritdoc/>
    public override void Finish() => _packer.Dispose();

    /// <inheritdoc/>
    public override void Clear()
    {
        _packer.Dispose();
        foreach (RotatedLog old in RotatedLog.List(_config.Path))
        {
            _newest = Math.Max(_newest, old.Number);
            RotatedLog.Remove(old.NameFor(_config.Path));
        }
        _newest++; // as if the file had been rotated, and that one removed too
        // Not truncated: who follows the log reads the old file to its end, and sees that there is a new one.
        Replace(() => RotatedLog.Remove(_config.Path));
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _packer.Dispose();
        _file.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override LogPlace Place => new(Inode(), Sys.lseek(_file.Value, 0, SEEK.END)); // asked for: somebody may have written to it by hand

    /// <inheritdoc/>
    protected override void Begin(timespec time) => LogTime.Write(time, _time);

    /// <summary>A half record, of a power cut or of somebody else, is closed off.</summary>
    protected override void CloseOff()
    {
        (_size, _ahead) = (_size + _ahead, 0);
        if (_size == 0)
            return;
        Span<byte> last = stackalloc byte[1];
        LinuxException.ThrowIfError(Sys.pread(_file.Value, last, _size - 1), "read", _config.Path);
        if (last[0] != (byte)'\n')
            Append("\n"u8);
    }

    /// <inheritdoc/>
    protected override void Add(FrameType stream, ReadOnlySpan<byte> line, LinePart part)
    {
        int most = line.Length * JsonEscape.MaxGrowth + _overhead;
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
        NotePlace();
        Rotate();
        NotePlace();
        record.CopyTo(_batch.AsSpan());
        _batched = record.Length;
    }

    private int WriteRecord(Span<byte> destination, FrameType stream, ReadOnlySpan<byte> line)
    {
        int at = Put("{\"log\":\""u8, destination, 0);
        at += JsonEscape.Write(line, destination[at..]);
        at = Put(stream == FrameType.Stderr ? _afterStderr : _afterStdout, destination, at);
        at = Put(_time, destination, at);
        return Put("\"}\n"u8, destination, at);
    }

    private static int Put(ReadOnlySpan<byte> bytes, Span<byte> destination, int at)
    {
        bytes.CopyTo(destination[at..]);
        return at + bytes.Length;
    }

    /// <inheritdoc/>
    protected override void Flush()
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
            FileIo.WriteAll(_file.Value, records[PassOver(records)..], _config.Path);
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

    // Those are passed over that the file has already, half ones included: who follows it may have read them. What is there and is
    // something else, a report of a loss for instance, makes room.
    private int PassOver(ReadOnlySpan<byte> records)
    {
        if (_ahead == 0)
            return 0;
        byte[] there = new byte[Math.Min(_ahead, records.Length)];
        if (FileIo.ReadAt(_file.Value, there, _size) == there.Length && records.StartsWith(there))
        {
            _ahead -= there.Length;
            return there.Length;
        }
        LinuxException.ThrowIfError(Sys.ftruncate(_file.Value, _size), "truncate", _config.Path);
        _ahead = 0;
        return 0;
    }

    private bool TellOfLoss()
    {
        byte[] text = Encoding.UTF8.GetBytes($"rundlet: {_lost} bytes of the log were lost: {_trouble}\n");
        byte[] record = new byte[text.Length * JsonEscape.MaxGrowth + _overhead];
        int length = WriteRecord(record, FrameType.Stderr, text);
        long lost = _lost;
        bool told = Append(record.AsSpan(0, length));
        _lost = told ? 0 : lost;
        return told;
    }

    // container.log gets the next number, and a new one is begun. Only the oldest are removed, no other name changes: who reads
    // knows which file comes next, however many rotations it has missed.
    private void Rotate()
    {
        try
        {
            List<RotatedLog> old = RotatedLog.List(_config.Path);
            if (old.Count > 0)
                _newest = Math.Max(_newest, old[^1].Number);
            _newest++;
            Replace(() =>
            {
                if (_config.MaxFiles <= 1)
                    RotatedLog.Remove(_config.Path);
                else
                    Rename(_config.Path, new RotatedLog(_newest, IsPacked: false).NameFor(_config.Path));
            });
            foreach (RotatedLog file in old)
            {
                if (file.Number <= _newest - (_config.MaxFiles - 1))
                    RotatedLog.Remove(file.NameFor(_config.Path));
            }
            if (_config.MaxFiles > 1)
                _packer.Start();
        }
        catch (LinuxException failed)
        {
            _trouble = failed.Message; // goes on in the old file: a log that is too long is better than none
        }
    }

    private void Replace(Action putAway)
    {
        putAway();
        OwnedFd next = Open(_config.Path, out _size);
        _file.Dispose();
        _file = next;
        (_inode, _ahead) = (0, 0);
    }

    private ulong Inode()
    {
        if (_inode == 0)
        {
            LinuxException.ThrowIfError(Sys.statx(_file.Value, "", AT.EMPTY_PATH, STATX.INO, out statx_t status), "stat", _config.Path);
            _inode = status.stx_ino;
        }
        return _inode;
    }

    private static string AttributesOf(IReadOnlyDictionary<string, string> fields)
    {
        if (fields.Count == 0)
            return "";
        JsonWriter json = new();
        json.WriteStartObject();
        foreach ((string name, string value) in fields)
            json.WriteString(name, value);
        json.WriteEndObject();
        return $"\"attrs\":{Encoding.UTF8.GetString(json.Written)},";
    }

    private static void Rename(string from, string to)
    {
        int answer = Sys.renameat2(Sys.AT_FDCWD, from, Sys.AT_FDCWD, to, RENAME.NOREPLACE);
        if (!Sys.Is(answer, Errno.ENOENT))
            LinuxException.ThrowIfError(answer, "rename", from);
    }

    private static OwnedFd Open(string path, out long size)
    {
        OwnedFd file = FileIo.Open(Sys.AT_FDCWD, path, O.RDWR | O.CREAT | O.APPEND | O.NOFOLLOW, Mode);
        size = Sys.lseek(file.Value, 0, SEEK.END);
        return file;
    }
}
