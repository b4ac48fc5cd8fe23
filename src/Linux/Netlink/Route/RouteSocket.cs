using System.Net;
using System.Net.Sockets;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Netlink.Route;

/// <summary>
/// Links, addresses and routes of one network namespace, rtnetlink(7): of the one in which the socket was opened.
/// </summary>
public sealed partial class RouteSocket : IDisposable
{
    private readonly NetlinkSocket _socket;

    private RouteSocket(NetlinkSocket socket) => _socket = socket;

    /// <summary>Opens a socket in the calling thread's network namespace.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static RouteSocket Open() => new(NetlinkSocket.Open(NETLINK.ROUTE));

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    /// <summary>Sends several requests in one call; see <see cref="NetlinkSocket.Execute"/>.</summary>
    /// <exception cref="LinuxException">The first error.</exception>
    public void Execute(NetlinkBatch batch) => _socket.Execute(batch);

    private static byte Family(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? (byte)AF.INET6 : (byte)AF.INET;
}
