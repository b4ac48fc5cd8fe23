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
    private const int Attempts = 100; // each failed one means that somebody else's change succeeded

    private readonly NftSocket _socket;

    private FirewallTable(NftSocket socket) => _socket = socket;

    /// <summary>Opens the firewall of the calling thread's network namespace; changes nothing.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static FirewallTable Open() => new(NftSocket.Open());

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    /// <summary>
    /// Sees to it that the table is there with this version's rules, and that the bridge is in it. A table of another
    /// version is replaced at one stroke; what is published stays published.
    /// </summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Ensure(string bridge)
    {
        string? version = _socket.TryGetTableComment(FirewallRules.Table);
        if (version == FirewallRules.Version && HasBridge(bridge))
            return;
        Change(generation =>
        {
            NftTransaction transaction = new(generation);
            Prepare(transaction);
            transaction.AddElements(FirewallRules.Table, FirewallRules.Bridges, [BridgeElement(bridge)], exclusive: false);
            transaction.AddElements(FirewallRules.Table, FirewallRules.Within, [WithinElement(bridge)], exclusive: false);
            return transaction;
        });
    }

    /// <summary>Takes a bridge out of the table.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Forget(string bridge) => Change(generation =>
    {
        if (!Exists() || !HasBridge(bridge))
            return null;
        NftTransaction transaction = new(generation);
        transaction.DeleteElements(FirewallRules.Table, FirewallRules.Bridges, [BridgeElement(bridge)]);
        transaction.DeleteElements(FirewallRules.Table, FirewallRules.Within, [WithinElement(bridge)]);
        return transaction;
    });

    /// <summary>Publishes ports, all or none.</summary>
    /// <param name="choose">
    /// Chooses them, given what is published already; may be called again when that changed meanwhile.
    /// </param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    /// <exception cref="ContainerException">As <paramref name="choose"/> throws.</exception>
    public IReadOnlyList<PublishedPort> Publish(Func<IReadOnlyList<PublishedPort>, IReadOnlyList<PublishedPort>> choose)
    {
        IReadOnlyList<PublishedPort> chosen = [];
        Change(generation =>
        {
            chosen = choose(List());
            if (chosen.Count == 0)
                return null;
            NftTransaction transaction = new(generation);
            foreach (IGrouping<string, PublishedPort> map in chosen.GroupBy(PortElement.MapOf))
                transaction.AddElements(FirewallRules.Table, map.Key, [.. map.Select(PortElement.Write)], exclusive: true);
            return transaction;
        });
        return chosen;
    }

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
            foreach (IGrouping<string, PublishedPort> map in unwanted.GroupBy(PortElement.MapOf))
                transaction.DeleteElements(FirewallRules.Table, map.Key, [.. map.Select(PortElement.Write)]);
            return transaction;
        });
        return unwanted;
    }

    /// <summary>What is published, of all containers; empty when there is no table.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public IReadOnlyList<PublishedPort> List()
    {
        if (!Exists())
            return [];
        List<PublishedPort> ports = [];
        foreach (string map in (ReadOnlySpan<string>)[FirewallRules.Published, FirewallRules.PublishedAt])
        {
            foreach (NftElement element in _socket.ListElements(FirewallRules.Table, map))
            {
                if (PortElement.TryRead(element) is { } port)
                    ports.Add(port);
            }
        }
        return ports;
    }

    /// <summary>Removes the table, if it is there.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Remove() => Change(generation =>
    {
        if (!Exists())
            return null;
        NftTransaction transaction = new(generation);
        transaction.DeleteTable(FirewallRules.Table);
        return transaction;
    });

    private bool Exists() => _socket.TryGetTableComment(FirewallRules.Table) is not null;

    private bool HasBridge(string bridge)
    {
        byte[] key = NftExpression.InterfaceNameKey(bridge);
        return _socket.ListElements(FirewallRules.Table, FirewallRules.Bridges).Exists(element => element.Key.AsSpan().SequenceEqual(key));
    }

    // Adds what brings the table to this version: nothing, all of it, or all of it in the place of an old one.
    private void Prepare(NftTransaction transaction)
    {
        string? version = _socket.TryGetTableComment(FirewallRules.Table);
        if (version == FirewallRules.Version)
            return;
        if (version is null)
        {
            FirewallRules.Add(transaction);
            return;
        }
        string[] sets = [FirewallRules.Bridges, FirewallRules.Within, FirewallRules.Published, FirewallRules.PublishedAt];
        List<NftElement>[] kept = Array.ConvertAll(sets, TryListElements);
        transaction.DeleteTable(FirewallRules.Table);
        FirewallRules.Add(transaction);
        for (int i = 0; i < sets.Length; i++)
            transaction.AddElements(FirewallRules.Table, sets[i], kept[i], exclusive: true);
    }

    private List<NftElement> TryListElements(string set)
    {
        try
        {
            return _socket.ListElements(FirewallRules.Table, set);
        }
        catch (LinuxException e) when (e.Errno == Errno.ENOENT)
        {
            return []; // an older version had no such set
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

    private static NftElement BridgeElement(string bridge) => new(NftExpression.InterfaceNameKey(bridge), []);

    private static NftElement WithinElement(string bridge)
    {
        byte[] name = NftExpression.InterfaceNameKey(bridge);
        return new NftElement([.. name, .. name], []);
    }
}
