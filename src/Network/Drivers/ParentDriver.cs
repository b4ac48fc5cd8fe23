using System.Globalization;
using System.Net;
using Rundlet.Linux;
using Rundlet.Linux.Netlink;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Syscalls;

namespace Rundlet.Network.Drivers;

/// <summary>
/// Containers beside an interface of the host: macvlan, with hardware addresses of their own, and ipvlan, with its. The host itself
/// does not reach them by it, and the firewall does not see them; nothing is published.
/// </summary>
/// <remarks>
/// The parent is the administrator's, except for two that we make and mark by their alias: <c>eth0.10</c>, VLAN 10 on <c>eth0</c>, and, for a
/// network without a parent, one that leads nowhere.
/// </remarks>
internal sealed class ParentDriver(NetworkDefinition network, NetworkState state, RouteSocket host) : INetworkDriver
{
    private const int MaxVlan = 4094;

    private string Alias => $"rundlet network {network.Id}";

    // The parent of a network that has none: a name as docker has it, and one for its other end where it is a veth pair.
    private string OwnParent => $"dm-{(network.Id.Length > 12 ? network.Id[..12] : network.Id)}";

    private string OwnParentPeer => $"dp-{OwnParent[3..]}";

    private bool IsLayer3 => network.Mode is "l3" or "l3s";

    /// <inheritdoc/>
    public NetworkSubnets Ensure(bool anew = false)
    {
        _ = EnsureParent(); // ignored: a start asks again
        return Subnets();
    }

    /// <inheritdoc/>
    public Endpoint Attach(EndpointPlan plan)
    {
        if (plan.Request.RateIn is > 0)
            throw new ContainerException(ContainerErrorKind.Unsupported, $"network '{network.Name}' cannot bound what comes in: its driver has no end on the host");
        Link parent = EnsureParent();
        Endpoint endpoint = plan.Reserve(state, Subnets(), network);
        bool leadsOut = !network.Internal && network.Parent is not null;
        endpoint = endpoint with
        {
            IsInternal = !leadsOut,
            Gateway = leadsOut && endpoint.Address is not null ? IsLayer3 ? IPAddress.Any : endpoint.Gateway : null,
            Gateway6 = leadsOut && endpoint.Address6 is not null ? IsLayer3 ? IPAddress.IPv6Any : endpoint.Gateway6 : null,
            Mac = network.Driver == NetworkDriver.Ipvlan ? parent.Mac : endpoint.Mac,
        };
        SubLinkRequest link = new(endpoint.Interface, network.Driver == NetworkDriver.Ipvlan ? "ipvlan" : "macvlan", parent.Index)
        {
            Namespace = plan.Inside.Fd,
            Mac = network.Driver == NetworkDriver.Ipvlan ? null : endpoint.Mac,
            Mtu = network.Mtu,
            Mode = network.Mode,
        };
        Add(link);
        plan.Undo.Push(() => plan.Inside.Routes.DeleteLink(endpoint.Interface));
        plan.ConfigureWhenFree(endpoint);
        return endpoint;
    }

    /// <inheritdoc/>
    public void Detach(Endpoint endpoint, ContainerNamespace inside) => inside.Routes.DeleteLink(endpoint.Interface);

    /// <inheritdoc/>
    public void Remove()
    {
        Teardown teardown = new($"remove network '{network.Name}'");
        teardown.Step(() =>
        {
            string name = network.Parent ?? OwnParent;
            if (host.TryGetLink(name) is { } link && state.HasMade(link, Alias))
                host.DeleteLink(name);
        });
        teardown.Step(state.Remove);
        teardown.ThrowIfFailed();
    }

    private NetworkSubnets Subnets() => network.Subnets.Count > 0
        ? new NetworkSubnets(network.Subnets)
        : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"network '{network.Name}' has no subnet");

    private Link EnsureParent()
    {
        string name = network.Parent ?? OwnParent;
        if (host.TryGetLink(name) is { } there && state.TryReadSubnets() is not null)
            return there;
        using OwnedFd @lock = state.Lock();
        state.WriteSubnets(network.Subnets.Select(static subnet => subnet.Subnet));
        if (host.TryGetLink(name) is null)
            MakeParent(name);
        return host.TryGetLink(name) ?? throw new LinuxException(Errno.ENODEV, "get link", name);
    }

    private void MakeParent(string name)
    {
        if (network.Parent is null)
        {
            state.MakeLink(name, () => MakeNowhere(name));
            return;
        }
        int dot = name.LastIndexOf('.');
        if (dot <= 0 || !int.TryParse(name.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int vlan) || vlan is < 1 or > MaxVlan)
            throw new ContainerException(ContainerErrorKind.NotFound, $"no parent interface '{name}' on this host");
        Link trunk = host.TryGetLink(name[..dot])
            ?? throw new ContainerException(ContainerErrorKind.NotFound, $"no parent interface '{name[..dot]}' on this host to make '{name}' of");
        state.MakeLink(name, () => Add(new SubLinkRequest(name, "vlan", trunk.Index) { VlanId = (ushort)vlan, Alias = Alias }));
    }

    // An interface of kind dummy; where the kernel has none, a veth pair.
    private void MakeNowhere(string name)
    {
        try
        {
            host.AddSubLink(new SubLinkRequest(name, "dummy", 0) { Alias = Alias });
        }
        catch (LinuxException e) when (e.Errno == Errno.EOPNOTSUPP)
        {
            using OwnedFd here = NetworkNamespace.OpenOwn();
            host.AddVeth(new VethRequest(name, OwnParentPeer, here));
            host.SetAlias(name, Alias);
            NetlinkBatch batch = new();
            RouteSocket.SetUp(batch, host.TryGetLink(OwnParentPeer)?.Index ?? throw new LinuxException(Errno.ENODEV, "get link", OwnParentPeer), OwnParentPeer);
            host.Execute(batch);
        }
    }

    private void Add(SubLinkRequest link)
    {
        try
        {
            host.AddSubLink(link);
        }
        catch (LinuxException e) when (e.Errno == Errno.EOPNOTSUPP)
        {
            throw new ContainerException(ContainerErrorKind.Unsupported, $"this kernel has no interfaces of kind '{link.Kind}'", e);
        }
    }
}
