using System.Diagnostics;
using System.Net;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Diagnosis;

/// <summary>
/// Tries the ports of this machine at which a container's supervisor should listen. By TCP it connects and says nothing; of UDP, where that would
/// reach the container's program, it only looks whether somebody has the port.
/// </summary>
internal static class ListenerProbe
{
    private const int ConnectMilliseconds = 1000, ResetMilliseconds = 500;

    /// <summary>Tries them.</summary>
    /// <returns>The ports at which nobody listens, and those whose connections are broken at once.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static (IReadOnlyList<ProxiedPort> Closed, IReadOnlyList<ProxiedPort> Broken) Try(IReadOnlyList<ProxiedPort> ports)
    {
        List<ProxiedPort> closed = [], broken = [];
        List<(ProxiedPort Port, OwnedFd Socket)> open = [];
        try
        {
            foreach (ProxiedPort port in ports)
            {
                bool isReset = false;
                OwnedFd? connection = port.IsDatagram ? null : TryConnect(port, out isReset);
                if (connection is not null)
                    open.Add((port, connection));
                else if (isReset)
                    broken.Add(port);
                else if (!port.IsDatagram || !IsBound(port))
                    closed.Add(port);
            }
            return (closed, [.. broken, .. Broken(open)]);
        }
        finally
        {
            open.ForEach(static connection => connection.Socket.Dispose());
        }
    }

    // A connection that leads to nobody is reset by the supervisor as soon as the container has refused it.
    private static List<ProxiedPort> Broken(List<(ProxiedPort Port, OwnedFd Socket)> open)
    {
        List<ProxiedPort> broken = [];
        long began = Stopwatch.GetTimestamp();
        foreach ((ProxiedPort port, OwnedFd socket) in open)
        {
            Await(socket, POLL.IN, Math.Max(0, ResetMilliseconds - (int)Stopwatch.GetElapsedTime(began).TotalMilliseconds));
            if (Sys.Is(Sys.recv(socket.Value, new byte[1], 0), Errno.ECONNRESET))
                broken.Add(port);
        }
        return broken;
    }

    // Null where nobody listens, or where the connection was reset before anybody looked at it.
    private static OwnedFd? TryConnect(ProxiedPort port, out bool isReset)
    {
        isReset = false;
        IPAddress at = port.At.Address;
        IPAddress address = at.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : at.Equals(IPAddress.Any) ? IPAddress.Loopback : at;
        OwnedFd socket = OwnedFd.FromAnswer(Sys.socket(SocketName.FamilyOf(address), SOCK.STREAM | SOCK.NONBLOCK, 0), "socket");
        int answer = Sys.connect(socket.Value, SocketName.Of(address, port.At.Port).Bytes);
        if (Sys.Is(answer, Errno.EINPROGRESS) && Await(socket, POLL.OUT, ConnectMilliseconds) && Sys.getsockopt(socket.Value, SOL.SOCKET, SO.ERROR, out int error) >= 0)
            (answer, isReset) = (error == 0 ? 0 : -1, error == (int)Errno.ECONNRESET);
        if (answer == 0)
            return socket;
        socket.Dispose();
        return null;
    }

    private static bool IsBound(ProxiedPort port)
    {
        using OwnedFd socket = OwnedFd.FromAnswer(Sys.socket(SocketName.FamilyOf(port.At.Address), SOCK.DGRAM, 0), "socket");
        if (SocketName.FamilyOf(port.At.Address) == AF.INET6)
            LinuxException.ThrowIfError(Sys.setsockopt(socket.Value, IPPROTO.IPV6, IPV6.V6ONLY, 1), "setsockopt");
        return Sys.Is(Sys.bind(socket.Value, SocketName.Of(port.At.Address, port.At.Port).Bytes), Errno.EADDRINUSE);
    }

    private static bool Await(OwnedFd socket, short events, int milliseconds)
    {
        Span<pollfd> fds = [new pollfd { fd = socket.Value, events = events }];
        return Sys.poll(fds, milliseconds) > 0;
    }
}
