using System.Net;
using System.Numerics;
using System.Text;
using Rundlet.Linux;
using Rundlet.Linux.Netlink;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Network.Firewall;
using Rundlet.Syscalls;

namespace Rundlet.Network.Drivers;

/// <summary>Containers on one bridge of the host, which is their gateway.</summary>
/// <remarks>
/// <code>
/// Attach:  reserve addresses ─► veth pair into bridge and namespace ─► address inside
/// </code>
/// When a container ends, its namespace goes and with it the pair; nobody waits for that, for to remove a veth pair takes
/// the kernel some 10 ms, ten times what making it takes.
/// </remarks>
internal sealed partial class BridgeDriver(NetworkDefinition network, NetworkState state, RouteSocket host, FirewallTable firewall) : INetworkDriver
{
    /// <inheritdoc/>
    public Endpoint Attach(EndpointPlan plan)
    {
        (int bridge, NetworkSubnets subnets) = EnsureBridge(anew: false);
        Endpoint endpoint = plan.Reserve(state, subnets, network) with { Bridge = network.Interface };
        endpoint = endpoint with
        {
            HostInterface = HostInterfaceOf(plan.ContainerId, (endpoint.Address ?? endpoint.Address6)!),
            Gateway = network.Internal ? null : endpoint.Gateway,
            Gateway6 = network.Internal ? null : endpoint.Gateway6,
        };
        AddVeth(plan.Inside, endpoint, bridge);
        plan.Undo.Push(() => host.DeleteLink(endpoint.HostInterface));
        SetUpPort(endpoint.HostInterface, plan.HasPorts);
        if (plan.Request.RateIn is > 0 and { } rate)
            host.LimitRate((host.TryGetLink(endpoint.HostInterface) ?? throw new LinuxException(Errno.ENODEV, "get link", endpoint.HostInterface)).Index, endpoint.HostInterface, rate);
        plan.Configure(endpoint);
        return endpoint;
    }

    /// <inheritdoc/>
    public void Detach(Endpoint endpoint, ContainerNamespace inside)
    {
        if (endpoint.HostInterface is { } name)
            host.DeleteLink(name);
    }

    /// <summary>Makes the pair of a running container a port of the bridge again, after the bridge was made anew.</summary>
    /// <param name="endpoint">How the container hangs on this network.</param>
    /// <param name="hasPorts">Whether the container publishes ports.</param>
    /// <exception cref="ContainerException">Conflict: it has an address of the subnet that the network had before.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Join(Endpoint endpoint, bool hasPorts)
    {
        if (endpoint.HostInterface is not { } name || host.TryGetLink(name) is not { } port || host.TryGetLink(network.Interface) is not { } bridge)
            return; // the container has ended
        if (port.Master != bridge.Index)
            host.SetMaster(name, bridge.Index);
        SetUpPort(name, hasPorts);
        if (endpoint.Address is { } address && state.TryReadSubnets() is { } subnets && !subnets.Any(subnet => subnet.Contains(address)))
            throw new ContainerException(ContainerErrorKind.Conflict, $"address '{address}' is in no subnet of network '{network.Name}' any more") { Hint = "restart its container" };
    }

    /// <summary>Says how the bridge treats a container's port.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    private void SetUpPort(string hostInterface, bool hasPorts)
    {
        // Where the bridge's own packets pass the firewall, a container that asks its own published port is answered
        // by the port that the question came in by.
        bool needsHairpin = hasPorts && NetworkSysctl.BridgesAreFiltered();
        if (needsHairpin || !network.InterContainer)
            host.SetBridgePort(hostInterface, needsHairpin, isIsolated: !network.InterContainer);
    }

    private void AddVeth(ContainerNamespace inside, Endpoint endpoint, int bridge)
    {
        VethRequest veth = new(endpoint.HostInterface!, endpoint.Interface, inside.Fd) { Master = bridge, PeerMac = endpoint.Mac, Mtu = network.Mtu };
        try
        {
            host.AddVeth(veth);
        }
        catch (LinuxException e) when (e.Errno == Errno.EEXIST && host.DeleteLink(veth.Name))
        {
            // The name is of this container and this address, which is ours alone: what had it was a remnant.
            host.AddVeth(veth);
        }
    }

    // "rl" and a hash of 64 bits (FNV-1a) as 13 digits of five bits: the 15 bytes that a name may have.
    private static string HostInterfaceOf(string containerId, IPAddress address)
    {
        const string digits = "0123456789abcdefghijklmnopqrstuv";
        ulong hash = 14695981039346656037;
        foreach (byte b in Encoding.UTF8.GetBytes($"{containerId}/{address}"))
            hash = (hash ^ b) * 1099511628211;
        return string.Create(RouteSocket.MaxNameLength, hash, static (name, hash) =>
        {
            name[0] = 'r';
            name[1] = 'l';
            for (int i = 2; i < name.Length; i++)
            {
                name[i] = digits[(int)(hash & 31)];
                hash = BitOperations.RotateRight(hash, 5);
            }
        });
    }
}
