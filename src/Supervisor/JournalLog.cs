using System.Text;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>
/// The container's output as entries of the machine's journal, with the fields of Docker's journald driver. While journald does not
/// keep up, the container waits; with a bound on what may wait, what goes beyond it is dropped and counted.
/// </summary>
internal sealed class JournalLog : ContainerLog
{
    private const int FinishMs = 5_000;

    private readonly LogConfig _config;
    private readonly EventLoop _loop;
    private readonly JournalMessage _message = new();
    private readonly int _fixedLength;
    private readonly byte[] _time = new byte[LogTime.Length];
    private readonly byte[] _epoch = new byte[LogTime.Length];
    private readonly Queue<byte[]> _waiting = new();
    private readonly long[] _splitLines = new long[2];
    private long _splitCount;
    private long _ordinal;
    private long _waitingBytes;
    private long _lost;
    private string? _trouble;
    private OwnedFd _socket;

    /// <summary>Connects.</summary>
    /// <exception cref="LinuxException">There is no journald.</exception>
    public JournalLog(LogConfig config, EventLoop loop)
    {
        _config = config;
        _loop = loop;
        _socket = UnixSocket.Connect(config.Path, "journald", SOCK.DGRAM);
        LogTime.Write(LogTime.Now(), _epoch);
        foreach ((string name, string value) in config.Fields)
            _message.Add(name, value);
        _message.Add("CONTAINER_LOG_EPOCH"u8, _epoch);
        _fixedLength = _message.Bytes.Length;
    }

    /// <inheritdoc/>
    public override bool IsBehind => _config.MaxWaiting == 0 && _waiting.Count > 0;

    /// <inheritdoc/>
    public override void Finish()
    {
        Span<pollfd> room = [new pollfd { fd = _socket.Value, events = POLL.OUT }];
        while (_waiting.Count > 0)
        {
            if (Sys.poll(room, FinishMs) == 0)
            {
                _lost += _waiting.Count;
                _trouble = "journald does not take them";
                _waiting.Clear();
                break;
            }
            Drain();
            room[0].fd = _socket.Value;
        }
        if (_lost > 0)
            _ = TryTellOfLoss(); // ignored: nobody is left who could say it later
    }

    /// <inheritdoc/>
    public override void Clear() =>
        throw new ContainerException(ContainerErrorKind.Unsupported, "the journal cannot forget one container") { Hint = "journalctl --vacuum-time removes what is old, of everybody" };

