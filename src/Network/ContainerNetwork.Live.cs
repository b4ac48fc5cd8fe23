using System.Net;
using Rundlet.Linux;
using Rundlet.Linux.Netlink;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Network.Addresses;
using Rundlet.Network.Ports;
using Rundlet.Syscalls;

namespace Rundlet.Network;

public sealed partial class ContainerNetwork
{
    /// <summary>Connects a running container to one more network. Traffic on the others goes on.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="current">How it hangs on its networks.</param>
    /// <param name="request">What it wants.</param>
    /// <param name="inside">Its namespace, <see cref="ContainerNamespace.Enter"/>.</param>
    /// <param name="ports">What it publishes when it has a network that can; needed where nothing is published yet.</param>
    /// <returns>How it hangs on its networks now. The default route and the published ports may have moved to the new one.</returns>
    /// <exception cref="ContainerException">Why not; nothing is left behind. Conflict: it is on that network already.</exception>
    public NetworkAttachment ConnectLive(
        string containerId, NetworkAttachment current, EndpointRequest request, ContainerNamespace inside, IReadOnlyList<PortRequest> ports)
    {
        CheckIsChangeable(containerId, current);
        if (current.On(request.Network.Id) is null)
            RemoveRemnant(containerId, current, request, inside);
        return SetUp(containerId, current with { Mode = NetworkMode.Bridge }, [request], ports, inside);
    }

    /// <summary>Takes a running container off one network. Traffic on the others goes on.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="current">How it hangs on its networks.</param>
    /// <param name="network">The network.</param>
    /// <param name="inside">Its namespace.</param>
    /// <returns>How it hangs on its networks now. The default route and the published ports may have moved to another one.</returns>
    /// <exception cref="ContainerException">NotFound: it is not on that network. Else: what could not be removed; everything else was.</exception>
    public NetworkAttachment DisconnectLive(string containerId, NetworkAttachment current, NetworkDefinition network, ContainerNamespace inside)
    {
        CheckIsChangeable(containerId, current);
        Endpoint gone = current.On(network.Id)
            ?? throw new ContainerException(ContainerErrorKind.NotFound, $"container '{containerId}' is not on network '{network.Name}'");
        NetworkAttachment attachment = current with { Endpoints = [.. current.Endpoints.Where(endpoint => endpoint != gone)] };
        Teardown teardown = new($"take container '{containerId}' off network '{network.Name}'");
        teardown.Step(() => attachment = PublishAgain(containerId, current, attachment, []));
        teardown.Step(() => DriverOf(network).Detach(gone, inside));
        teardown.Step(() =>
        {
            NetlinkBatch batch = new();
            AddDefaultRoutes(batch, current, attachment, [], inside);
            if (batch.Requests.Count > 0)
                inside.Routes.Execute(batch);
        });
        teardown.Step(() =>
        {
            using AddressPool? pool = StateOf(network.Id).TryOpenPool();
            pool?.Release(containerId);
        });
        teardown.ThrowIfFailed();
        return attachment;
    }

