using Rundlet.Engine.Networks;
using Rundlet.Engine.State;
using Rundlet.Linux;

namespace Rundlet.Engine.Operations;

/// <summary>Removes networks that no container is on.</summary>
public static class PruneNetworks
{
    /// <summary>Removes them.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="filters">Conditions as <c>key=value</c>; all must hold.</param>
    /// <param name="now">What spans in conditions are counted back from.</param>
    /// <returns>Names of those that are gone.</returns>
    /// <exception cref="ContainerException">InvalidArgument: a condition is none; others: one could not be removed.</exception>
    public static IReadOnlyList<string> Run(ContainerEngine engine, IReadOnlyList<string> filters, DateTimeOffset now)
    {
        HashSet<string> used = engine.Networks.Table.Used();
        NetworkFilter filter = NetworkFilter.Parse(filters, NetworkFilter.PruneKeys, used.Contains, now);
        List<string> gone = [];
        foreach (NetworkRecord network in engine.Networks.List())
        {
            if (BuiltInNetworks.Contains(network.Name) || used.Contains(network.Id) || network.Claim is not null || !filter.Matches(network))
                continue;
            try
            {
                engine.Networks.Remove(network);
            }
            catch (ContainerException e) when (e.Kind is ContainerErrorKind.Conflict or ContainerErrorKind.NotFound)
            {
                continue; // a container has come that is on it, or somebody else removed it
            }
            gone.Add(network.Name);
        }
        engine.Events.Pruned("network", 0);
        return gone;
    }
}
