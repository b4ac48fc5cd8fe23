using Rundlet.Network.Ports;

namespace Rundlet.Network;

/// <summary>
/// How a container hangs on its networks; enough to write its files, tell about it, count its traffic, and change it while the
/// container runs. Whoever changes it keeps what comes back.
/// </summary>
/// <param name="Mode">What sort of network.</param>
public sealed record NetworkAttachment(NetworkMode Mode)
{
    /// <summary>One for each network; the first was asked for first.</summary>
    public IReadOnlyList<Endpoint> Endpoints { get; init; } = [];

    /// <summary>What is published.</summary>
    public IReadOnlyList<PublishedPort> Ports { get; init; } = [];

    /// <summary>The endpoint with the IPv4 way out; null for none.</summary>
    public Endpoint? Default => GatewayChoice.Of(Endpoints, static endpoint => endpoint.Gateway is not null);

    /// <summary>The endpoint with the IPv6 way out; null for none.</summary>
    public Endpoint? Default6 => GatewayChoice.Of(Endpoints, static endpoint => endpoint.Gateway6 is not null);

    /// <summary>The endpoint that ports published by IPv4 lead to: of those on bridges the one that leads out first; null for none.</summary>
    public Endpoint? Publishing => GatewayChoice.Of(Endpoints, static endpoint => endpoint is { Driver: NetworkDriver.Bridge, Address: not null });

    /// <summary>The endpoint that ports published by IPv6 lead to; null for none.</summary>
    public Endpoint? Publishing6 => GatewayChoice.Of(Endpoints, static endpoint => endpoint is { Driver: NetworkDriver.Bridge, Address6: not null });

    /// <summary>The endpoint on that network; null for none.</summary>
    public Endpoint? On(string networkId) => Endpoints.FirstOrDefault(endpoint => endpoint.NetworkId == networkId);
}
