using System.Net;
using System.Net.Sockets;
using Rundlet.Engine.Diagnosis;
using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Networks;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Network;
using Rundlet.Network.Files;
using Rundlet.Network.Firewall;
using Rundlet.Network.Ports;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Operations;

/// <summary>Follows the way of a container's packets step by step, and says which step does not work.</summary>
public sealed class DiagnoseNetwork : IDisposable
{
    private const string ReloadHint = "rundlet network reload makes it again";
    private const string WholeContainer = "";
    private const string DockersChain = "DOCKER-USER";
    private const int ShownPorts = 8;

    private readonly ContainerEngine _engine;
    private readonly ContainerRecord _record;
    private readonly NetworkNote _note;
    private readonly OwnedFd _namespace;
    private readonly RouteSocket _inside, _host;
    private readonly NetworkProbe _probe;
    private readonly List<NetworkHop> _hops = [];

    private DiagnoseNetwork(ContainerEngine engine, ContainerRecord record, NetworkNote note, int pid)
    {
        _engine = engine;
        _record = record;
        _note = note;
        _namespace = FileIo.Open(Sys.AT_FDCWD, $"/proc/{pid}/ns/net", O.RDONLY);
        _inside = RouteSocket.OpenIn(_namespace);
        _host = RouteSocket.Open();
        _probe = new NetworkProbe(_namespace);
    }

    /// <summary>Looks.</summary>
    /// <returns>The steps in the order of a packet's way.</returns>
    /// <exception cref="ContainerException">Conflict: the container does not run, or has no network of its own.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static IReadOnlyList<NetworkHop> Run(ContainerEngine engine, ContainerRecord record)
    {
        if (engine.StandingOf(record) is not { HasProcess: true, State: { } state } || NetworkNote.TryRead(engine.Paths, record.Id) is not { } note)
            throw new ContainerException(ContainerErrorKind.Conflict, $"container '{record.Name}' is not running") { Hint = $"start it: rundlet start {record.Name}" };
        if (!note.IsOurs)
            throw new ContainerException(ContainerErrorKind.Conflict, $"container '{record.Name}' has no network of its own: its network is '{note.Mode}'");
        using DiagnoseNetwork diagnosis = new(engine, record, note, state.Pid);
        return diagnosis.Look();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _host.Dispose();
        _inside.Dispose();
        _namespace.Dispose();
    }

    private List<NetworkHop> Look()
    {
        if (_note.Endpoints.Count == 0)
            Add("link", WholeContainer, false, "the container is on no network", $"rundlet network connect NETWORK {_record.Name}");
        foreach (EndpointNote endpoint in _note.Endpoints)
        {
            // What comes after a step that does not work cannot work either, and would only hide it.
            if (Link(endpoint) && Address(endpoint))
                Neighbour(endpoint);
        }
        Route();
        using (FirewallTable firewall = FirewallTable.Open())
        {
            Forwarding(firewall);
            Ports(firewall);
        }
        Listeners();
        Names();
        return _hops;
    }

