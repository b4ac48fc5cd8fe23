using System.Net;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Netlink.Route;

/// <summary>A route.</summary>
/// <param name="Destination">Where it leads; null for everywhere (a default route).</param>
/// <param name="PrefixLength">How many leading bits of the destination count.</param>
/// <param name="Gateway">The next hop; null when the destination is on the link.</param>
/// <param name="LinkIndex">The interface's number; 0 for none.</param>
/// <param name="Table">The routing table.</param>
public sealed record RouteEntry(IPAddress? Destination, int PrefixLength, IPAddress? Gateway, int LinkIndex, uint Table)
{
    /// <summary>Reads a message of type <see cref="RTM.NEWROUTE"/>.</summary>
    /// <exception cref="LinuxException"><c>EBADMSG</c>: it is malformed.</exception>
    internal static RouteEntry? Parse(in NetlinkMessage message)
    {
        if (message.Type != RTM.NEWROUTE)
            return null;
        rtmsg header = message.Header<rtmsg>(out NetlinkAttributes attributes);
        RouteEntry route = new(null, header.rtm_dst_len, null, 0, header.rtm_table);
        foreach (NetlinkAttribute attribute in attributes)
        {
            route = attribute.Type switch
            {
                RTA.DST => route with { Destination = attribute.Address },
                RTA.GATEWAY => route with { Gateway = attribute.Address },
                RTA.OIF => route with { LinkIndex = (int)attribute.UInt32 },
                RTA.TABLE => route with { Table = attribute.UInt32 },
                _ => route,
            };
        }
        return route;
    }
}
