using System.Net;
using Rundlet.Dns.Serving;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Dns.Inside;

/// <summary>A container's resolver, at docker's address inside its network namespace.</summary>
public static class InsideResolver
{
    private const ushort Port = 53;

    private static readonly IPAddress s_address = new([127, 0, 0, 11]);

    /// <summary>Opens it. The calling thread goes into the container's network namespace for a moment.</summary>
    /// <param name="network">The namespace, in which the loopback interface is up; stays the caller's.</param>
    /// <param name="runFolder">The container's run folder, with <see cref="Names.ResolverConfig"/>.</param>
    /// <param name="runs">Whether a container runs, by its id.</param>
    /// <param name="mayExist">Whether there was one before, of a process that was killed.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static Resolver Open(OwnedFd network, string runFolder, Predicate<string> runs, bool mayExist)
    {
        NamespaceSwitch way = new(network);
        ResolverSockets? sockets = null;
        try
        {
            way.Enter(inside: true);
            sockets = Reach(mayExist);
            way.Return();
            return Resolver.OfContainer(runFolder, runs, sockets, way);
        }
        catch
        {
            sockets?.Dispose();
            way.Return();
            way.Dispose();
            throw;
        }
    }

    private static ResolverSockets Reach(bool mayExist)
    {
        ResolverSockets sockets = ResolverSockets.Bind(s_address, 0);
        try
        {
            PortRedirect.Install(s_address.GetAddressBytes(), sockets.Port, mayExist);
            return sockets;
        }
        catch (LinuxException refused)
        {
            sockets.Dispose();
            // A kernel without nftables: then a nameserver of the container's own cannot have the port at all addresses.
            if (refused.Errno is Errno.EPROTONOSUPPORT or Errno.EOPNOTSUPP or Errno.ENOENT or Errno.EINVAL)
                return ResolverSockets.Bind(s_address, Port);
            throw;
        }
    }
}
