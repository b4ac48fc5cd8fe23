using System.Net;
using Rundlet.Engine.Operations;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Linux.Netlink;
using Rundlet.Network;
using Rundlet.Network.Addresses;

namespace Rundlet.Engine.Networks;

/// <summary>From rows to what the network library is told.</summary>
internal static class NetworkDefinitions
{
    /// <summary>A network. The library knows the default network by its name: its state is older than ids are.</summary>
    public static NetworkDefinition Of(NetworkRecord network)
    {
        NetworkOptions options = network.Options;
        if (network.Id == BuiltInNetworks.BridgeId)
            return NetworkDefinition.Default;
        return new NetworkDefinition(network.Id, network.Name, DriverOf(network.Driver))
        {
            Interface = options.Interface ?? NetworkDefinition.InterfaceOf(network.Id),
            Subnets = [.. options.Subnets.Select(Of)],
            Ipv6 = options.Ipv6,
            Internal = options.Internal,
            InterContainer = options.ReachEachOther,
            Masquerade = options.Masquerades,
            Mtu = options.Mtu,
            HostBinding = options.HostBinding,
            Parent = options.Parent,
            Mode = options.Mode,
        };
    }

    /// <summary>What a container wants of a network.</summary>
    public static EndpointRequest Of(ContainerEngine engine, EndpointRecord endpoint) => new(Of(engine, endpoint.Network))
    {
        Address = AddressOf(endpoint.Settings.Address),
        Address6 = AddressOf(endpoint.Settings.Address6),
        Mac = endpoint.Settings.Mac is { } mac && MacAddress.TryParse(mac, out MacAddress parsed) ? parsed : null,
        InterfaceName = endpoint.Settings.Interface,
        GatewayPriority = endpoint.Settings.GatewayPriority,
        RateIn = BytesOf(endpoint.Settings.RateIn),
        RateOut = BytesOf(endpoint.Settings.RateOut),
    };

    /// <summary>A network, for a container that is to be on it.</summary>
    public static NetworkDefinition Of(ContainerEngine engine, NetworkRecord network) => network.Id == BuiltInNetworks.BridgeId ? NetworkSubnets.Default(engine) : Of(network);

    /// <summary>A network that a container is on, whose row may be gone by now.</summary>
    public static NetworkDefinition Of(ContainerEngine engine, EndpointNote note)
    {
        if (engine.Networks.Table.Find(IdOf(note.NetworkId)) is { } network)
            return Of(engine, network);
        NetworkDefinition definition = new(note.NetworkId, note.Name, DriverOf(note.Driver));
        return note.Bridge is { } bridge ? definition with { Interface = bridge } : definition;
    }

    /// <summary>A subnet.</summary>
    public static SubnetDefinition Of(SubnetOptions subnet) => new(Subnet.Parse(subnet.Subnet))
    {
        Gateway = AddressOf(subnet.Gateway),
        Range = subnet.Range is { } range ? Subnet.ParseRange(range) : null,
        Reserved = [.. subnet.Auxiliary.Values.Select(IPAddress.Parse)],
    };

    /// <summary>An id as people see it, of a network as the library knows it.</summary>
    public static string IdOf(string libraryId) => libraryId == NetworkDefinition.Default.Id ? BuiltInNetworks.BridgeId : libraryId;

    /// <summary>The library's id of a network.</summary>
    public static string LibraryIdOf(string id) => id == BuiltInNetworks.BridgeId ? NetworkDefinition.Default.Id : id;

    /// <summary>A rate as the library has it, in bytes a second.</summary>
    public static ulong? BytesOf(ulong? bits) => bits / 8;

    private static NetworkDriver DriverOf(string driver) => driver switch
    {
        NetworkOptions.MacvlanDriver => NetworkDriver.Macvlan,
        NetworkOptions.IpvlanDriver => NetworkDriver.Ipvlan,
        _ => NetworkDriver.Bridge,
    };

    private static IPAddress? AddressOf(string? text) => text is null ? null : IPAddress.Parse(text);
}
