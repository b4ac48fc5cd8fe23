namespace Rundlet.Network.Drivers;

/// <summary>The subnets that a network really has: those of its definition, or those that were chosen for it.</summary>
/// <param name="All">All of them.</param>
internal sealed record NetworkSubnets(IReadOnlyList<SubnetDefinition> All)
{
    /// <summary>Where IPv4 addresses come from; null for none.</summary>
    public SubnetDefinition? Ipv4 => All.FirstOrDefault(static subnet => !subnet.Subnet.IsIpv6);

    /// <summary>Where IPv6 addresses come from; null for none.</summary>
    public SubnetDefinition? Ipv6 => All.FirstOrDefault(static subnet => subnet.Subnet.IsIpv6);
}
