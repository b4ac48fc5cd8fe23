using Rundlet.Network.Ports;

namespace Rundlet.Network;

/// <summary>What a container wants of its networks.</summary>
/// <param name="ContainerId">Its id: letters, digits, '_', '.', '-', at most 128.</param>
/// <param name="Mode">What sort of network.</param>
public sealed record NetworkRequest(string ContainerId, NetworkMode Mode)
{
    /// <summary>The networks that it is to be on, for <see cref="NetworkMode.Bridge"/>; the first is <c>eth0</c> inside.</summary>
    public IReadOnlyList<EndpointRequest> Endpoints { get; init; } = [];

    /// <summary>What it publishes.</summary>
    public IReadOnlyList<PortRequest> Ports { get; init; } = [];
}
