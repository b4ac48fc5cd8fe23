using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor.Proxy;

/// <summary>
/// Connections by TCP, of all ports of a container. There is a most; what comes then waits in the kernel until another one has ended. Without
/// connections there is nothing but the listening sockets.
/// </summary>
/// <param name="loop">Where it is told what happens.</param>
internal sealed class StreamProxy(EventLoop loop) : IDisposable
{
    /// <summary>The most connections at once, where the limit of open files lets it have them.</summary>
    public const int MaxConnections = 1024;

    private const int FilesEach = 6; // two sockets and, while somebody is slow, a pipe each way
    private const int FilesForOthers = 256 + ProxiedPorts.Max;
    private const int FewestConnections = 16;
    private const int PerTurn = 16;
    private const int RestMs = 1000;

    private readonly PipePool _pipes = new();
    private readonly List<StreamRelay> _relays = [];
    private readonly Dictionary<ProxiedPort, OwnedFd> _listeners = [];
    private Timer? _rest;
    private int _limit;
    private bool _isPaused;

    /// <summary>How many connections there are.</summary>
    public int Count => _relays.Count;

    /// <summary>Takes connections at a port from now on.</summary>
    /// <param name="port">The port.</param>
    /// <param name="socket">The listening socket; this one's from now on.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Add(ProxiedPort port, OwnedFd socket)
    {
        if (_limit == 0)
            _limit = LimitOf(Limits.Raise(RLIMIT.NOFILE, MaxConnections * FilesEach + FilesForOthers));
        _listeners.Add(port, socket);
        if (!_isPaused)
            Watch(port, socket);
    }

    /// <summary>Takes none at a port any more; those that are there go on.</summary>
    public void Remove(ProxiedPort port)
    {
        if (!_listeners.Remove(port, out OwnedFd? socket))
            return;
        loop.Remove(socket);
        socket.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _rest?.Dispose();
        foreach (OwnedFd socket in _listeners.Values)
        {
            loop.Remove(socket);
            socket.Dispose();
        }
        _listeners.Clear();
        foreach (StreamRelay relay in _relays)
            relay.Dispose();
        _relays.Clear();
        _pipes.Dispose();
    }

    internal static int LimitOf(ulong files) => (int)Math.Clamp(((long)Math.Min(files, int.MaxValue) - FilesForOthers) / FilesEach, FewestConnections, MaxConnections);

    private void Watch(ProxiedPort port, OwnedFd socket) => loop.Add(socket, EPOLL.IN, _ => Accept(port, socket));

    private void Accept(ProxiedPort port, OwnedFd socket)
    {
        for (int i = 0; i < PerTurn; i++)
        {
            if (_relays.Count >= _limit)
            {
                Pause();
                return;
            }
            int answer = Sys.accept4(socket.Value, SOCK.NONBLOCK);
            if (Sys.Is(answer, Errno.EAGAIN))
                return;
            if (answer >= 0)
                Begin(port, new OwnedFd(answer));
            else if (Sys.Is(answer, Errno.EMFILE) || Sys.Is(answer, Errno.ENFILE) || Sys.Is(answer, Errno.ENOBUFS) || Sys.Is(answer, Errno.ENOMEM))
                Rest();
            // Others are about a connection that is gone already, accept(2).
            if (_isPaused)
                return;
        }
    }

    private void Begin(ProxiedPort port, OwnedFd client)
    {
        try
        {
            StreamRelay relay = new(loop, _pipes, client, port.Target, Gone) { Index = _relays.Count };
            _relays.Add(relay);
        }
        catch (LinuxException refused)
        {
            _ = refused; // ignored: the client was told by a reset
        }
    }

    private void Gone(StreamRelay relay)
    {
        StreamRelay last = _relays[^1];
        _relays[relay.Index] = last;
        last.Index = relay.Index;
        _relays.RemoveAt(_relays.Count - 1);
        if (_relays.Count == 0)
            _pipes.Dispose();
        if (_isPaused && _rest is null)
            Resume();
    }

    private void Pause()
    {
        if (_isPaused)
            return;
        _isPaused = true;
        foreach (OwnedFd socket in _listeners.Values)
            loop.Remove(socket);
    }

    // The machine has no files or memory left: looking again at once would be a loop.
    private void Rest()
    {
        Pause();
        _rest = new Timer(loop, () =>
        {
            _rest = null;
            Resume();
        });
        _rest.Arm(RestMs);
    }

    private void Resume()
    {
        _isPaused = false;
        foreach ((ProxiedPort port, OwnedFd socket) in _listeners)
            Watch(port, socket);
    }
}