    /// <summary>Publishes more ports of a running container.</summary>
    /// <returns>How it hangs on its networks now.</returns>
    /// <exception cref="ContainerException">Conflict: a port is taken. InvalidArgument: it is on no network that publishes.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public NetworkAttachment Publish(string containerId, NetworkAttachment current, IReadOnlyList<PortRequest> ports)
    {
        if (TargetOf(containerId, current) is not { } target)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"cannot publish ports of container '{containerId}': it is on no bridge network that is not internal");
        if (NetworkSysctl.BridgesAreFiltered())
        {
            foreach (string port in current.Endpoints.Select(static endpoint => endpoint.HostInterface).OfType<string>())
                _host.SetBridgePort(port, isHairpin: true, isIsolated: false);
        }
        return current with { Ports = PublishBeside(current.Ports, ports, target) };
    }

    /// <summary>Ends the publishing of ports of a running container. Connections that are there go on.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="current">How it hangs on its networks.</param>
    /// <param name="isUnwanted">Which.</param>
    /// <returns>How it hangs on its networks now.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public NetworkAttachment Unpublish(string containerId, NetworkAttachment current, Predicate<PublishedPort> isUnwanted)
    {
        IReadOnlyList<PublishedPort> kept = [.. current.Ports.Where(port => !isUnwanted(port))];
        _firewall.Exchange(containerId, _ => kept);
        return current with { Ports = kept };
    }

    /// <summary>Gives a running container other bounds of what comes in and goes out on one network.</summary>
    /// <param name="endpoint">How it hangs on the network.</param>
    /// <param name="rateIn">The most that comes in, in bytes a second; null for all that can. Without meaning where the driver has no end on the host.</param>
    /// <param name="rateOut">The most that goes out.</param>
    /// <param name="inside">Its namespace.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Limit(Endpoint endpoint, ulong? rateIn, ulong? rateOut, ContainerNamespace inside)
    {
        if (endpoint.HostInterface is { } name)
            Limit(_host, name, rateIn);
        Limit(inside.Routes, endpoint.Interface, rateOut);
    }

    private static void Limit(RouteSocket routes, string name, ulong? rate)
    {
        int index = (routes.TryGetLink(name) ?? throw new LinuxException(Errno.ENODEV, "get link", name)).Index;
        if (rate is > 0 and { } bound)
            routes.LimitRate(index, name, bound);
        else
            routes.LiftRate(index, name);
    }

    /// <summary>Refuses ports that could not be published now; nothing is reserved or made.</summary>
    /// <param name="endpoints">The networks that the container is to be on.</param>
    /// <param name="ports">What it publishes.</param>
    /// <exception cref="ContainerException">Conflict: a port is taken; others as publishing would say.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void RequireFree(IReadOnlyList<EndpointRequest> endpoints, IReadOnlyList<PortRequest> ports)
    {
        NetworkAttachment planned = new(NetworkMode.Bridge) { Endpoints = [.. endpoints.Select(Planned)] };
        if (TargetOf("", planned) is not { } target)
            return;
        try
        {
            HostPorts.Choose(ports, target, _firewall.List(), _listeners);
        }
        catch (ContainerException taken)
        {
            throw new ContainerException(taken.Kind, $"set up network '{(planned.Publishing ?? planned.Publishing6)!.NetworkName}'", taken);
        }
    }

    // Which address it will have is not known yet, but of which families.
    private static Endpoint Planned(EndpointRequest request)
    {
        NetworkDefinition network = request.Network;
        return new Endpoint(network.Id, network.Name, "")
        {
            Driver = network.Driver,
            Address = network.Subnets.Count == 0 || network.Subnets.Any(static subnet => !subnet.Subnet.IsIpv6) ? IPAddress.Any : null,
            Address6 = network.Ipv6 ? IPAddress.IPv6Any : null,
            GatewayPriority = request.GatewayPriority,
            IsInternal = network.Internal,
            HostBinding = network.HostBinding,
        };
    }

    /// <summary>Whether this host shows its firewall what bridges switch (br_netfilter).</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static bool BridgesAreFiltered() => NetworkSysctl.BridgesAreFiltered();

    /// <summary>Whether a program can listen at ::1 of this host.</summary>
    public static bool HostHasIpv6() => HostPorts.HasIpv6();

    private static void CheckIsChangeable(string containerId, NetworkAttachment current)
    {
        if (current.Mode == NetworkMode.Host)
            throw new ContainerException(ContainerErrorKind.Conflict, $"container '{containerId}' has the host's network: it cannot be connected or disconnected");
    }

    // What a command has made that was killed before anybody noted it: the address says that there is something, and the interface has the
    // name that it gets again.
    private void RemoveRemnant(string containerId, NetworkAttachment current, EndpointRequest request, ContainerNamespace inside)
    {
        using AddressPool? pool = StateOf(request.Network.Id).TryOpenPool();
        if (pool is null || !pool.List().Any(reservation => reservation.ContainerId == containerId))
            return;
        inside.Routes.DeleteLink(NameInside(request, current.Endpoints));
        pool.Release(containerId);
    }

    // Ports of this container that nobody noted go: the command that published them was killed.
    private IReadOnlyList<PublishedPort> PublishBeside(IReadOnlyList<PublishedPort> present, IReadOnlyList<PortRequest> ports, PortTarget target) =>
        _firewall.Exchange(target.ContainerId, others => [.. present, .. HostPorts.Choose(ports, target, [.. others, .. present], _listeners)]);

    // Lets the published ports lead where they must now: moves those that are there, or chooses them.
    private NetworkAttachment PublishAgain(string containerId, NetworkAttachment before, NetworkAttachment after, IReadOnlyList<PortRequest> ports)
    {
        PortTarget? target = TargetOf(containerId, after);
        if (before.Ports.Count == 0)
        {
            return ports.Count == 0 || target is null
                ? after
                : after with { Ports = PublishBeside([], ports, target) };
        }
        if (target == TargetOf(containerId, before))
            return after;
        IReadOnlyList<PublishedPort> moved =
        [
            .. before.Ports
                .Select(port => (port.IsProxied ? target?.Of(port.IsIpv6) : port.IsIpv6 ? target?.Address6 : target?.Address) is { } address ? port with { ContainerAddress = address } : null)
                .OfType<PublishedPort>(),
        ];
        _firewall.Exchange(containerId, _ => moved);
        return after with { Ports = moved };
    }

    // Null where nothing can be published: without a network, and on internal ones, as docker does, without a word.
    private static PortTarget? TargetOf(string containerId, NetworkAttachment attachment)
    {
        (Endpoint? endpoint, Endpoint? endpoint6) = (attachment.Publishing, attachment.Publishing6);
        return endpoint is null && endpoint6 is null
            ? null
            : new PortTarget(containerId, endpoint?.Address, endpoint6?.Address6) { HostBinding = (endpoint ?? endpoint6)!.HostBinding };
    }
}
