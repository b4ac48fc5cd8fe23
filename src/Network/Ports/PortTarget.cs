using System.Net;

namespace Rundlet.Network.Ports;

/// <summary>Where the published ports of a container lead.</summary>
/// <param name="ContainerId">The container.</param>
/// <param name="Address">Its IPv4 address; null for none.</param>
/// <param name="Address6">Its IPv6 address; null for none.</param>
internal sealed record PortTarget(string ContainerId, IPAddress? Address, IPAddress? Address6)
{
    /// <summary>The host's address for ports that name none; null for all.</summary>
    public IPAddress? HostBinding { get; init; }

    /// <summary>The container's address where ports of a family lead to: of the same family, else of the other; null for none.</summary>
    public IPAddress? Of(bool isIpv6) => isIpv6 ? Address6 ?? Address : Address ?? Address6;
}
