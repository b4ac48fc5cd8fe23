using System.Net;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Netlink.Route;

/// <summary>An address of an interface.</summary>
/// <param name="LinkIndex">The interface's number.</param>
/// <param name="Address">The address.</param>
/// <param name="PrefixLength">How many leading bits name the subnet.</param>
public sealed record InterfaceAddress(int LinkIndex, IPAddress Address, int PrefixLength)
{
    /// <summary>Reads a message of type <see cref="RTM.NEWADDR"/>.</summary>
    /// <exception cref="LinuxException"><c>EBADMSG</c>: it is malformed.</exception>
    internal static InterfaceAddress? Parse(in NetlinkMessage message)
    {
        if (message.Type != RTM.NEWADDR)
            return null;
        ifaddrmsg header = message.Header<ifaddrmsg>(out NetlinkAttributes attributes);
        // LOCAL is the own address; ADDRESS is the other side's on a point-to-point link, and the only one for IPv6.
        if (!attributes.TryFind(IFA.LOCAL, out NetlinkAttribute address) && !attributes.TryFind(IFA.ADDRESS, out address))
            return null;
        return new InterfaceAddress((int)header.ifa_index, address.Address, header.ifa_prefixlen);
    }
}
