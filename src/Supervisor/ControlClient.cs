using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>One connection to the control socket. Whatever comes over it, the worst that happens is that this connection ends.</summary>
internal sealed class ControlClient : IDisposable
{
    /// <summary>Above this many bytes that wait for it, a client is behind.</summary>
    public const int HighWater = 256 << 10;

    private const int MaxFds = 3;

    private readonly EventLoop _loop;
    private readonly OwnedFd _socket;
    private readonly ControlSocket _owner;
    private readonly FrameBuffer _received = new();
    private readonly List<OwnedFd> _passed = [];
    private readonly Queue<Outgoing> _outgoing = [];
    private int _waiting;
    private bool _paused;
    private bool _handling;
    private bool _ends;
    private bool _wantsStdout;
    private bool _wantsStderr;

    /// <summary>Starts to listen to a new connection.</summary>
    public ControlClient(EventLoop loop, OwnedFd socket, ControlSocket owner)
    {
        _loop = loop;
        _socket = socket;
        _owner = owner;
        loop.Add(socket, EPOLL.IN, Ready);
    }

    /// <summary>Whether the connection has ended.</summary>
    public bool IsGone => _socket.IsClosed;

    /// <summary>Whether it takes bytes more slowly than they come.</summary>
    public bool IsBehind => _waiting > HighWater;

    /// <summary>Whether everything was sent.</summary>
    public bool IsDrained => _waiting == 0;

    /// <summary>Whether it is to get the container's exit record.</summary>
    public bool AwaitsExit { get; set; }

    /// <summary>Whether it is to be told when the container has been started again.</summary>
    public bool AwaitsStart { get; set; }

    /// <summary>Whether it may send stdin.</summary>
    public bool SendsStdin { get; set; }

    /// <summary>Whether it wants the frames of a stream.</summary>
    public bool Wants(FrameType stream) => stream == FrameType.Stderr ? _wantsStderr : _wantsStdout;

    /// <summary>Which streams it wants.</summary>
    public void Want(bool stdout, bool stderr)
    {
        _wantsStdout = stdout;
        _wantsStderr = stderr;
    }

    /// <summary>Sends a response.</summary>
    /// <param name="response">What to say.</param>
    /// <param name="passed">An fd that goes along; it is taken over.</param>
    public void Send(ControlResponse response, OwnedFd? passed = null) => Send(Frame.Of(FrameType.Response, response.ToBytes()), passed);

    /// <summary>Sends an exit record.</summary>
    public void Send(ExitRecord record) => Send(Frame.Of(FrameType.Exit, record.ToBytes()));

    /// <summary>Sends a frame, as far as the client takes it now; keeps a copy of the rest.</summary>
    public void Send(ReadOnlySpan<byte> frame, OwnedFd? passed = null)
    {
        if (IsGone)
        {
            passed?.Dispose();
            return;
        }
        int sent = _waiting == 0 ? Put(frame, ref passed) : 0;
        if (sent < 0 || sent == frame.Length)
            return;
        _outgoing.Enqueue(new Outgoing(frame[sent..].ToArray(), passed));
        _waiting += frame.Length - sent;
        Watch();
    }

    /// <summary>Reads nothing more from it.</summary>
    public void Pause()
    {
        _paused = true;
        Watch();
    }

    /// <summary>Reads again.</summary>
    public void Resume()
    {
        if (!_paused || IsGone || _ends)
            return;
        _paused = false;
        Watch();
        if (!_handling)
            Handle();
    }

    /// <summary>Reads nothing more from it, and ends the connection when it has taken what waits for it.</summary>
    public void EndWhenSent()
    {
        AwaitsExit = false;
        SendsStdin = false;
        _ends = true;
        if (IsDrained)
            Dispose();
        else
            Pause();
    }

    /// <summary>Takes the fds that came with the last request.</summary>
    public List<OwnedFd> PassedFds => _passed;

    /// <summary>Ends the connection.</summary>
    public void Dispose()
    {
        if (IsGone)
            return;
        _loop.Remove(_socket);
        _socket.Dispose();
        DropPassed();
        while (_outgoing.TryDequeue(out Outgoing? item))
            item.Passed?.Dispose();
        _waiting = 0;
        _owner.Forget(this);
    }

