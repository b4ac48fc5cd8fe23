using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Linux;

namespace Rundlet.Engine.Networks;

/// <summary>
/// The networks of a container. <see cref="ContainerOptions.Network"/> says the first one, or a mode in which it has none of ours; which
/// others there are, and what is wanted of each, is in rows. A container that is on the default network alone has none.
/// </summary>
internal static class ContainerEndpoints
{
    private static readonly NetworkRecord s_bridge = new() { Id = BuiltInNetworks.BridgeId, Name = BuiltInNetworks.Bridge, Driver = NetworkOptions.BridgeDriver, Created = default };

    /// <summary>Whether a mode means networks of ours.</summary>
    public static bool AreOurs(string mode) => mode is not (BuiltInNetworks.None or BuiltInNetworks.Host) && NamespaceOptions.ContainerOf(mode) is null;

    /// <summary>The networks of a container that was made, in order.</summary>
    public static IReadOnlyList<EndpointRecord> Of(ContainerEngine engine, string id, ContainerOptions options)
    {
        if (!AreOurs(options.Network))
            return [];
        return engine.Networks.Table.OfContainer(id) is { Count: > 0 } endpoints ? endpoints : [Default(options)];
    }

    /// <summary>The networks that a user asked for, found. The options then have the name of the first one, however it was called.</summary>
    /// <exception cref="ContainerException">NotFound: there is no such network; InvalidArgument: one twice, or something that it cannot have.</exception>
    public static IReadOnlyList<EndpointRecord> Resolve(ContainerEngine engine, ref ContainerOptions options)
    {
        if (!AreOurs(options.Network))
            return [];
        if (options.Networks.Count == 0)
            return [Default(options)];
        List<EndpointRecord> endpoints = [];
        foreach (EndpointOptions settings in options.Networks)
        {
            NetworkRecord network = BuiltInNetworks.IdOf(settings.Network) == BuiltInNetworks.BridgeId ? s_bridge : engine.Networks.Get(settings.Network);
            if (network.Name is BuiltInNetworks.Host or BuiltInNetworks.None)
                throw Invalid($"network '{network.Name}' goes with no other");
            if (endpoints.Exists(other => other.Network.Id == network.Id))
                throw Invalid($"network '{network.Name}' is named twice");
            EndpointRecord endpoint = new(network, settings);
            Validate(endpoint);
            endpoints.Add(endpoint);
        }
        options = options with { Network = endpoints[0].Network.Name };
        return endpoints;
    }

    /// <summary>What goes into rows: nothing for the default network alone.</summary>
    public static IReadOnlyList<EndpointRecord> ToKeep(ContainerOptions options, IReadOnlyList<EndpointRecord> endpoints) => options.Networks.Count == 0 ? [] : endpoints;

    /// <summary>Refuses what a container cannot have on that network.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static void Validate(EndpointRecord endpoint)
    {
        (NetworkRecord network, EndpointOptions settings) = endpoint;
        settings.Validate();
        if (network.Id == BuiltInNetworks.BridgeId && settings.Aliases.Count > 0)
            throw Invalid("network 'bridge' has no names, and so no aliases", "make a network of your own: rundlet network create NAME");
        if (settings.Address6 is { } address && !network.Options.Ipv6)
            throw Invalid($"address '{address}' cannot be had: network '{network.Name}' has no IPv6", "make it with --ipv6");
        if (settings.RateIn is not null && network.Driver != NetworkOptions.BridgeDriver)
            throw Invalid($"network '{network.Name}' cannot bound what comes in: its driver '{network.Driver}' has no end on the host", "bound what goes out: out=RATE");
        if (settings.Mac is not null && network.Driver == NetworkOptions.IpvlanDriver)
            throw Invalid($"network '{network.Name}' gives all containers the hardware address of its parent");
    }

    /// <summary>Whether a network has a name server of ours: all but the default one.</summary>
    public static bool HasNames(NetworkRecord network) => network.Id != BuiltInNetworks.BridgeId;

    private static EndpointRecord Default(ContainerOptions options) => new(s_bridge, new EndpointOptions { Address = options.Address, Mac = options.MacAddress });

    private static ContainerException Invalid(string message, string? hint = null) => new(ContainerErrorKind.InvalidArgument, message) { Hint = hint };
}
