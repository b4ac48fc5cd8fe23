using System.Net;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Dns.Serving;

/// <summary>Where a resolver answers: one port, by UDP and by TCP.</summary>
public sealed class ResolverSockets : IDisposable
{
    private const int Attempts = 64;
    private const int Backlog = 32;

    private ResolverSockets(OwnedFd datagrams, OwnedFd connections, ushort port) => (Datagrams, Connections, Port) = (datagrams, connections, port);

    /// <summary>The port.</summary>
    public ushort Port { get; }

    internal OwnedFd Datagrams { get; }

    internal OwnedFd Connections { get; }

    /// <summary>Binds both in the calling thread's network namespace.</summary>
    /// <param name="address">At which address.</param>
    /// <param name="port">At which port; 0 for one that is free for both.</param>
    /// <exception cref="LinuxException">The kernel refused; <c>EADDRINUSE</c>: the port is not free.</exception>
    public static ResolverSockets Bind(IPAddress address, ushort port)
    {
        for (int attempt = 1; ; attempt++)
        {
            OwnedFd datagrams = Open(address, SOCK.DGRAM, port);
            OwnedFd? connections = null;
            try
            {
                ushort chosen = PortOf(datagrams);
                connections = Open(address, SOCK.STREAM, chosen);
                LinuxException.ThrowIfError(Sys.listen(connections.Value, Backlog), "listen", $"{address}:{chosen}");
                return new ResolverSockets(datagrams, connections, chosen);
            }
            catch (LinuxException refused)
            {
                connections?.Dispose();
                datagrams.Dispose();
                if (port != 0 || refused.Errno != Errno.EADDRINUSE || attempt == Attempts)
                    throw;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Datagrams.Dispose();
        Connections.Dispose();
    }

    private static OwnedFd Open(IPAddress address, int type, ushort port)
    {
        OwnedFd socket = OwnedFd.FromAnswer(Sys.socket(SocketName.FamilyOf(address), type | SOCK.NONBLOCK, 0), "socket");
        try
        {
            // Connections of a resolver before this one that are not forgotten yet do not count; for UDP it would hide a rival.
            if (type == SOCK.STREAM)
                LinuxException.ThrowIfError(Sys.setsockopt(socket.Value, SOL.SOCKET, SO.REUSEADDR, 1), "setsockopt");
            SocketName name = SocketName.Of(address, port);
            LinuxException.ThrowIfError(Sys.bind(socket.Value, name.Bytes), "bind", $"{address}:{port}");
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static ushort PortOf(OwnedFd socket)
    {
        SocketName name = default;
        LinuxException.ThrowIfError(Sys.getsockname(socket.Value, name), "getsockname");
        return name.Port;
    }
}
