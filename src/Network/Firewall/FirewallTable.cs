using System.Text;
using Rundlet.Linux;
using Rundlet.Linux.Netlink.Netfilter;
using Rundlet.Network.Ports;
using Rundlet.Syscalls;

namespace Rundlet.Network.Firewall;

/// <summary>
/// Our nftables table in one network namespace. Every change is one transaction. A change that depends on what was
/// read names the generation it was read at, so two processes never act on each other's old picture.
/// </summary>
public sealed class FirewallTable : IDisposable
{
    /// <summary>The bit of the packet's mark that is set on what we let pass, for tables of others that drop by default.</summary>
    public const uint AcceptedMark = FirewallRules.AcceptedMark;

    private const int Attempts = 100; // each failed one means that somebody else's change succeeded

    private readonly NftSocket _socket;

    private FirewallTable(NftSocket socket) => _socket = socket;

    /// <summary>Opens the firewall of the calling thread's network namespace; changes nothing.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static FirewallTable Open() => new(NftSocket.Open());

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    /// <summary>
    /// Sees to it that the table is there with this version's rules, and that the network's bridge is in it. Rules of another
    /// version are replaced at one stroke; what is published stays published, and what is the administrator's stays as it is.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="anew">Whether the bridge is written even where it is there: somebody else may have had its name.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Ensure(NetworkDefinition network, bool anew = false)
    {
        if (!anew && IsCurrent() && HasBridge(network.Interface))
            return;
        Change(generation =>
        {
            NftTransaction transaction = new(generation);
            bool isCurrent = IsCurrent();
            if (!isCurrent)
                Replace(transaction);
            HashSet<string> wanted = [.. SetsOf(network)];
            foreach (string set in FirewallRules.BridgeSets)
            {
                NftElement element = BridgeElement(set, network.Interface);
                if (wanted.Contains(set))
                    transaction.AddElements(FirewallRules.Table, set, [element], exclusive: false);
                else if (isCurrent && _socket.HasElement(FirewallRules.Table, set, element))
                    transaction.DeleteElements(FirewallRules.Table, set, [element]);
            }
            return transaction;
        });
    }

