using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.State;

namespace Rundlet.Engine.Operations;

/// <summary>Lists containers.</summary>
public static class ListContainers
{
    // Above this, one query for all rows is cheaper than one for each.
    private const int FewRows = 64;

    /// <summary>The containers, the newest first.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="all">Whether those that do not run are among them.</param>
    /// <param name="filter">Only such; null for no condition.</param>
    /// <param name="last">Only so many of the last that were made, whether they run or not; null for any number.</param>
    public static List<ContainerSummary> Run(ContainerEngine engine, bool all, ContainerFilter? filter = null, int? last = null)
    {
        bool everyone = all || last is not null || filter is { MeansAll: true };
        List<ContainerSummary> containers = [];
        foreach (ContainerRecord record in everyone ? engine.Containers.List() : Live(engine))
        {
            if (containers.Count == last)
                break;
            if (filter?.Matches(record) == false)
                continue;
            ContainerStanding standing = engine.StandingOf(record);
            if ((!everyone && !standing.IsRunning && standing.Damage is null) || filter?.Matches(record, standing) == false)
                continue;
            var container = new ContainerSummary(engine, record, standing);
            if (filter?.Matches(container) != false)
                containers.Add(container);
        }
        return containers;
    }

    // Only what has a run folder can run: the rows of the others need not be read.
    private static List<ContainerRecord> Live(ContainerEngine engine)
    {
        List<string> ids = Folders.Names(engine.Paths.LiveContainers);
        if (ids.Count > FewRows)
        {
            HashSet<string> live = [.. ids];
            return [.. engine.Containers.List().Where(record => live.Contains(record.Id))];
        }
        return [.. ids.Select(engine.Containers.Find).OfType<ContainerRecord>().OrderByDescending(record => record.Created).ThenBy(record => record.Id, StringComparer.Ordinal)];
    }
}
