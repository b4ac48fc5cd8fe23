using System.Net;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Netlink.Route;

public sealed partial class RouteSocket
{
    /// <summary>Routes of one family, of all tables.</summary>
    /// <param name="family">One of <see cref="AF"/>.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public List<RouteEntry> ListRoutes(int family) => _socket.Dump(
        () =>
        {
            NetlinkBatch batch = new();
            using (batch.Message(RTM.GETROUTE, NLM_F.DUMP, "list routes"))
                batch.Put(new rtmsg { rtm_family = (byte)family });
            return batch;
        },
        RouteEntry.Parse);

    /// <summary>Adds "everything else goes by this gateway" to a batch, in the place of another default route if there is one.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="linkIndex">The interface's number.</param>
    /// <param name="gateway">The gateway; <c>0.0.0.0</c> or <c>::</c> where everything is on the link.</param>
    public static void SetDefaultRoute(NetlinkBatch batch, int linkIndex, IPAddress gateway)
    {
        using (batch.Message(RTM.NEWROUTE, NLM_F.CREATE | NLM_F.REPLACE | NLM_F.ACK, "set default route via", gateway.ToString()))
        {
            batch.Put(new rtmsg
            {
                rtm_family = Family(gateway),
                rtm_table = RT_TABLE.MAIN,
                rtm_protocol = RTPROT.STATIC,
                rtm_scope = RT_SCOPE.UNIVERSE,
                rtm_type = RTN.UNICAST,
            });
            if (!gateway.Equals(IPAddress.Any) && !gateway.Equals(IPAddress.IPv6Any))
                batch.Raw(RTA.GATEWAY, gateway.GetAddressBytes());
            batch.UInt32(RTA.OIF, (uint)linkIndex);
        }
    }
}
