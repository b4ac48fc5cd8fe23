using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor;

/// <summary>The socket at which clients ask for things. Only root and the supervisor's own user may connect.</summary>
internal sealed class ControlSocket : IDisposable
{
    /// <summary>More connections than that are turned away.</summary>
    public const int MaxClients = 128;

    private readonly EventLoop _loop;
    private readonly OwnedFd _runFolder;
    private readonly OwnedFd _socket;
    private readonly List<ControlClient> _clients = [];
    private IControlHandler? _handler;

    /// <summary>Binds the socket, mode 0600. What an earlier supervisor has left in its place goes.</summary>
    /// <exception cref="LinuxException">It could not be bound.</exception>
    public ControlSocket(EventLoop loop, OwnedFd runFolder)
    {
        _loop = loop;
        _runFolder = runFolder;
        _socket = OwnedFd.FromAnswer(Sys.socket(AF.UNIX, SOCK.STREAM | SOCK.NONBLOCK, 0), "socket");
        Unlink();
        LinuxException.ThrowIfError(Sys.fchmod(_socket.Value, 0x180 /* 0600 */), "fchmod", ControlAddress.FileName); // bind takes the mode over
        LinuxException.ThrowIfError(Sys.bind(_socket.Value, ControlAddress.In(runFolder.Value)), "bind", ControlAddress.FileName);
        LinuxException.ThrowIfError(Sys.listen(_socket.Value, MaxClients), "listen", ControlAddress.FileName);
    }

    /// <summary>The connections.</summary>
    public IReadOnlyList<ControlClient> Clients => _clients;

    /// <summary>Called when a connection has ended.</summary>
    public Action Left { get; set; } = () => { };

    /// <summary>Called when a client is no longer behind.</summary>
    public Action CaughtUp { get; set; } = () => { };

    /// <summary>Starts to take connections.</summary>
    public void Serve(IControlHandler handler)
    {
        _handler = handler;
        _loop.Add(_socket, EPOLL.IN, _ => Accept());
    }

    /// <summary>Takes no more connections, and removes the socket from the folder.</summary>
    public void Close()
    {
        if (_socket.IsClosed)
            return;
        _loop.Remove(_socket);
        _socket.Dispose();
        Unlink();
    }

    /// <summary>A client's request.</summary>
    public void Handle(ControlClient client, ControlRequest request) => _handler!.Handle(client, request);

    /// <summary>A client's frame of another kind; false where clients may not send it.</summary>
    public bool TryHandle(ControlClient client, FrameType type, ReadOnlySpan<byte> payload) => _handler!.TryHandle(client, type, payload);

    /// <summary>A client is gone.</summary>
    public void Forget(ControlClient client)
    {
        _clients.Remove(client);
        _handler?.Gone(client);
        Left();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        foreach (ControlClient client in _clients.ToArray())
            client.Dispose();
    }

    private void Accept()
    {
        int fd = Sys.accept4(_socket.Value, SOCK.NONBLOCK);
        if (fd < 0)
            return; // the client has gone again
        OwnedFd connection = new(fd);
        if (_clients.Count >= MaxClients || !IsTrusted(connection))
            connection.Dispose();
        else
            _clients.Add(new ControlClient(_loop, connection, this));
    }

    private static bool IsTrusted(OwnedFd connection) =>
        Sys.getsockopt(connection.Value, SOL.SOCKET, SO.PEERCRED, out ucred peer) >= 0 && (peer.uid == 0 || peer.uid == Sys.geteuid());

    private void Unlink() => _ = Sys.unlinkat(_runFolder.Value, ControlAddress.FileName, 0); // ignored: absent as a rule; else bind says it
}
