using Rundlet.Syscalls;

namespace Rundlet.Linux.Netlink.Route;

public sealed partial class RouteSocket
{
    /// <summary>Makes an interface that hangs on another one.</summary>
    /// <exception cref="LinuxException">The kernel refused; <c>EOPNOTSUPP</c>: it has no interfaces of that kind.</exception>
    public void AddSubLink(SubLinkRequest request)
    {
        NetlinkBatch batch = new();
        using (batch.Message(RTM.NEWLINK, NLM_F.CREATE | NLM_F.EXCL | NLM_F.ACK, $"add {request.Kind}", request.Name))
        {
            uint up = request.Namespace is null ? IFF.UP : 0;
            batch.Put(new ifinfomsg { ifi_flags = up, ifi_change = up });
            PutNameMacMtu(batch, request.Name, request.Mac, request.Mtu);
            if (request.Parent != 0)
                batch.UInt32(IFLA.LINK, (uint)request.Parent);
            if (request.Namespace is { } target)
                batch.UInt32(IFLA.NET_NS_FD, (uint)target.Value);
            using (batch.Nest(IFLA.LINKINFO))
            {
                batch.Text(IFLA.INFO_KIND, request.Kind);
                using (batch.Nest(IFLA.INFO_DATA))
                    PutData(batch, request);
            }
        }
        _socket.Execute(batch);
        if (request is { Alias: { } alias, Namespace: null })
            SetAlias(request.Name, alias); // not taken when a link is made
    }

    /// <summary>Gives an interface a text that the kernel keeps with it.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void SetAlias(string link, string alias)
    {
        NetlinkBatch batch = new();
        using (batch.Message(RTM.NEWLINK, NLM_F.ACK, "set alias of link", link))
        {
            batch.Put(default(ifinfomsg));
            batch.Text(IFLA.IFNAME, link);
            batch.Text(IFLA.IFALIAS, alias);
        }
        _socket.Execute(batch);
    }

    private static void PutData(NetlinkBatch batch, SubLinkRequest request)
    {
        switch (request.Kind)
        {
            case "macvlan":
                batch.UInt32(IFLA.MACVLAN_MODE, request.Mode switch
                {
                    "private" => MACVLAN_MODE.PRIVATE,
                    "vepa" => MACVLAN_MODE.VEPA,
                    "passthru" => MACVLAN_MODE.PASSTHRU,
                    _ => MACVLAN_MODE.BRIDGE,
                });
                break;
            case "ipvlan":
                batch.Raw(IFLA.IPVLAN_MODE, BitConverter.GetBytes(request.Mode switch
                {
                    "l3" => IPVLAN_MODE.L3,
                    "l3s" => IPVLAN_MODE.L3S,
                    _ => IPVLAN_MODE.L2,
                }));
                break;
            case "vlan":
                batch.Raw(IFLA.VLAN_ID, BitConverter.GetBytes(request.VlanId));
                break;
        }
    }
}
