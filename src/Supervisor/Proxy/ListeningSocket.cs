using System.Net;
using System.Net.Sockets;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor.Proxy;

/// <summary>Makes the sockets at which the proxy listens, each of one family alone.</summary>
internal static class ListeningSocket
{
    private const int Backlog = 4096; // the kernel takes less where net.core.somaxconn says so

    /// <summary>Opens one, not blocking.</summary>
    /// <exception cref="ContainerException">Conflict: somebody has the port. InvalidArgument: the address is not the host's.</exception>
    /// <exception cref="LinuxException">The kernel refused otherwise.</exception>
    public static OwnedFd Open(ProxiedPort port)
    {
        IPAddress address = port.At.Address;
        bool isIpv6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        OwnedFd socket = OwnedFd.FromAnswer(
            Sys.socket(SocketName.FamilyOf(address), (port.IsDatagram ? SOCK.DGRAM : SOCK.STREAM) | SOCK.NONBLOCK, 0), "socket", port.Place);
        try
        {
            if (isIpv6)
                Set(socket, IPPROTO.IPV6, IPV6.V6ONLY);
            // Old connections that time out do not count, listeners do. For UDP it would hide a rival.
            if (!port.IsDatagram)
                Set(socket, SOL.SOCKET, SO.REUSEADDR);
            else if (isIpv6)
                Set(socket, IPPROTO.IPV6, IPV6.RECVPKTINFO);
            else
                Set(socket, IPPROTO.IP, IP.PKTINFO);
            Bind(socket, port);
            if (!port.IsDatagram)
                LinuxException.ThrowIfError(Sys.listen(socket.Value, Backlog), "listen", port.Place);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void Bind(OwnedFd socket, ProxiedPort port)
    {
        int answer = Sys.bind(socket.Value, SocketName.Of(port.At.Address, port.At.Port).Bytes);
        if (Sys.Is(answer, Errno.EADDRINUSE))
            throw new ContainerException(ContainerErrorKind.Conflict, $"port {port.Place} is already taken by another program");
        if (Sys.Is(answer, Errno.EADDRNOTAVAIL))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"cannot publish a port on '{port.At.Address}': not an address of this host");
        LinuxException.ThrowIfError(answer, "bind", port.Place);
    }

    private static void Set(OwnedFd socket, int level, int option) =>
        LinuxException.ThrowIfError(Sys.setsockopt(socket.Value, level, option, 1), "setsockopt");
}
