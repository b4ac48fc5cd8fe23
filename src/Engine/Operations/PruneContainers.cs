using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Images.Snapshots;
using Rundlet.Linux;

namespace Rundlet.Engine.Operations;

/// <summary>Removes containers that do not run.</summary>
public static class PruneContainers
{
    /// <summary>Keys of conditions.</summary>
    public static IReadOnlyList<string> Keys { get; } = ["label", "until"];

    /// <summary>Removes them.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="filters">Conditions as <c>key=value</c>; all must hold.</param>
    /// <param name="now">What spans in conditions are counted back from.</param>
    /// <returns>Ids of those that are gone, and the bytes that they had written.</returns>
    /// <exception cref="ContainerException">InvalidArgument: a condition is none.</exception>
    public static (IReadOnlyList<string> Ids, long Bytes) Run(ContainerEngine engine, IReadOnlyList<string> filters, DateTimeOffset now)
    {
        List<Func<ContainerRecord, bool>> conditions = [.. FilterOption.Parse(filters, Keys).Select(filter => ConditionOf(filter, now))];
        List<string> gone = [];
        long bytes = 0;
        foreach (ContainerRecord record in engine.Containers.List())
        {
            if (record.Claim is not null || engine.StandingOf(record).IsRunning || !conditions.TrueForAll(condition => condition(record)))
                continue;
            long size = WritableSize.Of(engine.Paths.Container(record.Id));
            try
            {
                RemoveContainer.Run(engine, record, force: false);
            }
            catch (ContainerException e) when (e.Kind is ContainerErrorKind.Conflict or ContainerErrorKind.NotFound)
            {
                continue; // somebody has just started or removed it
            }
            gone.Add(record.Id);
            bytes += size;
        }
        engine.Events.Pruned("container", bytes);
        return (gone, bytes);
    }

    private static Func<ContainerRecord, bool> ConditionOf(FilterOption filter, DateTimeOffset now)
    {
        if (filter.Key == "label")
            return record => filter.MatchesLabels(InspectContainer.OptionsOf(record).Labels);
        DateTimeOffset until = MomentOption.Parse(filter.Value, now);
        return record => record.Created < until;
    }
}
