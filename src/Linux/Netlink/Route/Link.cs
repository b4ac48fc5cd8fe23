using Rundlet.Syscalls;

namespace Rundlet.Linux.Netlink.Route;

/// <summary>A network interface as rtnetlink(7) describes it.</summary>
/// <param name="Index">Its number in its network namespace, from 1.</param>
/// <param name="Name">Its name there, at most 15 bytes.</param>
public sealed record Link(int Index, string Name)
{
    /// <summary>Flags of <see cref="IFF"/>.</summary>
    public uint Flags { get; init; }

    /// <summary>Whether it is administratively up.</summary>
    public bool IsUp => (Flags & IFF.UP) != 0;

    /// <summary>What made it (<c>bridge</c>, <c>veth</c>); null for hardware.</summary>
    public string? Kind { get; init; }

    /// <summary>The largest packet, in bytes.</summary>
    public uint Mtu { get; init; }

    /// <summary>The hardware address; zero where there is none of 48 bits.</summary>
    public MacAddress Mac { get; init; }

    /// <summary>The number of the bridge it belongs to; 0 for none.</summary>
    public int Master { get; init; }

    /// <summary>The number of the interface it hangs on, or of a veth's other end in its own namespace; 0 for none.</summary>
    public int Parent { get; init; }

    /// <summary>The text that the kernel keeps with it; empty for none.</summary>
    public string Alias { get; init; } = "";

    /// <summary>What went through it.</summary>
    public LinkStatistics Statistics { get; init; }

    /// <summary>Reads a message of type <see cref="RTM.NEWLINK"/>.</summary>
    /// <exception cref="LinuxException"><c>EBADMSG</c>: it is malformed.</exception>
    internal static Link? Parse(in NetlinkMessage message)
    {
        if (message.Type != RTM.NEWLINK)
            return null;
        ifinfomsg header = message.Header<ifinfomsg>(out NetlinkAttributes attributes);
        Link link = new(header.ifi_index, "") { Flags = header.ifi_flags };
        foreach (NetlinkAttribute attribute in attributes)
        {
            link = attribute.Type switch
            {
                IFLA.IFNAME => link with { Name = attribute.Text },
                IFLA.MTU => link with { Mtu = attribute.UInt32 },
                IFLA.ADDRESS => link with { Mac = MacAddress.FromBytes(attribute.Value) },
                IFLA.MASTER => link with { Master = (int)attribute.UInt32 },
                IFLA.LINK => link with { Parent = (int)attribute.UInt32 },
                IFLA.IFALIAS => link with { Alias = attribute.Text },
                IFLA.STATS64 => link with { Statistics = LinkStatistics.Read(attribute.Value) },
                IFLA.LINKINFO => link with { Kind = attribute.Nested.TryFind(IFLA.INFO_KIND, out NetlinkAttribute kind) ? kind.Text : null },
                _ => link,
            };
        }
        return link;
    }
}
