using System.Diagnostics;
using System.Net;
using Rundlet.Linux;
using Rundlet.Linux.Netlink;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Network.Addresses;
using Rundlet.Syscalls;

namespace Rundlet.Network.Drivers;

/// <summary>One interface on its way into a container.</summary>
/// <param name="ContainerId">The container.</param>
/// <param name="Request">What is wanted.</param>
/// <param name="Interface">What it is to be called inside.</param>
/// <param name="Inside">The container's namespace.</param>
/// <param name="Batch">Takes what is to be said inside.</param>
/// <param name="Undo">Takes how to take it back.</param>
internal sealed record EndpointPlan(
    string ContainerId, EndpointRequest Request, string Interface, ContainerNamespace Inside, NetlinkBatch Batch, Undo Undo)
{
    private const int PatienceMilliseconds = 5000, TurnMilliseconds = 10;

    /// <summary>Whether the container publishes ports.</summary>
    public bool HasPorts { get; init; }

    /// <summary>Takes the number of the interface inside, by its name.</summary>
    public required Dictionary<string, int> Links { get; init; }

    /// <summary>Reserves the addresses and fills in what every driver's endpoint has.</summary>
    /// <exception cref="ContainerException">An address is taken, or none is free.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public Endpoint Reserve(NetworkState state, NetworkSubnets subnets, NetworkDefinition network)
    {
        if (Request.Mac is { IsUnicast: false } mac)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid hardware address '{mac}': not of a single interface");
        Endpoint endpoint = new(network.Id, network.Name, Interface)
        {
            Driver = network.Driver,
            GatewayPriority = Request.GatewayPriority,
            IsInternal = network.Internal,
            HostBinding = network.HostBinding,
        };
        using AddressPool pool = state.OpenPool();
        Undo.Push(() =>
        {
            using AddressPool pool = state.OpenPool();
            pool.Release(ContainerId);
        });
        if (subnets.Ipv4 is { } subnet)
        {
            endpoint = endpoint with
            {
                Address = ReserveIn(pool, subnets, subnet, Request.Address),
                PrefixLength = subnet.Subnet.PrefixLength,
                Gateway = subnet.EffectiveGateway,
            };
        }
        else if (Request.Address is { } unwanted)
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"a container cannot have address '{unwanted}' in network '{network.Name}': it has no IPv4 subnet");
        }
        if (subnets.Ipv6 is { } subnet6)
        {
            endpoint = endpoint with
            {
                Address6 = ReserveIn(pool, subnets, subnet6, Request.Address6),
                PrefixLength6 = subnet6.Subnet.PrefixLength,
                Gateway6 = subnet6.EffectiveGateway,
            };
        }
        else if (Request.Address6 is { } unwanted)
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"a container cannot have address '{unwanted}' in network '{network.Name}': it has no IPv6 subnet");
        }
        return endpoint with { Mac = Request.Mac ?? ((endpoint.Address ?? endpoint.Address6) is { } address ? MacAddress.Of(address) : null) };
    }

    /// <summary>Adds "the interface is up and has its addresses" to the batch.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Configure(Endpoint endpoint)
    {
        foreach (Action<NetlinkBatch> step in Steps(endpoint))
            step(Batch);
    }

    /// <summary>
    /// Does the same at once, for an interface whose kind lets nobody have the address of another one: it waits for the one that had it before, which ends
    /// with a namespace that the kernel takes down in its own time and tells nobody about.
    /// </summary>
    /// <exception cref="LinuxException">The kernel refused; <c>EADDRINUSE</c>: somebody has it after <see cref="PatienceMilliseconds"/> too.</exception>
    public void ConfigureWhenFree(Endpoint endpoint)
    {
        long began = Stopwatch.GetTimestamp();
        foreach (Action<NetlinkBatch> step in Steps(endpoint))
        {
            while (!TryDo(step, isLast: Stopwatch.GetElapsedTime(began).TotalMilliseconds > PatienceMilliseconds))
                _ = Sys.poll([], TurnMilliseconds); // ignored: a signal ends it early
        }
    }

    private bool TryDo(Action<NetlinkBatch> step, bool isLast)
    {
        NetlinkBatch batch = new();
        step(batch);
        try
        {
            Inside.Routes.Execute(batch);
            return true;
        }
        catch (LinuxException e) when (e.Errno == Errno.EADDRINUSE && !isLast)
        {
            return false;
        }
    }

    private List<Action<NetlinkBatch>> Steps(Endpoint endpoint)
    {
        Link link = Inside.Routes.TryGetLink(Interface) ?? throw new LinuxException(Errno.ENODEV, "get link", Interface);
        Links[Interface] = link.Index;
        if (endpoint.Address6 is not null)
            Inside.EnableIpv6(Interface);
        if (Request.RateOut is > 0 and { } rate)
            Inside.Routes.LimitRate(link.Index, Interface, rate);
        List<Action<NetlinkBatch>> steps = [batch => RouteSocket.SetUp(batch, link.Index, Interface)];
        if (endpoint.Address is { } address)
            steps.Add(batch => RouteSocket.AddAddress(batch, link.Index, address, endpoint.PrefixLength));
        if (endpoint.Address6 is { } address6)
            steps.Add(batch => RouteSocket.AddAddress(batch, link.Index, address6, endpoint.PrefixLength6));
        return steps;
    }

    private IPAddress ReserveIn(AddressPool pool, NetworkSubnets subnets, SubnetDefinition first, IPAddress? wanted)
    {
        if (wanted is null)
            return pool.Reserve(first, ContainerId);
        SubnetDefinition subnet = subnets.All.FirstOrDefault(subnet => subnet.Subnet.Contains(wanted)) ?? first;
        pool.Reserve(subnet, wanted, ContainerId);
        return wanted;
    }
}
