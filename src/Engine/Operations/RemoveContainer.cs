using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Operations;

/// <summary>Removes a container with its writable layer and its logs.</summary>
public static class RemoveContainer
{
    /// <summary>Purposes of the claim on a container that is being removed.</summary>
    internal const string Purpose = "remove", PurposeWithVolumes = "remove with volumes";

    /// <summary>Removes it.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="force">Whether one that runs is killed first.</param>
    /// <param name="withVolumes">Whether the volumes without a name go that it alone used.</param>
    /// <exception cref="ContainerException">Conflict: it runs, or another command is at it.</exception>
    public static void Run(ContainerEngine engine, ContainerRecord record, bool force, bool withVolumes = false)
    {
        record = Claims.Take(engine, record, withVolumes ? PurposeWithVolumes : Purpose);
        ContainerStanding standing = engine.StandingOf(record);
        if (standing.IsRunning || (standing.State is not null && standing.Exit is null && !standing.NeedsRepair))
        {
            if (!force)
            {
                engine.Containers.Release(record.Id);
                throw new ContainerException(ContainerErrorKind.Conflict, $"container '{record.Name}' is {(standing.Phase == ContainerPhase.Restarting ? "restarting" : "running")}")
                {
                    Hint = $"stop it first (rundlet stop {record.Name}), or force it: rundlet rm -f {record.Name}",
                };
            }
            Kill(engine, record);
            standing = engine.StandingOf(record);
        }
        Ended.AwaitSupervisor(standing);
        Settle.Ended(engine, record with { AutoRemove = true }, engine.StandingOf(record));
        Settle.Remove(engine, record, withVolumes || record.AutoRemove);
    }

    private static void Kill(ContainerEngine engine, ContainerRecord record)
    {
        using SupervisorConnection? supervisor = SupervisorConnection.TryOpen(engine.Paths.Live(record.Id));
        if (supervisor is not null)
            Ended.Await(() => supervisor.Stop(SIG.KILL, 0));
    }
}