    /// <inheritdoc/>
    public override void Dispose()
    {
        Disconnect();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override void Begin(timespec time) => LogTime.Write(time, _time);

    /// <inheritdoc/>
    protected override void Add(FrameType stream, ReadOnlySpan<byte> line, LinePart part)
    {
        if (_lost > 0 && _waiting.Count == 0)
            _ = TryTellOfLoss(); // ignored: then with the next line
        Compose(line[^1] == (byte)'\n' ? line[..^1] : line, stream == FrameType.Stderr ? "3"u8 : "6"u8);
        if (part.Ordinal > 0)
            AddPart(stream, part);
        if (_waiting.Count > 0 || !TryPut(_message.Bytes))
            Wait();
    }

    /// <inheritdoc/>
    protected override void Flush()
    {
        // every record goes out by itself
    }

    private void Compose(ReadOnlySpan<byte> text, ReadOnlySpan<byte> priority)
    {
        _message.Cut(_fixedLength);
        _message.Add("MESSAGE"u8, text);
        _message.Add("PRIORITY"u8, priority);
        _message.Add("SYSLOG_TIMESTAMP"u8, _time);
        _message.Add("CONTAINER_LOG_ORDINAL"u8, ++_ordinal);
    }

    private void AddPart(FrameType stream, LinePart part)
    {
        ref long line = ref _splitLines[stream == FrameType.Stderr ? 1 : 0];
        if (part.Ordinal == 1)
            line = ++_splitCount;
        _message.Add("CONTAINER_PARTIAL_ID"u8, line);
        _message.Add("CONTAINER_PARTIAL_ORDINAL"u8, part.Ordinal);
        _message.Add("CONTAINER_PARTIAL_LAST"u8, part.IsLast ? "true"u8 : "false"u8);
        if (!part.IsLast)
            _message.Add("CONTAINER_PARTIAL_MESSAGE"u8, "true"u8);
    }

    private void Wait()
    {
        int length = _message.Bytes.Length;
        if (_config.MaxWaiting > 0 && _waitingBytes + length > _config.MaxWaiting)
        {
            _lost++;
            _trouble = "journald did not keep up";
            return;
        }
        _waiting.Enqueue(_message.Bytes.ToArray());
        _waitingBytes += length;
        if (!_loop.Watches(_socket))
            Watch();
    }

    private void Watch() => _loop.Add(_socket, EPOLL.OUT, _ => Drain());

    private void Drain()
    {
        while (_waiting.TryPeek(out byte[]? next))
        {
            if (!TryPut(next))
                return;
            _waiting.Dequeue();
            _waitingBytes -= next.Length;
        }
        if (_lost > 0 && !TryTellOfLoss())
            return;
        _loop.Remove(_socket);
        CaughtUp?.Invoke();
    }

    // False while there is no room. What journald does not want at all, or nobody is there to take, is counted.
    private bool TryPut(ReadOnlySpan<byte> message)
    {
        nint sent = Put(message);
        if (sent < 0 && !Sys.Is(sent, Errno.EAGAIN) && TryReconnect())
            sent = Put(message);
        if (Sys.Is(sent, Errno.EAGAIN))
            return false;
        if (sent >= 0)
            return true;
        _lost++;
        _trouble = new LinuxException(Sys.ErrorOf(sent), "send to journald", _config.Path).Message;
        return true;
    }

    private nint Put(ReadOnlySpan<byte> message)
    {
        nint sent;
        do
            sent = Sys.send(_socket.Value, message, MSG.DONTWAIT | MSG.NOSIGNAL);
        while (Sys.Is(sent, Errno.EINTR));
        return Sys.Is(sent, Errno.EMSGSIZE) || Sys.Is(sent, Errno.ENOBUFS) ? PutAsFile(message) : sent;
    }

    // What is too long for a datagram goes as a sealed memfd, which journald may map without fear.
    private nint PutAsFile(ReadOnlySpan<byte> message)
    {
        int answer = Sys.memfd_create("rundlet-log", MFD.CLOEXEC | MFD.ALLOW_SEALING);
        if (answer < 0)
            return answer;
        using OwnedFd file = new(answer);
        try
        {
            FileIo.WriteAll(file.Value, message, "a memfd");
        }
        catch (LinuxException failed)
        {
            return -(nint)(int)failed.Errno; // no memory: counted as what the socket refuses
        }
        nint sent = Sys.fcntl(file.Value, F.ADD_SEALS, F.SEAL_SHRINK | F.SEAL_GROW | F.SEAL_WRITE | F.SEAL_SEAL);
        if (sent < 0)
            return sent;
        do
            sent = Sys.SendWithFds(_socket.Value, [], [file.Value], MSG.DONTWAIT | MSG.NOSIGNAL);
        while (Sys.Is(sent, Errno.EINTR));
        return sent;
    }

    // Another journald has made the socket anew.
    private bool TryReconnect()
    {
        OwnedFd? next = UnixSocket.TryConnect(_config.Path, SOCK.DGRAM);
        if (next is null)
            return false;
        bool watched = _loop.Watches(_socket);
        Disconnect();
        _socket = next;
        if (watched)
            Watch();
        return true;
    }

    private void Disconnect()
    {
        _loop.Remove(_socket);
        _socket.Dispose();
    }

    // False while there is no room.
    private bool TryTellOfLoss()
    {
        Compose(Encoding.UTF8.GetBytes($"rundlet: {_lost} lines of the log were lost: {_trouble}"), "4"u8);
        nint sent = Put(_message.Bytes);
        if (sent < 0 && !Sys.Is(sent, Errno.EAGAIN) && TryReconnect())
            sent = Put(_message.Bytes);
        if (sent >= 0)
            _lost = 0;
        return !Sys.Is(sent, Errno.EAGAIN);
    }
}
