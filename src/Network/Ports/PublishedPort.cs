using System.Net;

namespace Rundlet.Network.Ports;

/// <summary>A port of the host that leads into a container.</summary>
/// <param name="Protocol">The protocol.</param>
/// <param name="HostAddress">The host's address; null for all of them.</param>
/// <param name="HostPort">The host's port.</param>
/// <param name="ContainerAddress">The container's address.</param>
/// <param name="ContainerPort">The container's port.</param>
/// <param name="ContainerId">Whose it is.</param>
public sealed record PublishedPort(
    PortProtocol Protocol, IPAddress? HostAddress, ushort HostPort, IPAddress ContainerAddress, ushort ContainerPort, string ContainerId)
{
    /// <summary>Whether both would take the same packets of the host.</summary>
    public bool Overlaps(PublishedPort other) => Overlaps(other.Protocol, other.HostAddress, other.HostPort);

    /// <inheritdoc cref="Overlaps(PublishedPort)"/>
    public bool Overlaps(PortProtocol protocol, IPAddress? hostAddress, ushort hostPort) =>
        Protocol == protocol && HostPort == hostPort && (HostAddress is null || hostAddress is null || HostAddress.Equals(hostAddress));
}
