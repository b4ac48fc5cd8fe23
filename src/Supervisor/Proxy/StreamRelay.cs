using System.Net;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor.Proxy;

/// <summary>
/// A TCP connection of a client, and ours to the container for it:
/// <code>
///   client ──► up ──► container      each direction ends by itself; a connection that breaks breaks the other one too,
///          ◄── down ◄──              so that half of an answer never looks like a whole one
/// </code>
/// </summary>
internal sealed class StreamRelay : IDisposable
{
    private readonly EventLoop _loop;
    private readonly OwnedFd _client;
    private readonly OwnedFd _server;
    private readonly OneWay _up;
    private readonly OneWay _down;
    private readonly Action<StreamRelay> _gone;
    private uint _clientEvents;
    private uint _serverEvents;
    private bool _isConnecting;

    /// <summary>Begins to connect.</summary>
    /// <param name="loop">Where it is told what happens.</param>
    /// <param name="pipes">Lends pipes.</param>
    /// <param name="client">The client's connection, not blocking; this one's from now on.</param>
    /// <param name="target">Where in the container.</param>
    /// <param name="gone">Called when it is over, behind <see cref="Dispose"/>.</param>
    /// <exception cref="LinuxException">The kernel refused; the client is gone.</exception>
    public StreamRelay(EventLoop loop, PipePool pipes, OwnedFd client, IPEndPoint target, Action<StreamRelay> gone)
    {
        (_loop, _client, _gone) = (loop, client, gone);
        _server = Open(client, target);
        _up = new OneWay(pipes, client, _server);
        _down = new OneWay(pipes, _server, client);
        _isConnecting = true;
        Watch();
    }

    /// <summary>Its place in the list of who has it.</summary>
    public int Index { get; set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _loop.Remove(_client);
        _loop.Remove(_server);
        _up.Dispose();
        _down.Dispose();
        _client.Dispose();
        _server.Dispose();
    }

    private static OwnedFd Open(OwnedFd client, IPEndPoint target)
    {
        OwnedFd? server = null;
        try
        {
            server = OwnedFd.FromAnswer(Sys.socket(SocketName.FamilyOf(target.Address), SOCK.STREAM | SOCK.NONBLOCK, 0), "socket");
            SetUp(server);
            SetUp(client);
            int answer = Sys.connect(server.Value, SocketName.Of(target.Address, target.Port).Bytes);
            if (!Sys.Is(answer, Errno.EINPROGRESS))
                LinuxException.ThrowIfError(answer, "connect", target.ToString());
            return server;
        }
        catch
        {
            server?.Dispose();
            _ = Sys.reset_on_close(client.Value); // ignored: it is closed in any case
            client.Dispose();
            throw;
        }
    }

    private static void SetUp(OwnedFd socket)
    {
        _ = Sys.setsockopt(socket.Value, IPPROTO.TCP, TCP.NODELAY, 1); // ignored: it would be slower
        _ = Sys.setsockopt(socket.Value, SOL.SOCKET, SO.KEEPALIVE, 1); // ignored: who vanished without a word would be kept longer
    }

    private void Advance()
    {
        if (!IsConnected() || !TryMove())
        {
            Break();
            return;
        }
        if (_up.IsOver && _down.IsOver)
            Leave();
        else
            Watch();
    }

    private bool IsConnected()
    {
        if (!_isConnecting)
            return true;
        _isConnecting = false;
        return Sys.getsockopt(_server.Value, SOL.SOCKET, SO.ERROR, out int error) >= 0 && error == 0;
    }

    private bool TryMove()
    {
        try
        {
            return _up.Move() && _down.Move();
        }
        catch (LinuxException refused)
        {
            _ = refused; // ignored: without a pipe the connection breaks, and both sides are told
            return false;
        }
    }

    private void Break()
    {
        _ = Sys.reset_on_close(_client.Value); // ignored: it is closed in any case
        _ = Sys.reset_on_close(_server.Value); // ignored: as above
        Leave();
    }

    private void Leave()
    {
        Dispose();
        _gone(this);
    }

    private void Watch()
    {
        uint client = _isConnecting ? 0 : Events(_up.WantsSource, _down.WantsSink);
        uint server = _isConnecting ? EPOLL.OUT : Events(_down.WantsSource, _up.WantsSink);
        Watch(_client, ref _clientEvents, client);
        Watch(_server, ref _serverEvents, server);
    }

    // Of what nothing is wanted is not watched at all: an end would be reported again and again.
    private void Watch(OwnedFd fd, ref uint now, uint wanted)
    {
        if (now == wanted)
            return;
        if (wanted == 0)
            _loop.Remove(fd);
        else if (now == 0)
            _loop.Add(fd, wanted, _ => Advance());
        else
            _loop.Change(fd, wanted);
        now = wanted;
    }

    private static uint Events(bool isRead, bool isWritten) => (isRead ? EPOLL.IN : 0) | (isWritten ? EPOLL.OUT : 0);
}