    private bool Link(EndpointNote endpoint)
    {
        if (_inside.TryGetLink(endpoint.Interface) is not { } inside)
            return Add("link", endpoint.Name, false, $"interface '{endpoint.Interface}' is gone from the container", $"connect it again: rundlet network disconnect {endpoint.Name} {_record.Name}, then connect");
        if (!inside.IsUp)
            return Add("link", endpoint.Name, false, $"interface '{endpoint.Interface}' is down in the container", $"its program has set it down; rundlet restart {_record.Name} makes it anew");
        if (endpoint.Bridge is not { } name || endpoint.HostInterface is not { } port)
            return Add("link", endpoint.Name, true, $"interface '{endpoint.Interface}' is up");
        if (_host.TryGetLink(name) is not { } bridge)
            return Add("link", endpoint.Name, false, $"bridge '{name}' of network '{endpoint.Name}' is gone from the host", ReloadHint);
        if (!bridge.IsUp)
            return Add("link", endpoint.Name, false, $"bridge '{name}' of network '{endpoint.Name}' is down", ReloadHint);
        if (_host.TryGetLink(port) is not { } veth)
            return Add("link", endpoint.Name, false, $"the host's end of '{endpoint.Interface}', '{port}', is gone", $"rundlet restart {_record.Name} makes it anew");
        if (veth.Master != bridge.Index)
            return Add("link", endpoint.Name, false, $"'{port}', the host's end of '{endpoint.Interface}', is not in bridge '{name}'", ReloadHint);
        return veth.IsUp
            ? Add("link", endpoint.Name, true, $"'{endpoint.Interface}' is up, and '{port}' in bridge '{name}' is its other end")
            : Add("link", endpoint.Name, false, $"'{port}', the host's end of '{endpoint.Interface}', is down", $"ip link set {port} up");
    }

    private bool Address(EndpointNote endpoint)
    {
        Link link = _inside.TryGetLink(endpoint.Interface)!;
        foreach (IPAddress address in endpoint.Addresses)
        {
            if (!_inside.ListAddresses(FamilyOf(address), link.Index).Exists(has => has.Address.Equals(address)))
                return Add("address", endpoint.Name, false, $"'{endpoint.Interface}' has lost its address {address}", $"its program has removed it; rundlet restart {_record.Name} gives it back");
        }
        foreach (IPAddress gateway in GatewaysOf(endpoint))
        {
            if (endpoint.Bridge is { } bridge && !_host.ListAddresses(FamilyOf(gateway), _host.TryGetLink(bridge)!.Index).Exists(has => has.Address.Equals(gateway)))
                return Add("address", endpoint.Name, false, $"bridge '{bridge}' has lost its address {gateway}, the container's gateway", ReloadHint);
        }
        return Add("address", endpoint.Name, true, $"'{endpoint.Interface}' has {string.Join(" and ", endpoint.Addresses)}");
    }

    private void Neighbour(EndpointNote endpoint)
    {
        foreach (IPAddress gateway in GatewaysOf(endpoint))
        {
            string? trouble = Trouble(() => _probe.Answers(gateway));
            if (trouble is null)
                Add("neighbour", endpoint.Name, true, $"gateway {gateway} answers");
            else
                Add("neighbour", endpoint.Name, false, $"gateway {gateway} does not answer the container: {trouble}", "a firewall of the host may drop what comes from its bridge (nft list ruleset, chains at hook input), or ICMP");
        }
    }

