using System.Net;
using Rundlet.Linux;
using Rundlet.Network.Addresses;

namespace Rundlet.Network;

/// <summary>A subnet of a network, and which of its addresses containers get.</summary>
/// <param name="Subnet">The subnet.</param>
public sealed record SubnetDefinition(Subnet Subnet)
{
    /// <summary>The way out, <c>--gateway</c>: the bridge's own address, or the router's for other drivers; null for the subnet's first.</summary>
    public IPAddress? Gateway { get; init; }

    /// <summary>Where containers get their addresses from unless they ask for one, <c>--ip-range</c>; null for everywhere.</summary>
    public Subnet? Range { get; init; }

    /// <summary>Addresses that no container gets, <c>--aux-address</c>.</summary>
    public IReadOnlyList<IPAddress> Reserved { get; init; } = [];

    /// <summary>The gateway that is used.</summary>
    internal IPAddress EffectiveGateway => Gateway ?? Subnet.Gateway;

    /// <summary>Whether a container may have that address.</summary>
    internal bool IsForContainers(IPAddress address) =>
        Subnet.IsUsable(address) && !address.Equals(EffectiveGateway) && !Reserved.Contains(address);

    /// <summary>Refuses what does not lie within the subnet.</summary>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    internal void Validate()
    {
        if (Gateway is { } gateway && !Subnet.IsUsable(gateway))
            throw Invalid($"gateway '{gateway}' is not an address of subnet '{Subnet}'");
        if (Range is { } range && !Subnet.Contains(range))
            throw Invalid($"address range '{range}' is not within subnet '{Subnet}'");
        if (Reserved.FirstOrDefault(address => !Subnet.Contains(address)) is { } outside)
            throw Invalid($"reserved address '{outside}' is not within subnet '{Subnet}'");
    }

    private static ContainerException Invalid(string message) => new(ContainerErrorKind.InvalidArgument, message);
}
