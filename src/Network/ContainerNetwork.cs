using Rundlet.Linux;
using Rundlet.Linux.Netlink;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Network.Addresses;
using Rundlet.Network.Drivers;
using Rundlet.Network.Firewall;
using Rundlet.Network.Ports;
using Rundlet.Syscalls;

namespace Rundlet.Network;

/// <summary>
/// The networks of containers, for the engine: connect, disconnect, clean up after crashes. Works in the network
/// namespace of the thread that opens it.
/// </summary>
/// <remarks>
/// <code>
/// Connect:     each network's driver: addresses reserved, interface made ─► loopback, addresses, default routes inside ─► ports published
/// Disconnect:  ports unpublished ─► addresses freed                  the interfaces go with the container's namespace
/// </code>
/// Setting up stops at the first error and undoes what was done, last step first; taking down does every step and reports all errors.
/// What can outlive a crash is a reservation and published ports; both carry the container's id, and <see cref="Reconcile"/> finds them.
/// </remarks>
public sealed partial class ContainerNetwork : IDisposable
{
    private readonly string _folder;
    private readonly RouteSocket _host;
    private readonly FirewallTable _firewall;
    private readonly PortListeners _listeners;

    /// <summary>Opens the networks; changes nothing.</summary>
    /// <param name="networksFolder">Where networks keep their state, on a tmpfs: <c>/run/rundlet/networks</c>.</param>
    /// <param name="listeners">Who listens where no rule can lead into a container.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public ContainerNetwork(string networksFolder, PortListeners? listeners = null)
    {
        _folder = networksFolder;
        _listeners = listeners ?? PortListeners.Unknown;
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

    /// <summary>
    /// Begins to make a network namespace beside other work; it is the dearest single step of a start. Not needed for
    /// <see cref="NetworkMode.Host"/>.
    /// </summary>
    public static Task<ContainerNamespace> Prepare()
    {
        // A thread of its own: the pool's first task starts three, and they spin while this one waits for the kernel.
        TaskCompletionSource<ContainerNamespace> made = new();
        Thread thread = new(
            () =>
            {
                try
                {
                    made.SetResult(ContainerNamespace.Create());
                }
                catch (Exception e)
                {
                    made.SetException(e); // told to whoever waits
                }
            },
            256 << 10)
        { IsBackground = true, Name = "prepare-network" };
        thread.Start();
        return made.Task;
    }

    /// <summary>Sets a container's network up.</summary>
    /// <param name="request">What it wants.</param>
    /// <param name="inside">Its network namespace; null for <see cref="NetworkMode.Host"/> only.</param>
    /// <exception cref="ContainerException">Why not; nothing is left behind.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public NetworkAttachment Connect(NetworkRequest request, ContainerNamespace? inside)
    {
        if (request.Mode != NetworkMode.Bridge && request.Ports.Count > 0)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "ports can only be published in a bridge network");
        if (request.Mode == NetworkMode.Host)
            return new NetworkAttachment(NetworkMode.Host);
        ArgumentNullException.ThrowIfNull(inside);
        if (request.Mode == NetworkMode.Bridge)
            return SetUp(request.ContainerId, new NetworkAttachment(NetworkMode.Bridge), request.Endpoints, request.Ports, inside);
        inside.SetUpLoopback();
        return new NetworkAttachment(NetworkMode.None);
    }

    /// <summary>Takes a container off all networks when it has ended. Does nothing for one that is on none.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="known">How it hung on its networks; null where nobody knows: then all are looked at.</param>
    /// <exception cref="ContainerException">What could not be removed; everything else was.</exception>
    public void Disconnect(string containerId, NetworkAttachment? known = null)
    {
        Teardown teardown = new($"take down the networks of container '{containerId}'");
        if (known is not { Ports.Count: 0 })
            teardown.Step(() => _firewall.Reconcile(port => port.ContainerId != containerId));
        foreach (NetworkState state in known?.Endpoints.Select(endpoint => StateOf(endpoint.NetworkId)) ?? States())
        {
            teardown.Step(() =>
            {
                using AddressPool? pool = state.TryOpenPool();
                pool?.Release(containerId);
            });
        }
        teardown.ThrowIfFailed();
    }

    /// <summary>The traffic of a container on one network since it was connected, as it sees it; null when the interface is gone.</summary>
    /// <param name="hostInterface">The host's end of its pair.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public LinkStatistics? TryGetStatistics(string hostInterface) => _host.TryGetLink(hostInterface)?.Statistics.OfPeer;

