using Rundlet.Syscalls;

namespace Rundlet.Linux.Netlink.Route;

/// <summary>An address that somebody gave an interface for good, with global scope: what moves with it to another network namespace.</summary>
/// <param name="Family">One of <see cref="AF"/>.</param>
/// <param name="PrefixLength">How many leading bits name the subnet.</param>
/// <param name="Address">The other side's on a point-to-point link, else the own one.</param>
/// <param name="Local">The own one; null for IPv6 without another side.</param>
/// <param name="Broadcast">The broadcast address; null for none.</param>
public sealed record LastingAddress(byte Family, byte PrefixLength, byte[] Address, byte[]? Local, byte[]? Broadcast)
{
    /// <summary>Reads a message of type <see cref="RTM.NEWADDR"/>; null for another, or an address that comes and goes by itself.</summary>
    /// <exception cref="LinuxException"><c>EBADMSG</c>: it is malformed.</exception>
    internal static LastingAddress? Parse(in NetlinkMessage message)
    {
        if (message.Type != RTM.NEWADDR)
            return null;
        ifaddrmsg header = message.Header<ifaddrmsg>(out NetlinkAttributes attributes);
        if (header.ifa_scope != RT_SCOPE.UNIVERSE || (header.ifa_flags & IFA.F_PERMANENT) == 0)
            return null;
        byte[]? address = null, local = null, broadcast = null;
        foreach (NetlinkAttribute attribute in attributes)
        {
            switch (attribute.Type)
            {
                case IFA.ADDRESS:
                    address = attribute.Value.ToArray();
                    break;
                case IFA.LOCAL:
                    local = attribute.Value.ToArray();
                    break;
                case IFA.BROADCAST:
                    broadcast = attribute.Value.ToArray();
                    break;
            }
        }
        return (address ?? local) is { } any ? new LastingAddress(header.ifa_family, header.ifa_prefixlen, any, local, broadcast) : null;
    }
}
