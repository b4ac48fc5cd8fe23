using Rundlet.Engine.Processes;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Linux.Cgroups;

namespace Rundlet.Engine.Operations;

/// <summary>The processes of a container, as the host sees them: nothing of the container is run, and none of its files is read.</summary>
public static class TopContainer
{
    /// <summary>Reads them, in the order of their pids.</summary>
    /// <exception cref="ContainerException">Conflict: it does not run.</exception>
    public static List<ProcessRow> Run(ContainerEngine engine, ContainerRecord record)
    {
        if (engine.StandingOf(record) is not { IsRunning: true, State: { } state })
            throw new ContainerException(ContainerErrorKind.Conflict, $"container '{record.Name}' is not running") { Hint = $"start it: rundlet start {record.Name}" };
        using Cgroup cgroup = Cgroup.FromPaths(state.Cgroups);
        List<int> pids = [.. cgroup.Pids()];
        pids.Sort();
        List<ProcessRow> rows = [.. pids.Select(ProcessRow.TryRead).OfType<ProcessRow>()];
        engine.Events.Container("top", record);
        return rows;
    }
}