    /// <summary>The same of an endpoint without an end on the host, from within.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static LinkStatistics? TryGetStatistics(Endpoint endpoint, ContainerNamespace inside) => inside.Routes.TryGetLink(endpoint.Interface)?.Statistics;

    /// <summary>Chains of other tables that drop forwarded packets by default, as <c>TABLE/CHAIN</c>: an accept of ours does not help there.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public IReadOnlyList<string> ListForeignForwardDrops() => _firewall.ListForeignDrops();

    // Adds endpoints to those that a container has, and publishes.
    private NetworkAttachment SetUp(
        string containerId, NetworkAttachment current, IReadOnlyList<EndpointRequest> requests, IReadOnlyList<PortRequest> ports, ContainerNamespace inside)
    {
        Names.Check("container id", containerId);
        Undo undo = new();
        string name = "";
        try
        {
            NetlinkBatch batch = new();
            Dictionary<string, int> links = [];
            ContainerNamespace.AddLoopback(batch);
            NetworkAttachment attachment = current;
            foreach (EndpointRequest request in requests)
            {
                name = request.Network.Name;
                request.Network.Validate();
                if (attachment.On(request.Network.Id) is not null)
                    throw new ContainerException(ContainerErrorKind.Conflict, $"container '{containerId}' is on it already");
                EndpointPlan plan = new(containerId, request, NameInside(request, attachment.Endpoints), inside, batch, undo)
                {
                    HasPorts = ports.Count > 0,
                    Links = links,
                };
                attachment = attachment with { Endpoints = [.. attachment.Endpoints, DriverOf(request.Network).Attach(plan)] };
            }
            AddDefaultRoutes(batch, current, attachment, links, inside);
            inside.Routes.Execute(batch);
            name = attachment.Publishing?.NetworkName ?? name;
            return PublishAgain(containerId, current, attachment, ports);
        }
        catch (Exception e) when (e is LinuxException or ContainerException)
        {
            undo.Run();
            ContainerErrorKind kind = (e as ContainerException)?.Kind ?? ContainerErrorKind.Internal;
            throw new ContainerException(kind, $"set up network '{name}'", e);
        }
    }

    private static string NameInside(EndpointRequest request, IReadOnlyList<Endpoint> present)
    {
        if (request.InterfaceName is { } wanted)
        {
            Names.Check("interface name", wanted, RouteSocket.MaxNameLength);
            if (present.Any(endpoint => endpoint.Interface == wanted))
                throw new ContainerException(ContainerErrorKind.Conflict, $"the container has an interface '{wanted}' already");
            return wanted;
        }
        for (int number = 0; ; number++)
        {
            string name = $"eth{number}";
            if (!present.Any(endpoint => endpoint.Interface == name))
                return name;
        }
    }

    // Where the way out is another than before. A route that nobody takes the place of goes with its interface.
    private static void AddDefaultRoutes(
        NetlinkBatch batch, NetworkAttachment before, NetworkAttachment after, Dictionary<string, int> links, ContainerNamespace inside)
    {
        if (after.Default is { } endpoint && endpoint != before.Default)
            RouteSocket.SetDefaultRoute(batch, IndexOf(endpoint), endpoint.Gateway!);
        if (after.Default6 is { } endpoint6 && endpoint6 != before.Default6)
            RouteSocket.SetDefaultRoute(batch, IndexOf(endpoint6), endpoint6.Gateway6!);

        int IndexOf(Endpoint endpoint) => links.TryGetValue(endpoint.Interface, out int index) ? index
            : inside.Routes.TryGetLink(endpoint.Interface)?.Index ?? throw new LinuxException(Errno.ENODEV, "get link", endpoint.Interface);
    }

    private INetworkDriver DriverOf(NetworkDefinition network) => network.Driver switch
    {
        NetworkDriver.Bridge => new BridgeDriver(network, StateOf(network.Id), _host, _firewall),
        _ => new ParentDriver(network, StateOf(network.Id), _host),
    };

    private NetworkState StateOf(string networkId) => new(Path.Combine(_folder, networkId));

    private IEnumerable<NetworkState> States() => Directory.Exists(_folder) ? Directory.EnumerateDirectories(_folder).Select(static folder => new NetworkState(folder)) : [];
}
