using System.Net;
using Rundlet.Linux.Netlink;
using Rundlet.Network.Ports;

namespace Rundlet.Network;

/// <summary>What a container wants of its network.</summary>
/// <param name="ContainerId">Its id: letters, digits, '_', '.', '-', at most 128.</param>
/// <param name="Mode">What sort of network.</param>
public sealed record NetworkRequest(string ContainerId, NetworkMode Mode)
{
    /// <summary>The address it wants; null for the next free one.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>The hardware address it wants; null for the one that belongs to its address.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>What it publishes.</summary>
    public IReadOnlyList<PortRequest> Ports { get; init; } = [];
}
