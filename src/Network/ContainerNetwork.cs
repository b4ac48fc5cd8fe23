using Rundlet.Linux;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Network.Bridge;
using Rundlet.Syscalls;

namespace Rundlet.Network;

/// <summary>
/// The networks of containers, for the engine: connect, disconnect, clean up after crashes. Works in the network
/// namespace of the thread that opens it.
/// </summary>
public sealed class ContainerNetwork : IDisposable
{
    private readonly BridgeNetwork _bridge;

    /// <summary>Opens the networks; changes nothing.</summary>
    /// <param name="networksFolder">Where networks keep their state, on a tmpfs: <c>/run/rundlet/networks</c>.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public ContainerNetwork(string networksFolder)
        : this(BridgeOptions.Default(networksFolder))
    {
    }

    /// <summary>Opens the networks with another default network.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public ContainerNetwork(BridgeOptions options) => _bridge = new BridgeNetwork(options);

    /// <inheritdoc/>
    public void Dispose() => _bridge.Dispose();

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
            return _bridge.Attach(inside, request);
        inside.SetUpLoopback();
        return new NetworkAttachment(NetworkMode.None);
    }

    /// <summary>Takes a container off all networks. Does nothing for one that is on none.</summary>
    /// <exception cref="ContainerException">What could not be removed; everything else was.</exception>
    public void Disconnect(string containerId) => _bridge.Detach(containerId);

    /// <summary>Removes what containers left that were killed together with their supervisor.</summary>
    /// <param name="isLive">
    /// Whether a container lives or is being started; asked after something of it was seen, so a container counts as
    /// live from before it is connected.
    /// </param>
    /// <exception cref="ContainerException">What could not be removed; everything else was.</exception>
    public void Reconcile(Predicate<string> isLive) => _bridge.Reconcile(isLive);

    /// <summary>What the interface of a container is called inside.</summary>
    public static string InterfaceInside => BridgeNetwork.InsideName;

    /// <summary>The traffic of a container since its start, as it sees it; null when it has no interface (any more).</summary>
    /// <param name="hostInterface">The host's end of its pair.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public LinkStatistics? TryGetStatistics(string hostInterface) => _bridge.TryGetStatistics(hostInterface);
}
