using Rundlet.Linux;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Network.Addresses;
using Rundlet.Network.Drivers;
using Rundlet.Network.Ports;
using Rundlet.Syscalls;

namespace Rundlet.Network;

public sealed partial class ContainerNetwork
{
    /// <summary>Chooses the subnets that a definition leaves open, for good, and checks those that it names.</summary>
    /// <param name="network">The network that is to be.</param>
    /// <param name="others">All other networks.</param>
    /// <returns>The definition with all its subnets.</returns>
    /// <exception cref="ContainerException">
    /// InvalidArgument: it is malformed. Conflict: a subnet overlaps another network, or an address or route of this host; the error names it.
    /// Unavailable: no subnet is free.
    /// </exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public NetworkDefinition ChooseSubnets(NetworkDefinition network, IReadOnlyList<NetworkDefinition> others)
    {
        network.Validate();
        List<(string Name, Subnet Subnet)> taken = [.. others.SelectMany(static other => other.Subnets.Select(subnet => (other.Name, subnet.Subnet)))];
        foreach (NetworkDefinition other in others)
            taken.AddRange((StateOf(other.Id).TryReadSubnets() ?? []).Select(subnet => (other.Name, subnet)));
        foreach (SubnetDefinition subnet in network.Subnets)
        {
            string? rival = taken.FindIndex(other => other.Subnet.Overlaps(subnet.Subnet)) is >= 0 and int index
                ? $"subnet '{taken[index].Subnet}' of network '{taken[index].Name}'"
                : HostRival(network, subnet.Subnet);
            if (rival is not null)
                throw new ContainerException(ContainerErrorKind.Conflict, $"subnet '{subnet.Subnet}' overlaps {rival}");
        }
        List<SubnetDefinition> all = [.. network.Subnets];
        if (all.Count == 0)
            all.Add(Choose(isIpv6: false));
        if (network.Ipv6 && !all.Exists(static subnet => subnet.Subnet.IsIpv6))
            all.Add(Choose(isIpv6: true));
        return network with { Subnets = all };

        SubnetDefinition Choose(bool isIpv6) => new(SubnetChooser.LookAt(_host, isIpv6, network.Interface)
            .Choose(network.Id, candidate => taken.Exists(other => other.Subnet.Overlaps(candidate))));
    }

    /// <summary>
    /// Sees to it that a network's side of the host is there, whatever somebody removed since. A start does the same for the networks of its
    /// container; this is for <c>network create</c>, and after the definition of the same bridge was another one.
    /// </summary>
    /// <exception cref="ContainerException">Why not.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Ensure(NetworkDefinition network)
    {
        network.Validate();
        try
        {
            DriverOf(network).Ensure(anew: true);
        }
        catch (Exception e) when (e is LinuxException or ContainerException)
        {
            throw new ContainerException((e as ContainerException)?.Kind ?? ContainerErrorKind.Internal, $"set up network '{network.Name}'", e);
        }
    }

    /// <summary>Removes a network's side of the host, its reservations too. The caller knows that no container is on it.</summary>
    /// <exception cref="ContainerException">What could not be removed; everything else was.</exception>
    public void RemoveNetwork(NetworkDefinition network) => DriverOf(network).Remove();

    /// <summary>
    /// Makes everything again that somebody flushed: the firewall's table, the bridges, the bridge ports of running containers, and their
    /// published ports.
    /// </summary>
    /// <param name="networks">All networks that are in use.</param>
    /// <param name="containers">All running containers and how they hang on their networks.</param>
    /// <exception cref="ContainerException">What could not be made; everything else was.</exception>
    public void Reload(IEnumerable<NetworkDefinition> networks, IEnumerable<(string ContainerId, NetworkAttachment Attachment)> containers)
    {
        Teardown steps = new("reload the networks");
        Dictionary<string, NetworkDefinition> bridges = [];
        foreach (NetworkDefinition network in networks)
        {
            steps.Step(() => Ensure(network));
            if (network.Driver == NetworkDriver.Bridge)
                bridges[network.Id] = network;
        }
        foreach ((string containerId, NetworkAttachment attachment) in containers)
        {
            foreach (Endpoint endpoint in attachment.Endpoints)
            {
                if (bridges.TryGetValue(endpoint.NetworkId, out NetworkDefinition? network))
                    steps.Step(() => new BridgeDriver(network, StateOf(network.Id), _host, _firewall).Join(endpoint, attachment.Ports.Count > 0));
            }
            if (attachment.Ports.Count > 0)
                steps.Step(() => _firewall.Exchange(containerId, _ => attachment.Ports));
        }
        steps.ThrowIfFailed();
    }

    /// <summary>Removes what containers left that were killed together with their supervisor, and what is known of bridges that are gone.</summary>
    /// <param name="isLive">
    /// Whether a container lives or is being started; asked after something of it was seen, so a container counts as
    /// live from before it is connected.
    /// </param>
    /// <exception cref="ContainerException">What could not be removed; everything else was.</exception>
    public void Reconcile(Predicate<string> isLive)
    {
        Teardown teardown = new("clean up the networks");
        teardown.Step(() => ReconcilePorts(isLive));
        foreach (NetworkState state in States())
        {
            teardown.Step(() =>
            {
                using AddressPool? pool = state.TryOpenPool();
                pool?.Reconcile(isLive);
            });
        }
        teardown.Step(ForgetGoneBridges);
        teardown.ThrowIfFailed();
    }

    // Another engine of this host, with other folders, has its ports in the same table: they are its to judge, as long as its bridge is there.
    private void ReconcilePorts(Predicate<string> isLive)
    {
        List<Subnet> ours = [.. States().SelectMany(static state => state.TryReadSubnets() ?? [])];
        List<InterfaceAddress> present = [.. _host.ListAddresses(AF.INET), .. _host.ListAddresses(AF.INET6)];
        _firewall.Reconcile(port => isLive(port.ContainerId) || (!ours.Exists(subnet => subnet.Contains(port.ContainerAddress))
            && present.Exists(address => Subnet.TryAround(address.Address, address.PrefixLength) is { } subnet && subnet.Contains(port.ContainerAddress))));
    }

    // Bridges that are gone leave the table; so do those, and the bridges themselves, whose engine's folders were removed. One that
    // has ports is in use by somebody who sees other folders than we do.
    private void ForgetGoneBridges()
    {
        List<Link> links = _host.ListLinks();
        foreach (Link link in links)
        {
            if (link.Kind == "bridge" && link.Alias.StartsWith(BridgeDriver.AliasPrefix + "/", StringComparison.Ordinal)
                && !Directory.Exists(link.Alias[BridgeDriver.AliasPrefix.Length..]) && !links.Exists(port => port.Master == link.Index))
            {
                _host.DeleteLink(link.Name);
            }
        }
        IReadOnlyList<string> gone = [.. _firewall.ListBridges().Where(bridge => _host.TryGetLink(bridge) is null)];
        if (gone.Count > 0)
            _firewall.Forget(gone);
    }

    private string? HostRival(NetworkDefinition network, Subnet subnet) => network.Driver == NetworkDriver.Bridge
        ? SubnetChooser.LookAt(_host, subnet.IsIpv6, network.Interface).FindRival(subnet)
        : null; // others share the subnet of the interface that they hang on
}
