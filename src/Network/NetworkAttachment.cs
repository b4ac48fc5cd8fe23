using System.Net;
using Rundlet.Linux.Netlink;
using Rundlet.Network.Ports;

namespace Rundlet.Network;

/// <summary>How a container hangs on its network; enough to write its files, tell about it and count its traffic.</summary>
/// <param name="Mode">What sort of network.</param>
public sealed record NetworkAttachment(NetworkMode Mode)
{
    /// <summary>The network's name.</summary>
    public string NetworkName { get; init; } = "";

    /// <summary>The container's address; null without a network.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>How many leading bits of it name the subnet.</summary>
    public int PrefixLength { get; init; }

    /// <summary>The way to everything else; null without a network.</summary>
    public IPAddress? Gateway { get; init; }

    /// <summary>The hardware address inside.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>The bridge's interface on the host.</summary>
    public string? Bridge { get; init; }

    /// <summary>The host's end of the veth pair.</summary>
    public string? HostInterface { get; init; }

    /// <summary>What is published.</summary>
    public IReadOnlyList<PublishedPort> Ports { get; init; } = [];
}
