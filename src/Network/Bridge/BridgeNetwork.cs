using System.Net;
using System.Numerics;
using System.Text;
using Rundlet.Linux;
using Rundlet.Linux.Netlink;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Network.Addresses;
using Rundlet.Network.Firewall;
using Rundlet.Network.Ports;
using Rundlet.Syscalls;

namespace Rundlet.Network.Bridge;

/// <summary>
/// The bridge driver: containers on one bridge of the host, which is their gateway. Setting up stops at the first error
/// and undoes what was done, last step first; taking down does every step and reports all errors.
/// </summary>
/// <remarks>
/// <code>
/// Attach:  reserve an address ─► veth pair into bridge and namespace ─► lo, address, route inside ─► publish ports
/// Detach:  unpublish ─► free the address
/// </code>
/// The namespace and with it the pair go when the container does; nobody waits for that, for to remove a veth pair takes
/// the kernel some 10 ms, ten times what making it takes. What can outlive a crash is a reservation and
/// published ports; both carry the container's id, and <see cref="Reconcile"/> finds them.
/// </remarks>
public sealed partial class BridgeNetwork : IDisposable
{
    // What the container calls its end of the pair.
    internal const string InsideName = "eth0";

    private readonly BridgeOptions _options;
    private readonly RouteSocket _host;
    private readonly FirewallTable _firewall;

    /// <summary>Opens a network in the calling thread's network namespace; changes nothing.</summary>
    /// <exception cref="ContainerException">InvalidArgument: an option is malformed.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public BridgeNetwork(BridgeOptions options)
    {
        Names.Check("network", options.Name);
        Names.Check("interface", options.Interface, RouteSocket.MaxNameLength);
        _options = options;
        _host = RouteSocket.Open();
        try
        {
            _firewall = FirewallTable.Open();
        }
        catch
        {
            _host.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _firewall.Dispose();
        _host.Dispose();
    }

    /// <summary>Gives a container an interface with an address, a route and its published ports.</summary>
    /// <exception cref="ContainerException">Why not; nothing is left behind.</exception>
    public NetworkAttachment Attach(ContainerNamespace inside, NetworkRequest request)
    {
        Names.Check("container id", request.ContainerId);
        if (request.Mac is { IsUnicast: false } mac)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid hardware address '{mac}': not of a single interface");
        Undo undo = new();
        try
        {
            BridgeLink bridge = EnsureBridge();
            using AddressPool pool = OpenPool(bridge.Subnet);
            IPAddress address = Reserve(pool, request);
            undo.Push(() => FreeReservation(bridge.Subnet, request.ContainerId));
            NetworkAttachment attachment = new(NetworkMode.Bridge)
            {
                NetworkName = _options.Name,
                Address = address,
                PrefixLength = bridge.Subnet.PrefixLength,
                Gateway = bridge.Gateway,
                Mac = request.Mac ?? MacAddress.Of(address),
                Bridge = _options.Interface,
                HostInterface = HostInterfaceOf(request.ContainerId, address),
            };
            AddVeth(inside, attachment, bridge.Index);
            undo.Push(() => _host.DeleteLink(attachment.HostInterface));
            // Where the bridge's own packets pass the firewall, a container that asks its own published port is answered
            // by the port that the question came in by.
            if (request.Ports.Count > 0 && NetworkSysctl.BridgesAreFiltered())
                _host.SetHairpin(attachment.HostInterface);
            Configure(inside.Routes, attachment);
            return attachment with { Ports = Publish(request, address) };
        }
        catch (Exception e) when (e is LinuxException or ContainerException)
        {
            undo.Run();
            ContainerErrorKind kind = (e as ContainerException)?.Kind ?? ContainerErrorKind.Internal;
            throw new ContainerException(kind, $"set up network '{_options.Name}'", e);
        }
    }

    /// <summary>Takes a container off the network. Does nothing for one that is not on it.</summary>
    /// <exception cref="ContainerException">What could not be removed; everything else was.</exception>
    public void Detach(string containerId)
    {
        Teardown teardown = new($"take down network '{_options.Name}' of container '{containerId}'");
        teardown.Step(() => _firewall.Reconcile(port => port.ContainerId != containerId));
        teardown.Step(() =>
        {
            if (TryReadSubnet() is not { } subnet)
                return;
            using AddressPool pool = OpenPool(subnet);
            pool.Release(containerId);
        });
        teardown.ThrowIfFailed();
    }

    /// <summary>Removes what dead containers left: published ports and reservations. Interfaces went with their namespaces.</summary>
    /// <param name="isLive">Whether a container lives; asked after something of it was seen.</param>
    /// <exception cref="ContainerException">What could not be removed; everything else was.</exception>
    public void Reconcile(Predicate<string> isLive)
    {
        Teardown teardown = new($"clean up network '{_options.Name}'");
        teardown.Step(() => _firewall.Reconcile(port => isLive(port.ContainerId)));
        teardown.Step(() =>
        {
            if (TryReadSubnet() is not { } subnet)
                return;
            using AddressPool pool = OpenPool(subnet);
            pool.Reconcile(isLive);
        });
        teardown.ThrowIfFailed();
    }

    /// <summary>The traffic of a container, as it sees it; null when its interface is gone.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public LinkStatistics? TryGetStatistics(string hostInterface) => _host.TryGetLink(hostInterface)?.Statistics.OfPeer;

    private static IPAddress Reserve(AddressPool pool, NetworkRequest request)
    {
        if (request.Address is not { } wanted)
            return pool.Reserve(request.ContainerId);
        pool.Reserve(wanted, request.ContainerId);
        return wanted;
    }

    private void FreeReservation(Subnet subnet, string containerId)
    {
        using AddressPool pool = OpenPool(subnet);
        pool.Release(containerId);
    }

    private void AddVeth(ContainerNamespace inside, NetworkAttachment attachment, int bridge)
    {
        VethRequest veth = new(attachment.HostInterface!, InsideName, inside.Fd) { Master = bridge, PeerMac = attachment.Mac, Mtu = _options.Mtu };
        try
        {
            _host.AddVeth(veth);
        }
        catch (LinuxException e) when (e.Errno == Errno.EEXIST && _host.DeleteLink(veth.Name))
        {
            // The name is of this container and this address, which is ours alone: what had it was a remnant.
            _host.AddVeth(veth);
        }
    }

    private static void Configure(RouteSocket inside, NetworkAttachment attachment)
    {
        Link link = inside.TryGetLink(InsideName) ?? throw new LinuxException(Errno.ENODEV, "get link", InsideName);
        NetlinkBatch batch = new();
        ContainerNamespace.AddLoopback(batch);
        RouteSocket.SetUp(batch, link.Index, InsideName);
        RouteSocket.AddAddress(batch, link.Index, attachment.Address!, attachment.PrefixLength);
        RouteSocket.AddDefaultRoute(batch, link.Index, attachment.Gateway!);
        inside.Execute(batch);
    }

    private IReadOnlyList<PublishedPort> Publish(NetworkRequest request, IPAddress address) =>
        request.Ports.Count == 0 ? [] : _firewall.Publish(published => HostPorts.Choose(request.Ports, request.ContainerId, address, published));

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
