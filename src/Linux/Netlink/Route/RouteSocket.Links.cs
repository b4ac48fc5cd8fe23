using Rundlet.Syscalls;

namespace Rundlet.Linux.Netlink.Route;

public sealed partial class RouteSocket
{
    /// <summary>The longest name of an interface, in bytes.</summary>
    public const int MaxNameLength = 15;

    /// <summary>An interface by its name; null when there is none.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public Link? TryGetLink(string name)
    {
        NetlinkBatch batch = new();
        using (batch.Message(RTM.GETLINK, NLM_F.ACK, "get link", name))
        {
            batch.Put(default(ifinfomsg));
            batch.Text(IFLA.IFNAME, name);
        }
        try
        {
            return _socket.Get(batch, Link.Parse);
        }
        catch (LinuxException e) when (e.Errno == Errno.ENODEV)
        {
            return null;
        }
    }

    /// <summary>All interfaces.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public List<Link> ListLinks() => _socket.Dump(
        static () =>
        {
            NetlinkBatch batch = new();
            using (batch.Message(RTM.GETLINK, NLM_F.DUMP, "list links"))
                batch.Put(default(ifinfomsg));
            return batch;
        },
        Link.Parse);

    /// <summary>Makes a bridge, up, with a hardware address that stays when ports come and go.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="mac">Its hardware address.</param>
    /// <param name="mtu">The largest packet, in bytes; 0 leaves the kernel's default.</param>
    /// <param name="alias">A text that the kernel keeps with it, at most 255 bytes.</param>
    /// <exception cref="LinuxException">The kernel refused; <c>EEXIST</c> for a name that is taken.</exception>
    public void AddBridge(string name, MacAddress mac, uint mtu, string alias)
    {
        NetlinkBatch batch = new();
        using (batch.Message(RTM.NEWLINK, NLM_F.CREATE | NLM_F.EXCL | NLM_F.ACK, "add bridge", name))
        {
            batch.Put(new ifinfomsg { ifi_flags = IFF.UP, ifi_change = IFF.UP });
            PutNameMacMtu(batch, name, mac, mtu);
            using (batch.Nest(IFLA.LINKINFO))
                batch.Text(IFLA.INFO_KIND, "bridge");
        }
        _socket.Execute(batch);
        SetAlias(name, alias); // not taken when a link is made
    }

    /// <summary>
    /// Makes a veth pair in one request: this end up and in its bridge, the other end named and addressed in its own
    /// namespace, to be set up there.
    /// </summary>
    /// <exception cref="LinuxException">The kernel refused; <c>EEXIST</c> for a name that is taken.</exception>
    public void AddVeth(VethRequest veth)
    {
        NetlinkBatch batch = new();
        using (batch.Message(RTM.NEWLINK, NLM_F.CREATE | NLM_F.EXCL | NLM_F.ACK, "add veth", veth.Name))
        {
            batch.Put(new ifinfomsg { ifi_flags = IFF.UP, ifi_change = IFF.UP });
            PutNameMacMtu(batch, veth.Name, veth.Mac, veth.Mtu);
            if (veth.Master != 0)
                batch.UInt32(IFLA.MASTER, (uint)veth.Master);
            using (batch.Nest(IFLA.LINKINFO))
            {
                batch.Text(IFLA.INFO_KIND, "veth");
                using (batch.Nest(IFLA.INFO_DATA))
                using (batch.Nest(VETH.INFO_PEER))
                {
                    batch.Put(default(ifinfomsg)); // up would be refused: this end does not exist yet
                    PutNameMacMtu(batch, veth.PeerName, veth.PeerMac, veth.Mtu);
                    batch.UInt32(IFLA.NET_NS_FD, (uint)veth.PeerNamespace.Value);
                }
            }
        }
        _socket.Execute(batch);
    }

    /// <summary>Makes an interface a port of a bridge.</summary>
    /// <param name="port">Its name.</param>
    /// <param name="bridge">The bridge's number; 0 for none.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void SetMaster(string port, int bridge)
    {
        NetlinkBatch batch = new();
        using (batch.Message(RTM.NEWLINK, NLM_F.ACK, "join bridge with link", port))
        {
            batch.Put(default(ifinfomsg));
            batch.Text(IFLA.IFNAME, port);
            batch.UInt32(IFLA.MASTER, (uint)bridge);
        }
        _socket.Execute(batch);
    }

    /// <summary>Says how a bridge treats one of its ports; what is false stays as it is.</summary>
    /// <param name="port">The port's name.</param>
    /// <param name="isHairpin">That packets may go back out of it (hairpin mode).</param>
    /// <param name="isIsolated">That it reaches the host alone, and no other port that is isolated too (kernel 4.18).</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void SetBridgePort(string port, bool isHairpin, bool isIsolated)
    {
        NetlinkBatch batch = new();
        using (batch.Message(RTM.NEWLINK, NLM_F.ACK, "set up bridge port", port))
        {
            batch.Put(default(ifinfomsg));
            batch.Text(IFLA.IFNAME, port);
            using (batch.Nest(IFLA.LINKINFO))
            {
                batch.Text(IFLA.INFO_SLAVE_KIND, "bridge");
                using (batch.Nest(IFLA.INFO_SLAVE_DATA))
                {
                    if (isHairpin)
                        batch.Byte(IFLA.BRPORT_MODE, 1);
                    if (isIsolated)
                        batch.Byte(IFLA.BRPORT_ISOLATED, 1);
                }
            }
        }
        _socket.Execute(batch);
    }

    /// <summary>Removes an interface; a veth's other end goes with it.</summary>
    /// <returns>False when there is none of that name.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public bool DeleteLink(string name)
    {
        NetlinkBatch batch = new();
        using (batch.Message(RTM.DELLINK, NLM_F.ACK, "delete link", name))
        {
            batch.Put(default(ifinfomsg));
            batch.Text(IFLA.IFNAME, name);
        }
        _socket.Exchange(batch);
        if (batch.Requests[0].Error == Errno.ENODEV)
            return false;
        batch.Requests[0].ThrowIfFailed();
        return true;
    }

    /// <summary>Adds "set that interface up" to a batch.</summary>
    public static void SetUp(NetlinkBatch batch, int index, string name)
    {
        using (batch.Message(RTM.NEWLINK, NLM_F.ACK, "set up link", name))
            batch.Put(new ifinfomsg { ifi_index = index, ifi_flags = IFF.UP, ifi_change = IFF.UP });
    }

    private static void PutNameMacMtu(NetlinkBatch batch, string name, MacAddress? mac, uint mtu)
    {
        batch.Text(IFLA.IFNAME, name);
        if (mac is { } address)
            batch.Raw(IFLA.ADDRESS, address.ToBytes());
        if (mtu != 0)
            batch.UInt32(IFLA.MTU, mtu);
    }
}
