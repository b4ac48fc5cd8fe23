using System.Net;
using System.Net.Sockets;

namespace Rundlet.Network.Ports;

/// <summary>A port of the host, or several in a row, that leads into a container.</summary>
/// <param name="Protocol">The protocol.</param>
/// <param name="HostAddress">The host's address; null for all of the family of the container's address.</param>
/// <param name="HostPort">The host's port, or the first of them.</param>
/// <param name="ContainerAddress">The container's address.</param>
/// <param name="ContainerPort">The container's port, or the first of them.</param>
/// <param name="ContainerId">Whose it is.</param>
public sealed record PublishedPort(
    PortProtocol Protocol, IPAddress? HostAddress, ushort HostPort, IPAddress ContainerAddress, ushort ContainerPort, string ContainerId)
{
    /// <summary>How many ports, one behind the other on both sides.</summary>
    public int Count { get; init; } = 1;

    /// <summary>
    /// Whether no rule of the kernel leads it into the container, but a program that listens at it. Its address is always named, <c>0.0.0.0</c>
    /// or <c>::</c> for all of one family, and may be of another family than the container's.
    /// </summary>
    public bool IsProxied { get; init; }

    /// <summary>Whether it is published by IPv6.</summary>
    public bool IsIpv6 => (HostAddress ?? ContainerAddress).AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>Whether it is published on every address of its family.</summary>
    internal bool IsAnywhere => HostAddress is null || HostAddress.Equals(IPAddress.Any) || HostAddress.Equals(IPAddress.IPv6Any);

    /// <summary>The same as single ports.</summary>
    public IEnumerable<PublishedPort> Expand() => Count == 1 ? [this] : Enumerable.Range(0, Count).Select(step => this with
    {
        HostPort = (ushort)(HostPort + step),
        ContainerPort = (ushort)(ContainerPort + step),
        Count = 1,
    });

    /// <summary>Whether both would take the same packets of the host.</summary>
    public bool Overlaps(PublishedPort other) =>
        Protocol == other.Protocol && IsIpv6 == other.IsIpv6
        && HostPort < other.HostPort + other.Count && other.HostPort < HostPort + Count
        && (IsAnywhere || other.IsAnywhere || HostAddress!.Equals(other.HostAddress));
}
