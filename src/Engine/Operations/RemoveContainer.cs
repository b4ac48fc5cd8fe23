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

    // And on one that is killed first, where it runs: whoever takes such a claim over does that too.
    private const string ForcedPurpose = "kill and remove", ForcedPurposeWithVolumes = "kill and remove with volumes";
    private const int SupervisorMilliseconds = 10_000;

    /// <summary>Removes it.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="force">Whether one that runs is killed first, and one goes of which something cannot be undone.</param>
    /// <param name="withVolumes">Whether the volumes without a name go that it alone used.</param>
    /// <returns>With force: what is left of it, and why; a sentence each.</returns>
    /// <exception cref="ContainerException">Conflict: it runs, cannot be settled, or another command is at it.</exception>
    public static IReadOnlyList<string> Run(ContainerEngine engine, ContainerRecord record, bool force, bool withVolumes = false)
    {
        string purpose = (force, withVolumes) switch
        {
            (false, false) => Purpose,
            (false, true) => PurposeWithVolumes,
            (true, false) => ForcedPurpose,
            _ => ForcedPurposeWithVolumes,
        };
        record = Claims.Take(engine, record, purpose, force);
        if (!force && engine.StandingOf(record) is var standing && Lives(standing))
        {
            engine.Containers.Release(record.Id);
            throw new ContainerException(ContainerErrorKind.Conflict, $"container '{record.Name}' is {(standing.Phase == ContainerPhase.Restarting ? "restarting" : "running")}")
            {
                Hint = $"stop it first (rundlet stop {record.Name}), or force it: rundlet rm -f {record.Name}",
            };
        }
        return Finish(engine, record, purpose);
    }

    /// <summary>Whether a claim is for the removal of a container that may run.</summary>
    internal static bool IsForced(string purpose) => purpose is ForcedPurpose or ForcedPurposeWithVolumes;

    /// <summary>Whether a claim is for a removal.</summary>
    internal static bool IsRemoval(string purpose) => IsForced(purpose) || purpose is Purpose or PurposeWithVolumes;

    /// <summary>Does what a claim is for.</summary>
    /// <returns>What is left of it, and why; a sentence each.</returns>
    internal static IReadOnlyList<string> Finish(ContainerEngine engine, ContainerRecord record, string purpose)
    {
        List<string>? left = IsForced(purpose) ? [] : null;
        ContainerStanding standing = engine.StandingOf(record);
        if (left is not null && (Lives(standing) || standing.Damage is not null))
            Settle.Step(left, () => Kill(engine, record));
        if (standing.Damage is null)
            Ended.AwaitSupervisor(engine.StandingOf(record));
        else
            Settle.Step(left, () => AwaitSupervisor(engine.Paths.Live(record.Id)));
        Settle.Ended(engine, record with { AutoRemove = true }, engine.StandingOf(record), left: left);
        Settle.Remove(engine, record, purpose is PurposeWithVolumes or ForcedPurposeWithVolumes || record.AutoRemove, left);
        return left ?? [];
    }

    private static bool Lives(ContainerStanding standing) => standing.IsRunning || (standing.State is not null && standing.Exit is null && !standing.NeedsRepair);

    private static void Kill(ContainerEngine engine, ContainerRecord record)
    {
        using SupervisorConnection? supervisor = SupervisorConnection.TryOpen(engine.Paths.Live(record.Id));
        if (supervisor is not null)
            Ended.Await(() => supervisor.Stop(SIG.KILL, 0));
    }

    // One whose pid is not known: it has the lock of the run folder as long as it lives.
    private static void AwaitSupervisor(string runFolder)
    {
        int answer = Sys.openat(Sys.AT_FDCWD, runFolder, O.RDONLY | O.DIRECTORY);
        if (Sys.Is(answer, Errno.ENOENT))
            return;
        using OwnedFd folder = OwnedFd.FromAnswer(answer, "open", runFolder);
        if (!FolderLock.Take(folder.Value, runFolder, SupervisorMilliseconds))
            throw new ContainerException(ContainerErrorKind.Unavailable, "its supervisor does not end");
    }
}