    // Those that are somebody: on a network that routes by itself (ipvlan in mode l3) the way out has no address.
    private static IEnumerable<IPAddress> GatewaysOf(EndpointNote endpoint) => ((string?[])[endpoint.Gateway, endpoint.Gateway6]).OfType<string>()
        .Select(IPAddress.Parse).Where(static address => !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any));

    private void Route()
    {
        (EndpointNote? way, EndpointNote? way6) = (_note.Default, _note.Default6);
        if (way is null && way6 is null)
        {
            bool isInternal = _note.Endpoints.Count > 0 && _note.Endpoints.All(endpoint => endpoint.IsInternal);
            Add("route", WholeContainer, isInternal ? true : null, isInternal ? "nothing leads out: all its networks are internal" : "no network of it leads out");
            return;
        }
        if (way is not null)
            Route(way, AF.INET, IPAddress.Parse(way.Gateway!), "");
        if (way6 is not null)
            Route(way6, AF.INET6, IPAddress.Parse(way6.Gateway6!), "IPv6 ");
    }

    private void Route(EndpointNote way, int family, IPAddress gateway, string kind)
    {
        bool isNamed = !gateway.Equals(IPAddress.Any) && !gateway.Equals(IPAddress.IPv6Any);
        RouteEntry? found = _inside.ListRoutes(family).Find(route => route.PrefixLength == 0 && (route.Gateway is not null || !isNamed));
        if (found is null)
            Add("route", way.Name, false, $"the container has no default {kind}route", $"its program has removed it; rundlet restart {_record.Name} makes it again");
        else if (!isNamed)
            Add("route", way.Name, true, $"the default {kind}route leads out by '{way.Interface}'");
        else if (!found.Gateway!.Equals(gateway))
            Add("route", way.Name, false, $"the container's default {kind}route leads to {found.Gateway}, and not to its gateway {gateway}", $"its program has changed it; rundlet restart {_record.Name} makes it again");
        else
            Add("route", way.Name, true, $"the default {kind}route leads to {gateway}");
        if (way.Bridge is null)
            return;
        string setting = family == AF.INET ? "net.ipv4.ip_forward" : "net.ipv6.conf.all.forwarding";
        if (FileIo.TryReadText($"/proc/sys/{setting.Replace('.', '/')}")?.Trim() != "1")
            Add("forward", WholeContainer, false, $"this machine passes no {kind}packets on between its interfaces", $"sysctl {setting}=1; the next start of a container sets it too");
        if (!_host.ListRoutes(family).Exists(static route => route.PrefixLength == 0 && route.Gateway is not null))
            Add("upstream", WholeContainer, null, $"this machine has no default {kind}route: nothing but its own networks can be reached", "connect the machine itself first (ip route)");
    }

    private void Forwarding(FirewallTable firewall)
    {
        IReadOnlyList<string> bridges = firewall.ListBridges();
        foreach (EndpointNote endpoint in _note.Endpoints)
        {
            if (endpoint.Bridge is not { } bridge)
                continue;
            if (bridges.Contains(bridge))
                Add("nat", endpoint.Name, true, $"table 'rundlet' knows bridge '{bridge}'");
            else
                Add("nat", endpoint.Name, false, $"the firewall's table 'rundlet' does not know bridge '{bridge}': somebody flushed the ruleset", ReloadHint);
        }
        IReadOnlyList<string> drops = firewall.ListForeignDrops();
        if (drops.Count == 0)
            Add("forward", WholeContainer, true, "no other table drops forwarded packets by default");
        else
            Add("forward", WholeContainer, null, $"{string.Join(", ", drops.Select(static drop => $"'{drop}'"))} drop{(drops.Count == 1 ? "s" : "")} forwarded packets that {(drops.Count == 1 ? "it does" : "they do")} not accept", firewall.HasForeignChain("filter", DockersChain)
                ? $"an accept of ours does not help there; this is docker's, and takes rules of its host: iptables -I {DockersChain} -m mark --mark 0x{FirewallTable.AcceptedMark:x}/0x{FirewallTable.AcceptedMark:x} -j ACCEPT"
                : "an accept of ours does not help there: see docs/network.md for the rules that let our bridges through");
        Apart(firewall);
    }

    // What br_netfilter shows us gets its new destination while the bridge still switches it: to an isolated port it comes no more by that.
    private void Apart(FirewallTable firewall)
    {
        if (!ContainerNetwork.BridgesAreFiltered())
            return;
        IReadOnlyList<string> apart = firewall.ListApart();
        foreach (EndpointNote endpoint in _note.Endpoints.Where(endpoint => endpoint.Bridge is { } bridge && apart.Contains(bridge)))
            Add("ports", endpoint.Name, null, "its containers are kept apart, and do not reach each other's published ports either: this machine shows its firewall what bridges switch (br_netfilter)", "sysctl net.bridge.bridge-nf-call-iptables=0, unless docker or Kubernetes want it");
    }

    private void Ports(FirewallTable firewall)
    {
        if (_note.Ports.Count == 0)
            return;
        HashSet<PublishedPort> there = [.. firewall.List()];
        List<PortNote> missing = [.. _note.Ports.Where(port => !port.IsProxied && !there.Contains(port.ToPublished(_record.Id)))];
        if (missing.Count == 0)
            Add("ports", WholeContainer, true, $"published: {string.Join(", ", _note.Ports)}");
        else
            Add("ports", WholeContainer, false, $"not in the firewall any more: {string.Join(", ", missing)}", ReloadHint);
    }

    // Where no rule leads, the supervisor takes what comes.
    private void Listeners()
    {
        IReadOnlyList<ProxiedPort> ports = ListenedPorts.Of(_note);
        if (ports.Count == 0)
            return;
        (IReadOnlyList<ProxiedPort> closed, IReadOnlyList<ProxiedPort> broken) = ListenerProbe.Try(ports);
        if (closed.Count > 0)
            Add("ports", WholeContainer, false, $"its supervisor does not listen at {PlacesOf(closed)}", $"rundlet restart {_record.Name} makes it listen again");
        if (broken.Count > 0)
            Add("ports", WholeContainer, null, $"its supervisor listens at {PlacesOf(broken)}, but nothing in the container takes the connections", "see whether its program listens at that port, and not at 127.0.0.1 alone");
        if (ports.Except(closed).Except(broken).ToList() is { Count: > 0 } rest)
            Add("ports", WholeContainer, true, $"its supervisor listens at {PlacesOf(rest)}");
    }

    private static string PlacesOf(IReadOnlyList<ProxiedPort> ports) =>
        string.Join(", ", ports.Take(ShownPorts).Select(static port => port.Place)) + (ports.Count > ShownPorts ? $" and {ports.Count - ShownPorts} more" : "");

    private void Names()
    {
        string path = $"{_engine.Paths.Container(_record.Id)}/resolv.conf";
        List<IPAddress> servers = [.. (FileIo.TryReadText(path) ?? "").Split('\n').Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(static words => words is ["nameserver", _, ..]).Select(static words => IPAddress.TryParse(words[1], out IPAddress? server) ? server : null).OfType<IPAddress>()];
        if (servers.Count == 0)
        {
            Add("dns", WholeContainer, false, "the container's resolv.conf names no nameserver that it can reach", "give it one: rundlet run --dns ADDRESS");
            return;
        }
        foreach (IPAddress server in servers)
        {
            bool isOurs = server.ToString() == ResolvConf.OwnServer;
            string? trouble = Trouble(() => _probe.AnswersName(server, isOurs ? _record.ShortId : ""));
            if (trouble is null)
                Add("dns", WholeContainer, true, $"nameserver {server} answers");
            else
                Add("dns", WholeContainer, false, $"nameserver {server} does not answer the container: {trouble}", isOurs ? $"its supervisor serves names; rundlet restart {_record.Name} starts it anew" : "another one: rundlet run --dns ADDRESS; or see whether this machine itself gets answers");
        }
        if (servers.Exists(static server => server.ToString() == ResolvConf.OwnServer))
            Upstream();
    }

    // Names of others: the container's own name server asks for it, and answers with a failure where nobody does.
    private void Upstream()
    {
        string? trouble = Trouble(() => _probe.AnswersName(IPAddress.Parse(ResolvConf.OwnServer), "example.org"));
        if (trouble is null)
            Add("upstream", WholeContainer, true, "names of others are asked for");
        else
            Add("upstream", WholeContainer, null, $"names of others get no answer: {trouble}", "the nameservers of this machine, or of --dns, do not answer");
    }

    private static string? Trouble(Func<bool> probe)
    {
        try
        {
            return probe() ? null : "nothing came back within a second";
        }
        catch (LinuxException refused)
        {
            return refused.Message;
        }
    }

    private bool Add(string name, string network, bool? works, string text, string? hint = null)
    {
        _hops.Add(new NetworkHop(name, network, works, text, hint));
        return works != false;
    }

    private static int FamilyOf(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? AF.INET6 : AF.INET;
}
