using System.Buffers.Binary;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor.Proxy;

/// <summary>
/// Datagrams by UDP, of all ports of a container. A client that is silent for a while is forgotten; where there are too many, the one that is silent
/// for longest. What there is no room for is lost, as datagrams are.
/// </summary>
/// <param name="loop">Where it is told what happens.</param>
internal sealed class DatagramProxy(EventLoop loop) : IDisposable
{
    /// <summary>The most clients at once.</summary>
    public const int MaxFlows = 256;

    /// <summary>After so many milliseconds without a datagram a client is forgotten; docker's proxy says the same.</summary>
    public const int IdleMs = 90_000;

    private const int LookMs = 10_000;
    private const int PerTurn = 32;
    private const int Largest = 64 << 10; // bytes
    private const int ControlRoom = 64; // bytes
    private const int ControlHead = 16; // struct cmsghdr

    private readonly Dictionary<ProxiedPort, OwnedFd> _listeners = [];
    private readonly List<DatagramFlow> _flows = [];
    private readonly byte[] _control = new byte[ControlRoom];
    private byte[] _buffer = [];
    private Timer? _look;

    /// <summary>How many clients there are.</summary>
    public int Count => _flows.Count;

    /// <summary>Takes datagrams at a port from now on.</summary>
    /// <param name="port">The port.</param>
    /// <param name="socket">The bound socket; this one's from now on.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Add(ProxiedPort port, OwnedFd socket)
    {
        _listeners.Add(port, socket);
        loop.Add(socket, EPOLL.IN, _ => TakeFromClients(port, socket));
    }

    /// <summary>Takes none at a port any more; its clients are forgotten, for answers would come from nowhere.</summary>
    public void Remove(ProxiedPort port)
    {
        if (!_listeners.Remove(port, out OwnedFd? socket))
            return;
        for (int i = _flows.Count - 1; i >= 0; i--)
        {
            if (ReferenceEquals(_flows[i].Listener, socket))
                Forget(i);
        }
        loop.Remove(socket);
        socket.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ProxiedPort port in _listeners.Keys.ToArray())
            Remove(port);
        _look?.Dispose();
    }

    private void TakeFromClients(ProxiedPort port, OwnedFd socket)
    {
        if (_buffer.Length == 0)
            _buffer = new byte[Largest];
        SocketName client = default;
        for (int i = 0; i < PerTurn; i++)
        {
            nint got = Sys.ReceiveMessage(socket.Value, _buffer, client, _control, out int length, MSG.DONTWAIT);
            if (Sys.Is(got, Errno.EAGAIN))
                return;
            if (got < 0 || client.Port == 0)
                continue; // the error of an earlier answer, whose client is gone
            ReadOnlySpan<byte> reached = Reached(_control.AsSpan(0, length));
            if (Find(socket, client, reached) is not { } flow && !TryBegin(port, socket, client, reached, out flow))
                continue;
            flow.LastUsed = Environment.TickCount64;
            _ = Sys.send(flow.Socket.Value, _buffer.AsSpan(0, (int)got), MSG.DONTWAIT | MSG.NOSIGNAL); // ignored: the container does not listen, or has no room
        }
    }

    private void TakeFromContainer(DatagramFlow flow)
    {
        for (int i = 0; i < PerTurn; i++)
        {
            nint got = Sys.recv(flow.Socket.Value, _buffer, MSG.DONTWAIT);
            if (Sys.Is(got, Errno.EAGAIN))
                return;
            if (got < 0)
                continue; // nobody listens at the port: what it was told for is lost
            flow.LastUsed = Environment.TickCount64;
            _ = Sys.SendMessage(flow.Listener.Value, _buffer.AsSpan(0, (int)got), flow.Client, flow.Reached, MSG.DONTWAIT | MSG.NOSIGNAL); // ignored: the client has no room, or is gone
        }
    }

    private DatagramFlow? Find(OwnedFd socket, in SocketName client, ReadOnlySpan<byte> reached)
    {
        foreach (DatagramFlow flow in _flows)
        {
            if (flow.Is(socket, client, reached))
                return flow;
        }
        return null;
    }

    private bool TryBegin(ProxiedPort port, OwnedFd listener, in SocketName client, ReadOnlySpan<byte> reached, out DatagramFlow flow)
    {
        flow = null!;
        if (_flows.Count >= MaxFlows)
            ForgetOldest();
        int answer = Sys.socket(SocketName.FamilyOf(port.Target.Address), SOCK.DGRAM | SOCK.NONBLOCK, 0);
        if (answer < 0)
            return false;
        OwnedFd socket = new(answer);
        if (Sys.connect(socket.Value, SocketName.Of(port.Target.Address, port.Target.Port).Bytes) < 0)
        {
            socket.Dispose();
            return false;
        }
        DatagramFlow begun = new(listener, client, reached, socket);
        loop.Add(socket, EPOLL.IN, _ => TakeFromContainer(begun));
        _flows.Add(begun);
        if (_look is null)
        {
            _look = new Timer(loop, Look);
            _look.Arm(LookMs);
        }
        flow = begun;
        return true;
    }

    private void Look()
    {
        long now = Environment.TickCount64;
        for (int i = _flows.Count - 1; i >= 0; i--)
        {
            if (now - _flows[i].LastUsed >= IdleMs)
                Forget(i);
        }
        if (_flows.Count > 0)
        {
            _look!.Arm(LookMs);
            return;
        }
        _look = null;
        _buffer = [];
    }

    private void ForgetOldest()
    {
        int oldest = 0;
        for (int i = 1; i < _flows.Count; i++)
        {
            if (_flows[i].LastUsed < _flows[oldest].LastUsed)
                oldest = i;
        }
        Forget(oldest);
    }

    private void Forget(int index)
    {
        DatagramFlow flow = _flows[index];
        _flows[index] = _flows[^1];
        _flows.RemoveAt(_flows.Count - 1);
        loop.Remove(flow.Socket);
        flow.Dispose();
    }

    // The kernel's word about the address that the client has used is what it wants to hear to answer from there:
    //
    //   struct in6_pktinfo: 16 bytes address, 4 bytes interface      struct in_pktinfo: 4 bytes interface, 4 bytes own address, 4 bytes address
    //
    // The interface is left to the routes, but for addresses that mean nothing without one.
    private static ReadOnlySpan<byte> Reached(Span<byte> control)
    {
        if (control.Length < ControlHead)
            return default;
        int level = BinaryPrimitives.ReadInt32LittleEndian(control[8..]), type = BinaryPrimitives.ReadInt32LittleEndian(control[12..]);
        Span<byte> info = control[ControlHead..];
        if (level == IPPROTO.IPV6 && type == IPV6.PKTINFO && info.Length >= 20)
        {
            bool isLinkLocal = info[0] == 0xfe && (info[1] & 0xc0) == 0x80, isMulticast = info[0] == 0xff;
            if (!isLinkLocal)
                info.Slice(16, 4).Clear();
            return isMulticast ? default : control;
        }
        if (level != IPPROTO.IP || type != IP.PKTINFO || info.Length < 12)
            return default;
        info[..4].Clear();
        return control;
    }
}