    /// <summary>Takes bridges out of the table.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Forget(params IReadOnlyList<string> bridges) => Change(generation =>
    {
        if (!IsCurrent())
            return null; // the next network that is set up makes the rules anew, and then they are found again
        NftTransaction transaction = new(generation);
        bool hasAny = false;
        foreach (string bridge in bridges)
        {
            foreach (string set in FirewallRules.BridgeSets)
            {
                NftElement element = BridgeElement(set, bridge);
                if (!_socket.HasElement(FirewallRules.Table, set, element))
                    continue;
                transaction.DeleteElements(FirewallRules.Table, set, [element]);
                hasAny = true;
            }
        }
        return hasAny ? transaction : null;
    });

    /// <summary>The bridges in the table, by name; empty when there is no table.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public IReadOnlyList<string> ListBridges() => BridgesIn(FirewallRules.Bridges);

    /// <summary>Those of them whose containers do not reach each other.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public IReadOnlyList<string> ListApart() => BridgesIn(FirewallRules.Apart);

    /// <summary>Whether somebody has made a chain, in a table for IPv4 that is not ours.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public bool HasForeignChain(string table, string name) =>
        _socket.ListChains().Any(chain => chain.Family == NFPROTO.IPV4 && chain.Table == table && chain.Name == name);

    /// <summary>Chains of others that throw forwarded packets away unless a rule of theirs accepts them, as <c>TABLE/CHAIN</c>.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public IReadOnlyList<string> ListForeignDrops() =>
    [
        .. _socket.ListChains()
            .Where(static chain => chain is { Hook: NF_INET.FORWARD, DropsByPolicy: true } && chain.Family is NFPROTO.INET or NFPROTO.IPV4 or NFPROTO.IPV6
                && !(chain.Family == NFPROTO.INET && chain.Table == FirewallRules.Table))
            .Select(static chain => $"{chain.Table}/{chain.Name}"),
    ];

    /// <summary>Ends the publishing of ports that nobody wants.</summary>
    /// <param name="isWanted">Which stay.</param>
    /// <returns>What was removed.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public IReadOnlyList<PublishedPort> Reconcile(Predicate<PublishedPort> isWanted)
    {
        IReadOnlyList<PublishedPort> unwanted = [];
        Change(generation =>
        {
            unwanted = [.. List().Where(port => !isWanted(port))];
            if (unwanted.Count == 0)
                return null;
            NftTransaction transaction = new(generation);
            Remove(transaction, unwanted);
            return transaction;
        });
        return unwanted;
    }

    /// <summary>
    /// Puts other published ports in the place of a container's, all or none: those that are in both stay untouched.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="choose">Chooses them, given what others have published; may be called again when that changed meanwhile.</param>
    /// <returns>What was chosen, those at which a program has to listen too; of them nothing is in the table.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    /// <exception cref="ContainerException">As <paramref name="choose"/> throws.</exception>
    public IReadOnlyList<PublishedPort> Exchange(string containerId, Func<IReadOnlyList<PublishedPort>, IReadOnlyList<PublishedPort>> choose)
    {
        IReadOnlyList<PublishedPort> chosen = [];
        Change(generation =>
        {
            IReadOnlyList<PublishedPort> all = List();
            chosen = choose([.. all.Where(port => port.ContainerId != containerId)]);
            HashSet<PublishedPort> wanted = [.. chosen.Where(static port => !port.IsProxied).SelectMany(PortElement.Elementary)];
            List<PublishedPort> unwanted = [.. all.Where(port => port.ContainerId == containerId && !wanted.Remove(port))];
            if (unwanted.Count + wanted.Count == 0)
                return null;
            NftTransaction transaction = new(generation);
            Remove(transaction, unwanted);
            Add(transaction, wanted);
            return transaction;
        });
        return chosen;
    }

    /// <summary>What is published, of all containers; empty when there is no table. A range that changes its numbers appears port by port.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public IReadOnlyList<PublishedPort> List() =>
        [.. FirewallRules.PortMaps.SelectMany(TryListElements).Select(PortElement.TryRead).OfType<PublishedPort>()];

    /// <summary>Removes the table with all that is in it, if it is there.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Remove() => Change(generation =>
    {
        if (!_socket.HasTable(FirewallRules.Table))
            return null;
        NftTransaction transaction = new(generation);
        transaction.DeleteTable(FirewallRules.Table);
        return transaction;
    });

    private static void Add(NftTransaction transaction, IEnumerable<PublishedPort> ports)
    {
        foreach (IGrouping<string, PublishedPort> map in ports.GroupBy(PortElement.MapOf))
            transaction.AddElements(FirewallRules.Table, map.Key, [.. map.Select(PortElement.Write)], exclusive: true);
    }

    private static void Remove(NftTransaction transaction, IEnumerable<PublishedPort> ports)
    {
        foreach (IGrouping<string, PublishedPort> map in ports.GroupBy(PortElement.MapOf))
            transaction.DeleteElements(FirewallRules.Table, map.Key, [.. map.Select(PortElement.Write)]);
    }

    private List<string> BridgesIn(string set) => TryListElements(set).ConvertAll(static element => Encoding.UTF8.GetString(element.Key.AsSpan().TrimEnd((byte)0)));

    private bool IsCurrent() => _socket.TryGetChainComment(FirewallRules.Table, FirewallRules.Forward) == FirewallRules.Version;

    private bool HasBridge(string bridge) =>
        _socket.HasElement(FirewallRules.Table, FirewallRules.Bridges, BridgeElement(FirewallRules.Bridges, bridge));

    // Makes the rules of this version in the place of none or others: elements, and what is the administrator's, stay.
    private void Replace(NftTransaction transaction)
    {
        bool hasAdmin = false;
        List<(string Set, List<NftElement> Elements)> kept = [];
        if (_socket.HasTable(FirewallRules.Table))
        {
            List<string> chains = [.. _socket.ListChains().Where(static chain => chain is { Family: NFPROTO.INET, Table: FirewallRules.Table }).Select(static chain => chain.Name)];
            hasAdmin = chains.Contains(FirewallRules.Admin);
            chains.RemoveAll(IsAdministrators);
            foreach (string chain in chains)
                transaction.DeleteRules(FirewallRules.Table, chain);
            foreach (string chain in chains)
                transaction.DeleteChain(FirewallRules.Table, chain);
            foreach (string set in _socket.ListSets(FirewallRules.Table).Where(static set => !IsAdministrators(set)))
            {
                kept.Add((set, TryListElements(set)));
                transaction.DeleteSet(FirewallRules.Table, set);
            }
        }
        else
        {
            transaction.AddTable(FirewallRules.Table);
        }
        if (!hasAdmin)
            transaction.AddChain(FirewallRules.Table, FirewallRules.Admin);
        FirewallRules.Add(transaction);
        foreach ((string set, List<NftElement> elements) in kept)
        {
            if (FirewallRules.PortMaps.Contains(set) || FirewallRules.BridgeSets.Contains(set))
                transaction.AddElements(FirewallRules.Table, set, elements, exclusive: true);
        }
    }

    private static bool IsAdministrators(string name) => name.StartsWith(FirewallRules.Admin, StringComparison.Ordinal);

    private List<NftElement> TryListElements(string set)
    {
        try
        {
            return _socket.ListElements(FirewallRules.Table, set);
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT)
        {
            return []; // no table, or one of another version that had no such set
        }
    }

    // Reads, decides and commits, again and again until nobody changed a rule between the reading and the commit.
    private void Change(Func<uint, NftTransaction?> decide)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                if (decide(_socket.Generation()) is { } transaction)
                    _socket.Commit(transaction);
                return;
            }
            catch (LinuxException e) when (e.Errno is Errno.ERESTART && attempt < Attempts)
            {
                continue; // somebody was faster: look again
            }
        }
    }

    private static IEnumerable<string> SetsOf(NetworkDefinition network)
    {
        yield return FirewallRules.Bridges;
        yield return FirewallRules.Within;
        if (network.Internal)
            yield return FirewallRules.Internal;
        if (!network.InterContainer)
            yield return FirewallRules.Apart;
        if (network is { Masquerade: true, Internal: false })
            yield return FirewallRules.Masqueraded;
    }

    private static NftElement BridgeElement(string set, string bridge)
    {
        byte[] name = NftExpression.InterfaceNameKey(bridge);
        return new NftElement(set == FirewallRules.Within ? [.. name, .. name] : name, []);
    }
}