    private void Ready(uint events)
    {
        if ((events & EPOLL.OUT) != 0)
            Flush();
        if (IsGone)
            return;
        if ((events & EPOLL.IN) != 0 && !_paused)
            Receive();
        else if ((events & (EPOLL.HUP | EPOLL.ERR)) != 0)
            Dispose();
    }

    private void Receive()
    {
        Span<int> fds = stackalloc int[8];
        nint got = Sys.ReceiveWithFds(_socket.Value, _received.Space(), fds, out int passed, MSG.DONTWAIT);
        if (Sys.Is(got, Errno.EAGAIN) || Sys.Is(got, Errno.EINTR))
            return;
        foreach (int fd in fds[..passed])
            _passed.Add(new OwnedFd(fd));
        if (got <= 0 || _passed.Count > MaxFds)
        {
            Dispose();
            return;
        }
        _received.Received((int)got);
        Handle();
    }

    private void Handle()
    {
        _handling = true;
        while (!_paused && !IsGone)
        {
            FrameStatus status = _received.TryTake(out FrameType type, out ReadOnlySpan<byte> payload);
            if (status == FrameStatus.Incomplete)
                break;
            if (status == FrameStatus.Malformed || !TryHandle(type, payload))
                Dispose();
        }
        _handling = false;
    }

    // False: not what a client may say.
    private bool TryHandle(FrameType type, ReadOnlySpan<byte> payload)
    {
        try
        {
            if (type != FrameType.Request)
                return _passed.Count == 0 && _owner.TryHandle(this, type, payload);
            _owner.Handle(this, ControlRequest.Read(payload));
            return true;
        }
        catch (SpecFormatException malformed)
        {
            Send(new ControlResponse { Failure = SupervisorFailure.Of(new ContainerException(ContainerErrorKind.InvalidArgument, "control request", malformed)) });
            return true;
        }
        catch (Exception failed) when (failed is ContainerException or LinuxException)
        {
            Send(new ControlResponse { Failure = SupervisorFailure.Of(failed) });
            return true;
        }
        finally
        {
            DropPassed();
        }
    }

    private void Flush()
    {
        bool wasBehind = IsBehind;
        while (_outgoing.TryPeek(out Outgoing? item))
        {
            OwnedFd? passed = item.Passed;
            int sent = Put(item.Bytes.AsSpan(item.Sent), ref passed);
            if (sent < 0)
                return;
            item.Passed = passed;
            item.Sent += sent;
            _waiting -= sent;
            if (item.Sent < item.Bytes.Length)
                break;
            _outgoing.Dequeue();
        }
        Watch();
        if (_ends && _waiting == 0)
            Dispose();
        if (wasBehind && !IsBehind)
            _owner.CaughtUp();
    }

    // Bytes sent; -1 where the connection has ended. The fd goes with the first byte, and is closed then.
    private int Put(ReadOnlySpan<byte> bytes, ref OwnedFd? passed)
    {
        ReadOnlySpan<int> fds = passed is null ? [] : [passed.Value];
        nint sent = Sys.SendWithFds(_socket.Value, bytes, fds, MSG.NOSIGNAL | MSG.DONTWAIT);
        if (Sys.Is(sent, Errno.EAGAIN) || Sys.Is(sent, Errno.EINTR))
            return 0;
        passed?.Dispose();
        passed = null;
        if (sent < 0)
        {
            Dispose();
            return -1;
        }
        return (int)sent;
    }

    // A peer that has gone is reported for ever, even watched for nothing: a paused client is not watched at all.
    private void Watch()
    {
        uint events = (_paused ? 0 : EPOLL.IN) | (_waiting > 0 ? EPOLL.OUT : 0);
        if (events == 0)
            _loop.Remove(_socket);
        else if (_loop.Watches(_socket))
            _loop.Change(_socket, events);
        else
            _loop.Add(_socket, events, Ready);
    }

    private void DropPassed()
    {
        foreach (OwnedFd fd in _passed)
            fd.Dispose();
        _passed.Clear();
    }

    private sealed class Outgoing(byte[] bytes, OwnedFd? passed)
    {
        public byte[] Bytes { get; } = bytes;

        public int Sent { get; set; }

        public OwnedFd? Passed { get; set; } = passed;
    }
}
