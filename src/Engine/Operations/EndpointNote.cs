using System.Net;
using Rundlet.Linux.Netlink;
using Rundlet.Network;

namespace Rundlet.Engine.Operations;

/// <summary>How a running container hangs on one network.</summary>
/// <param name="NetworkId">The network's id, as the network library has it: the name for the default network.</param>
/// <param name="Name">The network's name.</param>
/// <param name="Interface">What the interface is called inside.</param>
public sealed record EndpointNote(string NetworkId, string Name, string Interface)
{
    /// <summary>The network's driver.</summary>
    public string Driver { get; init => field = value ?? "bridge"; } = "bridge";

    /// <summary>The host's end of the pair; null for other drivers than bridge.</summary>
    public string? HostInterface { get; init; }

    /// <summary>The bridge's interface on the host; null for other drivers.</summary>
    public string? Bridge { get; init; }

    /// <summary>The IPv4 address; null without one.</summary>
    public string? Address { get; init; }

    /// <summary>How many leading bits of it name the subnet.</summary>
    public int PrefixLength { get; init; }

    /// <summary>The way out; null without one.</summary>
    public string? Gateway { get; init; }

    /// <summary>The IPv6 address; null without one.</summary>
    public string? Address6 { get; init; }

    /// <summary>How many leading bits of it name the subnet.</summary>
    public int PrefixLength6 { get; init; }

    /// <summary>The way out by IPv6; null without one.</summary>
    public string? Gateway6 { get; init; }

    /// <summary>The hardware address inside.</summary>
    public string? Mac { get; init; }

    /// <summary>As it was asked for.</summary>
    public int GatewayPriority { get; init; }

    /// <summary>The host's address at which its ports are published that name none; null for all.</summary>
    public string? HostBinding { get; init; }

    /// <summary>Whether nothing leads out of the network.</summary>
    public bool IsInternal { get; init; }

    /// <summary>Its addresses.</summary>
    internal IEnumerable<IPAddress> Addresses => ((string?[])[Address, Address6]).OfType<string>().Select(IPAddress.Parse);

    internal static EndpointNote Of(Endpoint endpoint) => new(endpoint.NetworkId, endpoint.NetworkName, endpoint.Interface)
    {
        Driver = endpoint.Driver.ToString().ToLowerInvariant(),
        HostInterface = endpoint.HostInterface,
        Bridge = endpoint.Bridge,
        Address = endpoint.Address?.ToString(),
        PrefixLength = endpoint.PrefixLength,
        Gateway = endpoint.Gateway?.ToString(),
        Address6 = endpoint.Address6?.ToString(),
        PrefixLength6 = endpoint.PrefixLength6,
        Gateway6 = endpoint.Gateway6?.ToString(),
        Mac = endpoint.Mac?.ToString(),
        GatewayPriority = endpoint.GatewayPriority,
        HostBinding = endpoint.HostBinding?.ToString(),
        IsInternal = endpoint.IsInternal,
    };

    internal Endpoint ToEndpoint() => new(NetworkId, Name, Interface)
    {
        Driver = Enum.Parse<NetworkDriver>(Driver, ignoreCase: true),
        HostInterface = HostInterface,
        Bridge = Bridge,
        Address = Parse(Address),
        PrefixLength = PrefixLength,
        Gateway = Parse(Gateway),
        Address6 = Parse(Address6),
        PrefixLength6 = PrefixLength6,
        Gateway6 = Parse(Gateway6),
        Mac = Mac is { } mac && MacAddress.TryParse(mac, out MacAddress parsed) ? parsed : null,
        GatewayPriority = GatewayPriority,
        HostBinding = Parse(HostBinding),
        IsInternal = IsInternal,
    };

    private static IPAddress? Parse(string? text) => text is null ? null : IPAddress.Parse(text);
}
