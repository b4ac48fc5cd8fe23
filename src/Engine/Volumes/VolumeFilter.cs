using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Linux;

namespace Rundlet.Engine.Volumes;

/// <summary>Conditions on volumes; all must hold.</summary>
internal sealed class VolumeFilter
{
    /// <summary>The keys of <c>volume ls</c>.</summary>
    public static readonly IReadOnlyList<string> ListKeys = ["dangling", "driver", "label", "name"];

    /// <summary>The keys of <c>volume prune</c>.</summary>
    public static readonly IReadOnlyList<string> PruneKeys = ["all", "label", "until"];

    private readonly List<Func<VolumeRecord, bool>> _conditions;

    private VolumeFilter(List<Func<VolumeRecord, bool>> conditions) => _conditions = conditions;

    /// <summary>Whether <c>all=true</c> is among them.</summary>
    public bool All { get; private init; }

    /// <summary>Reads conditions.</summary>
    /// <param name="filters">What the user wrote.</param>
    /// <param name="keys">One of the lists here.</param>
    /// <param name="isUsed">Whether a container uses the volume of a name.</param>
    /// <param name="now">What spans are counted back from.</param>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static VolumeFilter Parse(IReadOnlyList<string> filters, IReadOnlyList<string> keys, Func<string, bool> isUsed, DateTimeOffset now)
    {
        IReadOnlyList<FilterOption> parsed = FilterOption.Parse(filters, keys);
        // Of several names or drivers one is enough, as docker has it; of labels all must be there.
        List<Func<VolumeRecord, bool>> conditions =
        [
            .. parsed.Where(filter => filter.Key is not ("name" or "driver" or "all")).Select(filter => ConditionOf(filter, isUsed, now)),
            .. parsed.Where(filter => filter.Key is "name" or "driver").GroupBy(filter => filter.Key)
                .Select(group => (Func<VolumeRecord, bool>)(volume => group.Any(filter => ConditionOf(filter, isUsed, now)(volume)))),
        ];
        return new VolumeFilter(conditions) { All = parsed.Any(filter => filter.Key == "all" && filter.Truth) };
    }

    /// <summary>Whether all hold.</summary>
    public bool Matches(VolumeRecord volume) => _conditions.TrueForAll(condition => condition(volume));

    private static Func<VolumeRecord, bool> ConditionOf(FilterOption filter, Func<string, bool> isUsed, DateTimeOffset now)
    {
        switch (filter.Key)
        {
            case "dangling":
                bool dangling = filter.Truth;
                return volume => isUsed(volume.Name) != dangling;
            case "driver":
                return _ => (filter.Value == VolumeOptions.LocalDriver) != filter.IsNegated;
            case "label":
                return volume => filter.MatchesLabels(volume.Labels);
            case "name":
                return volume => volume.Name.Contains(filter.Value, StringComparison.Ordinal) != filter.IsNegated;
            default:
                DateTimeOffset until = MomentOption.Parse(filter.Value, now);
                return volume => volume.Created < until != filter.IsNegated;
        }
    }
}
