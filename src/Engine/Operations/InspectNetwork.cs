using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Networks;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;

namespace Rundlet.Engine.Operations;

/// <summary>Everything about one network.</summary>
/// <param name="Network">Its row.</param>
/// <param name="Subnets">Its subnets; those of the default network as they were chosen, none while nobody has used it.</param>
/// <param name="Containers">The running containers on it, and how they hang there.</param>
public sealed record InspectNetwork(NetworkRecord Network, IReadOnlyList<SubnetOptions> Subnets, IReadOnlyList<(ContainerRecord Container, EndpointNote Endpoint)> Containers)
{
    /// <summary>Looks.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="network">The network.</param>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    public static InspectNetwork Run(ContainerEngine engine, NetworkRecord network)
    {
        List<(ContainerRecord, EndpointNote)> containers = [];
        string libraryId = NetworkDefinitions.LibraryIdOf(network.Id);
        foreach (string id in Folders.Names(engine.Paths.LiveContainers))
        {
            if (NetworkNote.TryRead(engine.Paths, id) is not { } note || engine.Containers.Find(id) is not { } record || !engine.StandingOf(record).IsRunning)
                continue;
            if (note.On(libraryId) is { } endpoint)
                containers.Add((record, endpoint));
            else if (note.Mode == network.Name && !note.IsOurs)
                containers.Add((record, new EndpointNote(libraryId, network.Name, "")));
        }
        containers.Sort(static (one, other) => string.CompareOrdinal(one.Item1.Id, other.Item1.Id));
        IReadOnlyList<SubnetOptions> subnets = network.Id == BuiltInNetworks.BridgeId ? NetworkSubnets.OfDefault(engine) : network.Options.Subnets;
        return new InspectNetwork(network, subnets, containers);
    }
}
