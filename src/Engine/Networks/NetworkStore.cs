using Rundlet.Engine.Events;
using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Network;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Networks;

/// <summary>
/// The networks of an engine. The row is the network; what the kernel has of it follows the row and can be made again at any time:
/// <code>
///   create   row, claimed ─► bridge and rules ─► claim given up      killed in between: removed by the next command
///   rm       claim ─► bridge, rules, reservations removed ─► row     killed in between: finished by the next command
/// </code>
/// Who meets a claim waits, unless the owner was killed: then it repairs what was left, as every command does that opens an engine
/// (<see cref="Reconcile"/>). No container is on a network that is claimed.
/// </summary>
public sealed class NetworkStore
{
    private readonly Database _database;
    private readonly EngineEvents _events;
    private readonly Func<ContainerNetwork> _kernel;

    internal NetworkStore(Database database, EngineEvents events, Func<ContainerNetwork> kernel)
    {
        _database = database;
        _events = events;
        _kernel = kernel;
        Table = new NetworkTable(database);
    }

    internal NetworkTable Table { get; }

    /// <summary>All networks by name, the built-in ones too.</summary>
    public IReadOnlyList<NetworkRecord> List() => Table.List();

    /// <summary>Finds a network by its name, its id, or the beginning of its id.</summary>
    /// <exception cref="ContainerException">NotFound, with what may have been meant; InvalidArgument for a beginning that several ids have.</exception>
    public NetworkRecord Get(string reference) => Table.Get(reference == BuiltInNetworks.Default ? BuiltInNetworks.Bridge : reference);

    /// <summary>The name of the network whose state is in that folder of <see cref="EnginePaths.Networks"/>; null where there is none any more.</summary>
    public string? TryNameOf(string folder) => Table.Find(NetworkDefinitions.IdOf(folder))?.Name;

    /// <summary>Makes a network.</summary>
    /// <param name="wanted">What it is to be; subnets that it does not name are chosen.</param>
    /// <param name="ignore">Whether one of its name is no error, and stays as it is.</param>
    /// <returns>The network as it is.</returns>
    /// <exception cref="ContainerException">
    /// InvalidArgument: it cannot be; AlreadyExists: the name is taken; Conflict: its subnet is somebody's; Unavailable: no subnet is free.
    /// </exception>
    public NetworkRecord Create(NetworkRecord wanted, bool ignore = false)
    {
        NetworkName.Validate(wanted.Name);
        wanted.Options.Validate(wanted.Driver);
        NetworkRecord made;
        try
        {
            made = WhenFree(() => _database.Transact(durable: true, () => Insert(wanted)));
        }
        catch (ContainerException taken) when (ignore && taken.Kind == ContainerErrorKind.AlreadyExists)
        {
            return Get(wanted.Name);
        }
        try
        {
            _kernel().Ensure(NetworkDefinitions.Of(made));
        }
        catch (Exception failed) when (failed is ContainerException or LinuxException)
        {
            FinishRemoval(made, tells: false);
            throw new ContainerException((failed as ContainerException)?.Kind ?? ContainerErrorKind.Internal, $"create network '{made.Name}'", failed);
        }
        Table.Release(made.Id);
        Tell("create", made);
        return made;
    }

    /// <summary>Removes a network that no container is on.</summary>
    /// <exception cref="ContainerException">NotFound; Conflict: containers are on it, or it is built in.</exception>
    public void Remove(NetworkRecord network)
    {
        if (BuiltInNetworks.Contains(network.Name))
            throw new ContainerException(ContainerErrorKind.Conflict, $"network '{network.Name}' is built in, and cannot be removed");
        FinishRemoval(WhenFree(() => Table.ClaimRemoval(network.Id)), tells: true);
    }

    /// <summary>Does something as soon as no network that it meets is claimed.</summary>
    internal T WhenFree<T>(Func<T> work)
    {
        while (true)
        {
            try
            {
                return work();
            }
            catch (BusyNetwork busy)
            {
                Claims.AwaitOwner(busy.Network.Claim!.Owner);
                Repair(busy.Network.Id);
            }
        }
    }

    /// <summary>Sets right what a killed owner of a claim left; does nothing while it lives.</summary>
    internal void Repair(string id)
    {
        if (Table.TakeOver(id) is { } network)
            FinishRemoval(network, tells: network.Claim!.Purpose == NetworkClaim.Remove);
    }

    /// <summary>Says in the event log what happened to a network.</summary>
    internal void Tell(string action, NetworkRecord network) =>
        _events.Network(action, network.Id, new KeyValuePair<string, string>("name", network.Name), new KeyValuePair<string, string>("type", network.Driver));

    /// <summary>Says in the event log that a container was put on a network, or taken off it.</summary>
    internal void Tell(string action, string id, string name, string driver, string container) => _events.Network(
        action, id, new KeyValuePair<string, string>("container", container), new KeyValuePair<string, string>("name", name), new KeyValuePair<string, string>("type", driver));

    // In the transaction in which it gets its row: of two that are made at once, the other sees what this one has taken.
    private NetworkRecord Insert(NetworkRecord wanted)
    {
        Table.RequireFree(wanted.Name);
        NetworkRecord chosen = wanted with { Options = NetworkSubnets.Choose(_kernel(), wanted, Table.List()) };
        Table.Insert(chosen);
        return chosen;
    }

    // The caller has the claim.
    private void FinishRemoval(NetworkRecord network, bool tells)
    {
        try
        {
            _kernel().RemoveNetwork(NetworkDefinitions.Of(network));
        }
        catch
        {
            Table.Abandon(network.Id); // half of it may be gone: it is no network any more, and the next command tries again
            throw;
        }
        Table.Delete(network.Id);
        if (tells)
            Tell("destroy", network);
    }
}
