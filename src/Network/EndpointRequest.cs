using System.Net;
using Rundlet.Linux.Netlink;

namespace Rundlet.Network;

/// <summary>What a container wants of one network.</summary>
/// <param name="Network">The network.</param>
public sealed record EndpointRequest(NetworkDefinition Network)
{
    /// <summary>The IPv4 address it wants; null for the next free one.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>The IPv6 address it wants; null for the next free one.</summary>
    public IPAddress? Address6 { get; init; }

    /// <summary>The hardware address it wants; null for the one that belongs to its address.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>What the interface is to be called inside; null for the next of <c>eth0</c>, <c>eth1</c>, …</summary>
    public string? InterfaceName { get; init; }

    /// <summary>The most that comes in, in bytes a second; null for all that can.</summary>
    public ulong? RateIn { get; init; }

    /// <summary>The most that goes out, in bytes a second; null for all that can. A container with <c>CAP_NET_ADMIN</c> can lift it.</summary>
    public ulong? RateOut { get; init; }

    /// <summary>Of several networks, the one with the highest number leads out.</summary>
    public int GatewayPriority { get; init; }
}
