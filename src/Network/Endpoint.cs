using System.Net;
using Rundlet.Linux.Netlink;

namespace Rundlet.Network;

/// <summary>How a container hangs on one network.</summary>
/// <param name="NetworkId">The network's id.</param>
/// <param name="NetworkName">The network's name.</param>
/// <param name="Interface">What the interface is called inside.</param>
public sealed record Endpoint(string NetworkId, string NetworkName, string Interface)
{
    /// <summary>The network's driver.</summary>
    public NetworkDriver Driver { get; init; }

    /// <summary>The host's end of the veth pair; null for other drivers than bridge.</summary>
    public string? HostInterface { get; init; }

    /// <summary>The bridge's interface on the host; null for other drivers.</summary>
    public string? Bridge { get; init; }

    /// <summary>The IPv4 address; null for none.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>How many leading bits of it name the subnet.</summary>
    public int PrefixLength { get; init; }

    /// <summary>The way out of the network; null where there is none.</summary>
    public IPAddress? Gateway { get; init; }

    /// <summary>The IPv6 address; null for none.</summary>
    public IPAddress? Address6 { get; init; }

    /// <summary>How many leading bits of it name the subnet.</summary>
    public int PrefixLength6 { get; init; }

    /// <summary>The way out of the network by IPv6; null where there is none.</summary>
    public IPAddress? Gateway6 { get; init; }

    /// <summary>The hardware address inside.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>As it was asked for.</summary>
    public int GatewayPriority { get; init; }

    /// <summary>Whether nothing leads out of the network: neither a route nor a published port.</summary>
    public bool IsInternal { get; init; }

    /// <summary>The host's address at which ports are published that name none; null for all.</summary>
    public IPAddress? HostBinding { get; init; }
}
