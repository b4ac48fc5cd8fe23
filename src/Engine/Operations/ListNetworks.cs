using Rundlet.Engine.Networks;
using Rundlet.Engine.State;

namespace Rundlet.Engine.Operations;

/// <summary>Lists networks.</summary>
public static class ListNetworks
{
    /// <summary>Keys of conditions.</summary>
    public static IReadOnlyList<string> Keys => NetworkFilter.ListKeys;

    /// <summary>Networks that meet all conditions, by name.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="filters">Conditions as <c>key=value</c>; see <see cref="Keys"/>.</param>
    /// <param name="now">What spans in conditions are counted back from.</param>
    /// <exception cref="Linux.ContainerException">InvalidArgument: a condition is none.</exception>
    public static List<NetworkRecord> Run(ContainerEngine engine, IReadOnlyList<string> filters, DateTimeOffset now)
    {
        HashSet<string> used = filters.Count > 0 ? engine.Networks.Table.Used() : [];
        NetworkFilter filter = NetworkFilter.Parse(filters, Keys, used.Contains, now);
        return [.. engine.Networks.List().Where(filter.Matches)];
    }
}
