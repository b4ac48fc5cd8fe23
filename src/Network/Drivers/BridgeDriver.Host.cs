using System.Text;
using Rundlet.Linux;
using Rundlet.Linux.Netlink;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Network.Addresses;
using Rundlet.Syscalls;

namespace Rundlet.Network.Drivers;

internal sealed partial class BridgeDriver
{
    /// <summary>What the alias of a bridge of ours begins with; its state folder follows.</summary>
    public const string AliasPrefix = "rundlet ";

    private const int MaxAlias = 255; // bytes

    /// <inheritdoc/>
    public NetworkSubnets Ensure(bool anew = false) => EnsureBridge(anew).Subnets;

    /// <inheritdoc/>
    public void Remove()
    {
        Teardown teardown = new($"remove network '{network.Name}'");
        teardown.Step(() => firewall.Forget(network.Interface));
        teardown.Step(() =>
        {
            // Only a bridge that is this network's: before its first use the name may be anybody's.
            if (state.TryReadSubnets() is not null || (host.TryGetLink(network.Interface) is { Kind: "bridge" } link && state.HasMade(link, Alias())))
                host.DeleteLink(network.Interface);
        });
        teardown.Step(state.Remove);
        teardown.ThrowIfFailed();
    }

    private (int Index, NetworkSubnets Subnets) EnsureBridge(bool anew)
    {
        // A bridge whose state folder was removed gets a new one.
        NetworkSubnets? known = SubnetsOf(state.TryReadSubnets());
        (int index, NetworkSubnets subnets) = (known is null ? null : TryGetBridge(known)) ?? MakeBridge();
        if (!network.Internal)
        {
            NetworkSysctl.EnableForwarding();
            if (subnets.Ipv6 is not null)
                NetworkSysctl.EnableForwarding6();
        }
        NetworkSysctl.RouteLoopback(network.Interface);
        firewall.Ensure(network, anew);
        return (index, subnets);
    }

    // The definition's subnets, or those that were chosen; null while none were.
    private NetworkSubnets? SubnetsOf(IReadOnlyList<Subnet>? kept)
    {
        if (kept is null)
            return null;
        List<SubnetDefinition> all = [.. network.Subnets];
        foreach (Subnet subnet in kept)
        {
            if (!all.Exists(given => given.Subnet.IsIpv6 == subnet.IsIpv6))
                all.Add(new SubnetDefinition(subnet));
        }
        return network.Ipv6 && !all.Exists(static subnet => subnet.Subnet.IsIpv6) ? null : new NetworkSubnets(all);
    }

    private (int Index, NetworkSubnets Subnets)? TryGetBridge(NetworkSubnets subnets)
    {
        if (host.TryGetLink(network.Interface) is not { IsUp: true } link)
            return null;
        CheckKind(link);
        return MissingAddresses(link, subnets).Any() ? null : (link.Index, subnets);
    }

    private IEnumerable<SubnetDefinition> MissingAddresses(Link link, NetworkSubnets subnets)
    {
        List<InterfaceAddress> present = host.ListAddresses(AF.INET, link.Index);
        if (subnets.Ipv6 is not null)
            present.AddRange(host.ListAddresses(AF.INET6, link.Index));
        return subnets.All.Where(subnet => !present.Exists(
            address => address.Address.Equals(subnet.EffectiveGateway) && address.PrefixLength == subnet.Subnet.PrefixLength));
    }

    private (int Index, NetworkSubnets Subnets) MakeBridge()
    {
        using OwnedFd @lock = state.Lock();
        if (SubnetsOf(state.TryReadSubnets()) is { } made && TryGetBridge(made) is { } there)
            return there; // by whoever had the lock before us
        Link? present = host.TryGetLink(network.Interface);
        NetworkSubnets subnets = SubnetsOf(state.TryReadSubnets()) ?? Choose(present);
        if (present is null && IsOvertaken(subnets))
            subnets = Choose(null);
        if (present is not { } link)
        {
            state.MakeLink(network.Interface, () => host.AddBridge(network.Interface, MacAddress.Of(subnets.All[0].EffectiveGateway), network.Mtu, Alias()));
            link = host.TryGetLink(network.Interface) ?? throw new LinuxException(Errno.ENODEV, "get link", network.Interface);
        }
        CheckKind(link);
        if (subnets.Ipv6 is null)
            NetworkSysctl.DisableIpv6(network.Interface);
        else
            NetworkSysctl.EnableIpv6(network.Interface);
        state.WriteSubnets(subnets.All.Select(static subnet => subnet.Subnet));
        NetlinkBatch batch = new();
        RouteSocket.SetUp(batch, link.Index, link.Name);
        // A bridge that was only set down still has its IPv4 address.
        foreach (SubnetDefinition missing in MissingAddresses(link, subnets))
            RouteSocket.AddAddress(batch, link.Index, missing.EffectiveGateway, missing.Subnet.PrefixLength);
        host.Execute(batch);
        return (link.Index, subnets);
    }

    // As long as the bridge was gone somebody else may have got its subnet. Making it again would cut one of the two off.
    private bool IsOvertaken(NetworkSubnets subnets)
    {
        foreach (SubnetDefinition subnet in subnets.All)
        {
            if (SubnetChooser.LookAt(host, subnet.Subnet.IsIpv6, network.Interface).FindRival(subnet.Subnet) is not { } rival)
                continue;
            if (!network.Subnets.Contains(subnet))
                return true; // it was chosen: another one does as well
            throw new ContainerException(ContainerErrorKind.Conflict, $"subnet '{subnet.Subnet}' overlaps {rival}")
            {
                Hint = $"free the subnet on this host, or make network '{network.Name}' anew with another one",
            };
        }
        return false;
    }

    // A bridge that is there although its state went keeps its subnet: containers may be on it.
    private NetworkSubnets Choose(Link? link)
    {
        List<SubnetDefinition> all = [.. network.Subnets];
        IReadOnlyList<Subnet> taken = network.Taken?.Invoke() ?? [];
        foreach (bool isIpv6 in (ReadOnlySpan<bool>)[false, true])
        {
            if (all.Exists(subnet => subnet.Subnet.IsIpv6 == isIpv6) || (isIpv6 ? !network.Ipv6 : network.Subnets.Count > 0))
                continue;
            Subnet? present = link is null ? null : host.ListAddresses(isIpv6 ? AF.INET6 : AF.INET, link.Index)
                .Where(static address => !address.Address.IsIPv6LinkLocal)
                .Select(static address => Subnet.TryAround(address.Address, address.PrefixLength))
                .FirstOrDefault(static subnet => subnet is not null);
            all.Add(new SubnetDefinition(present ?? SubnetChooser.LookAt(host, isIpv6, network.Interface).Choose(network.Id, candidate => taken.Any(candidate.Overlaps))));
        }
        return new NetworkSubnets(all);
    }

    // By it a bridge is found whose engine's folders were removed.
    private string Alias()
    {
        string alias = AliasPrefix + Path.GetFullPath(state.Folder);
        return Encoding.UTF8.GetByteCount(alias) <= MaxAlias ? alias : AliasPrefix;
    }

    private static void CheckKind(Link link)
    {
        if (link.Kind != "bridge")
            throw new ContainerException(ContainerErrorKind.Conflict, $"interface '{link.Name}' is there already and is no bridge");
    }
}
