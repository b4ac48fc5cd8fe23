using System.Net;
using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Operations;
using Rundlet.Engine.State;
using Rundlet.Network;
using Rundlet.Network.Ports;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Engine.Networks;

/// <summary>
/// The published ports at which a container's supervisor listens: those that no rule can lead into the container, and [::1] for those that are
/// published by IPv6, for no rule can lead packets to and from ::1.
/// </summary>
internal static class ListenedPorts
{
    /// <summary>Writes them down for the supervisor, which reads them before the program starts.</summary>
    /// <returns>Whether there is anything to tell a supervisor that runs.</returns>
    public static bool Write(ContainerEngine engine, string container, NetworkNote note) => ProxiedPorts.Write(engine.Paths.Live(container), Of(note));

    /// <summary>Writes them down and has the supervisor that runs listen there and nowhere else.</summary>
    /// <exception cref="Linux.ContainerException">Conflict: another program has a port.</exception>
    public static void Bring(ContainerEngine engine, ContainerRecord record, NetworkNote note)
    {
        if (!Write(engine, record.Id, note))
            return;
        using SupervisorConnection? supervisor = SupervisorConnection.TryOpen(engine.Paths.Live(record.Id));
        supervisor?.ServePorts(); // without one, the next looks by itself
    }

    /// <summary>What the network library has to know of them.</summary>
    public static PortListeners Listeners(EnginePaths paths) => new(ProxiedPorts.Max, () => Folders.Names(paths.LiveContainers).SelectMany(id => OfContainer(paths, id)));

    private static IEnumerable<PublishedPort> OfContainer(EnginePaths paths, string id) =>
        NetworkNote.TryRead(paths, id)?.Ports.Where(static port => port.IsProxied).Select(port => port.ToPublished(id)) ?? [];

    internal static IReadOnlyList<ProxiedPort> Of(NetworkNote note)
    {
        List<ProxiedPort> ports = [];
        foreach (PortNote port in note.Ports.Where(static port => port.IsProxied))
            ports.AddRange(port.Expand().Select(one => ToProxied(one, IPAddress.Parse(one.HostAddress!))));
        PortNote[] beside = [.. note.Ports.Where(static port => port is { IsProxied: false, HostAddress: null, ShownAddress: "::", Protocol: not "sctp" })];
        if (beside.Length == 0 || !ContainerNetwork.HostHasIpv6())
            return ports;
        foreach (PortNote port in beside)
        {
            if (ports.Count + port.Count <= ProxiedPorts.Max)
                ports.AddRange(port.Expand().Select(static one => ToProxied(one, IPAddress.IPv6Loopback)));
        }
        return ports;
    }

    private static ProxiedPort ToProxied(PortNote port, IPAddress at) =>
        new(port.Protocol == "udp", new IPEndPoint(at, port.HostPort), new IPEndPoint(IPAddress.Parse(port.ContainerAddress!), port.ContainerPort));
}
