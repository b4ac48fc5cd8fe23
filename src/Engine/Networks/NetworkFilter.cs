using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Linux;

namespace Rundlet.Engine.Networks;

/// <summary>Conditions on networks, as docker's: those of one key are alternatives, but labels must all hold; all keys must hold.</summary>
internal sealed class NetworkFilter
{
    /// <summary>The keys of <c>network ls</c>.</summary>
    public static readonly IReadOnlyList<string> ListKeys = ["dangling", "driver", "id", "label", "name", "scope", "type", "until"];

    /// <summary>The keys of <c>network prune</c>.</summary>
    public static readonly IReadOnlyList<string> PruneKeys = ["label", "until"];

    private readonly List<Func<NetworkRecord, bool>> _conditions = [];

    /// <summary>Reads conditions.</summary>
    /// <param name="filters">What the user wrote.</param>
    /// <param name="keys">One of the lists here.</param>
    /// <param name="isUsed">Whether a container is on the network of an id.</param>
    /// <param name="now">What spans are counted back from.</param>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static NetworkFilter Parse(IReadOnlyList<string> filters, IReadOnlyList<string> keys, Func<string, bool> isUsed, DateTimeOffset now)
    {
        NetworkFilter filter = new();
        foreach (IGrouping<string, FilterOption> same in FilterOption.Parse(filters, keys).GroupBy(option => option.Key))
        {
            // What must not be must not be in any case: only what may be has alternatives.
            foreach (FilterOption option in same.Where(option => option.IsNegated || option.Key == "label"))
                filter._conditions.Add(ConditionOf(option, isUsed, now));
            List<Func<NetworkRecord, bool>> alternatives = [.. same.Where(option => !option.IsNegated && option.Key != "label").Select(option => ConditionOf(option, isUsed, now))];
            if (alternatives.Count > 0)
                filter._conditions.Add(network => alternatives.Exists(condition => condition(network)));
        }
        return filter;
    }

    /// <summary>Whether all hold.</summary>
    public bool Matches(NetworkRecord network) => _conditions.TrueForAll(condition => condition(network));

    private static Func<NetworkRecord, bool> ConditionOf(FilterOption option, Func<string, bool> isUsed, DateTimeOffset now)
    {
        string value = option.Value;
        switch (option.Key)
        {
            case "dangling":
                bool dangling = option.Truth;
                return network => (!BuiltInNetworks.Contains(network.Name) && !isUsed(network.Id)) == dangling;
            case "label":
                return network => option.MatchesLabels(network.Labels);
            case "type":
                if (value is not ("builtin" or "custom"))
                    throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid filter 'type={value}'") { Hint = "there are builtin and custom" };
                return network => (BuiltInNetworks.Contains(network.Name) == (value == "builtin")) != option.IsNegated;
            case "until":
                DateTimeOffset until = MomentOption.Parse(value, now);
                return network => network.Created < until != option.IsNegated;
            default:
                return network => Matches(option.Key, value, network) != option.IsNegated;
        }
    }

    private static bool Matches(string key, string value, NetworkRecord network) => key switch
    {
        "driver" => network.Driver == value,
        "id" => network.Id.StartsWith(value, StringComparison.Ordinal),
        "name" => network.Name.Contains(value, StringComparison.Ordinal),
        _ => value == "local",
    };
}
