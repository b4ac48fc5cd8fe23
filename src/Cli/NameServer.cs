using System.Net;
using Rundlet.Cli.Http;
using Rundlet.Dns.Serving;
using Rundlet.Engine;
using Rundlet.Engine.Lifecycle;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Cli;

/// <summary>The names of all containers on user-defined networks, for programs of the host: <c>NAME</c> and <c>NAME.NETWORK</c>.</summary>
internal sealed class NameServer : IDisposable
{
    // What the kernel refuses once it refuses for a while: meanwhile the questions wait.
    private const int PauseMs = 200;

    private readonly Resolver _resolver;

    private NameServer(Resolver resolver, IPEndPoint place) => (_resolver, Place) = (resolver, place);

    /// <summary>Where it answers.</summary>
    public IPEndPoint Place { get; }

    /// <summary>Opens its sockets.</summary>
    /// <param name="openEngine">Opens the engine, whose networks they are.</param>
    /// <param name="address">Where it is to answer: an address and a port, 0 for any that is free.</param>
    /// <exception cref="ContainerException">InvalidArgument: it is no address with a port; Unavailable: the port is taken.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static NameServer Open(Func<ContainerEngine> openEngine, ListenAddress address)
    {
        if (address.EndPoint is not { } wanted)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "names are asked for by UDP: write an address and a port, as in 127.0.0.54:53");
        EnginePaths paths;
        using (ContainerEngine engine = openEngine())
            paths = engine.Paths;
        ResolverSockets sockets;
        try
        {
            sockets = ResolverSockets.Bind(wanted.Address, (ushort)wanted.Port);
        }
        catch (LinuxException taken) when (taken.Errno == Errno.EADDRINUSE)
        {
            throw new ContainerException(ContainerErrorKind.Unavailable, $"port {wanted.Port} of {wanted.Address} is taken", taken)
            {
                Hint = "any other address of 127.0.0.0/8 does as well, as in 127.0.0.54:53",
            };
        }
        Resolver resolver = Resolver.OfHost(paths.Networks, folder => NameOf(openEngine, folder), id => ContainerStanding.Read(paths, id).HasProcess, sockets);
        return new NameServer(resolver, new IPEndPoint(wanted.Address, sockets.Port));
    }

    /// <summary>Answers until told to stop.</summary>
    /// <param name="stop">Readable when it is to end.</param>
    /// <param name="report">Is told what went wrong; the next question may be answered again.</param>
    public void Run(OwnedFd stop, Action<Exception> report)
    {
        Span<pollfd> both = [new pollfd { fd = stop.Value, events = POLL.IN }, new pollfd { fd = _resolver.Fd.Value, events = POLL.IN }];
        while (true)
        {
            if (Sys.poll(both, -1) < 0)
                continue; // EINTR
            if (both[0].revents != 0)
                return;
            try
            {
                _resolver.Turn();
            }
            catch (Exception failed) when (failed is LinuxException or ContainerException)
            {
                report(failed);
                _ = Sys.poll(both[..1], PauseMs); // ignored: it only waits; what it has seen is seen again
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _resolver.Dispose();

    private static string? NameOf(Func<ContainerEngine> openEngine, string folder)
    {
        using ContainerEngine engine = openEngine();
        return engine.Networks.TryNameOf(folder);
    }
}
