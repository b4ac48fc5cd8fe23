using System.Text.Json;
using Rundlet.Engine.Copies;
using Rundlet.Engine.Operations;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Lifecycle;

/// <summary>
/// Repairs what a crash left, whenever an engine is opened. With nothing to do it reads one folder, two small tables and, for
/// each running container, two files.
/// </summary>
/// <remarks>
/// What can be left, by who was killed:
/// <code>
/// rundlet while creating        a row with a dead claim, perhaps folders          removed
/// rundlet while starting        the supervisor undoes itself; a dead claim        claim dropped, network freed
/// rundlet while removing        a row with a dead claim                           removal finished; with force the container is killed first
/// rundlet while committing      a frozen container and a dead claim               it runs again
/// rundlet while copying         a dead claim; its mounts went with it             claim dropped
/// rundlet while renaming        a dead claim; the supervisor has the old name     told the new one
/// rundlet while updating        a dead claim; spec and cgroup before the row      brought to what the row says
/// supervisor                    a run folder whose supervisor is gone             another one takes the container over
/// supervisor and container      the same, and the first process is gone too       exit recorded; started again if its policy says so,
///                                                                                 else cgroup and network freed
/// rundlet while starting again  a row with a dead claim, which says the how many  started again, unless it was already
///                               eth start it is
/// rundlet of run --rm           a run folder with an exit record                  container removed
/// nobody, on a full disk        a run folder with an exit record                  network freed, exit recorded as soon as there is space
/// nobody, after run -d --rm     a row: the supervisor removed the folders         row removed, network freed
/// rundlet while changing a      a volume's row with a dead claim, files beside    removed, renamed or filled to the end
///   volume                        its data
/// rundlet while making or       a network's row with a dead claim, perhaps a      bridge, rules and row removed
///   removing a network            bridge and rules
/// rundlet while connecting or   a dead claim; interfaces beside the rows          brought to what the rows say
///   disconnecting a network
/// the machine                   a new boot id; /run is empty                      folders without a row removed, and --rm containers
/// </code>
/// A live claim means that somebody is at it: nothing is touched. A repair that fails is tried again by every command, until <c>rm -f</c>.
/// </remarks>
internal static class Reconcile
{
    private const string BootFact = "boot_id";

    /// <summary>Does it for all. A container that cannot be settled is told of in <see cref="ContainerEngine.Warnings"/>, and keeps nobody from the others.</summary>
    public static void Run(ContainerEngine engine)
    {
        HashSet<string> left = [];
        foreach (ContainerRecord record in engine.Containers.Claimed())
        {
            if (!record.Claim!.Owner.IsAlive && !TryAll(engine, () => Claimed(engine, record)))
                left.Add(record.Id);
        }
        foreach (string id in Folders.Names(engine.Paths.LiveContainers))
        {
            if (!left.Contains(id) && !TryAll(engine, () => Live(engine, id)))
                left.Add(id);
        }
        foreach (ContainerRecord record in engine.Containers.Passing())
        {
            if (record.Claim is null && IsGone(engine, record))
                TryAll(engine, () => Attempt(engine, record, "settle", () => Ended(engine, record)));
        }
        foreach ((string? volume, string? network) in engine.ClaimedThings.List())
        {
            if (volume is not null)
                Try(() => engine.Volumes.Repair(volume));
            if (network is not null)
                Try(() => engine.Networks.Repair(network));
        }
        AfterBoot(engine);
    }

    /// <summary>Sets right what the owner of a claim left, which was killed or has given up.</summary>
    /// <exception cref="ContainerException">Conflict: it cannot be done, see the hint.</exception>
    public static void Claimed(ContainerEngine engine, ContainerRecord record) => Attempt(engine, record, record.Claim!.Purpose, () => Abandoned(engine, record));

    /// <summary>What to say of a container whose state file cannot be read.</summary>
    public static ContainerException Damaged(ContainerRecord record, string damage) => Unsettled(record, new ContainerException(ContainerErrorKind.Internal, damage));

    /// <summary>Whether a failure is of one container, and the others can be settled all the same.</summary>
    public static bool IsFailure(Exception error) =>
        error is ContainerException or LinuxException or SpecFormatException or JsonException or IOException or UnauthorizedAccessException;

    private static ContainerException Unsettled(ContainerRecord record, Exception cause) =>
        new(ContainerErrorKind.Conflict, $"container '{record.Name}' cannot be settled", cause) { Hint = $"rundlet rm -f {record.Name} removes it all the same" };

    private static bool TryAll(ContainerEngine engine, Action repair)
    {
        try
        {
            repair();
            return true;
        }
        catch (Exception failed) when (IsFailure(failed))
        {
            engine.Warn(failed);
            return false;
        }
    }

    // A supervisor holds the lock of its run folder as long as it lives: to ask for that costs a tenth of reading the state and looking at
    // the process, and each command does it for all that run.
    private static bool IsSupervised(ContainerEngine engine, string id)
    {
        string folder = engine.Paths.Live(id);
        int fd = Sys.openat(Sys.AT_FDCWD, folder, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
        if (Sys.Is(fd, Errno.ENOENT))
            return false;
        using OwnedFd opened = OwnedFd.FromAnswer(fd, "open", folder);
        return FolderLock.IsHeld(opened.Value, folder);
    }

    private static void Live(ContainerEngine engine, string id)
    {
        if (IsSupervised(engine, id))
            return;
        ContainerStanding standing = ContainerStanding.Read(engine.Paths, id);
        if (!standing.NeedsRepair && (standing.IsRunning || standing.State is not null))
            return;
        if (engine.Containers.Find(id) is not { } record)
            Settle.Stray(engine, id, standing);
        else if (standing.Damage is { } damage)
            throw Damaged(record, damage);
        else if (record.Claim is not { } claim || !claim.Owner.IsAlive)
            Attempt(engine, record, "settle", () => Ended(engine, record));
        else
            Orphan.AwaitOther(engine, record);
    }

    private static void Try(Action repair)
    {
        try
        {
            repair();
        }
        catch (Exception failed) when (failed is ContainerException or LinuxException)
        {
            _ = failed; // ignored: whoever needs the volume or the network tries again, and is told
        }
    }

    private static void RepairNetworks(ContainerEngine engine, ContainerRecord record)
    {
        try
        {
            ConnectNetwork.Repair(engine, record);
        }
        catch (Exception failed) when (failed is ContainerException or LinuxException)
        {
            // Nobody was told that it is on that network: it goes on without, and its next start says why it cannot be.
            _ = failed; // ignored: see above
        }
    }

    /// <summary>The same for one container, where its supervisor was killed.</summary>
    /// <returns>Where it stands then; it may be removed by now.</returns>
    /// <exception cref="ContainerException">Conflict: it cannot be settled, see the hint.</exception>
    public static ContainerStanding One(ContainerEngine engine, ContainerRecord record)
    {
        ContainerStanding standing = engine.StandingOf(record);
        if (standing.Damage is { } damage)
            throw Damaged(record, damage);
        if (standing is { NeedsRepair: false, IsRunning: true } && !Listens(engine, record))
        {
            Operations.Ended.AwaitSupervisor(standing); // what dies closes its socket first
            standing = engine.StandingOf(record);
        }
        if (standing.NeedsRepair)
            Attempt(engine, record, "settle", () => standing = Ended(engine, record));
        return standing.NeedsRepair ? engine.StandingOf(record) : standing;
    }

    /// <summary>The same for a container whose supervisor has ended.</summary>
    public static void Collect(ContainerEngine engine, ContainerRecord record)
    {
        if (Directory.Exists(engine.Paths.Live(record.Id)) || IsGone(engine, record))
            Attempt(engine, record, "settle", () => Ended(engine, record));
    }

    // Its supervisor removed its folders. One that has its folder was never started.
    private static bool IsGone(ContainerEngine engine, ContainerRecord record) =>
        record.AutoRemove && !Directory.Exists(engine.Paths.Live(record.Id)) && !Directory.Exists(engine.Paths.Container(record.Id));

    private static bool Listens(ContainerEngine engine, ContainerRecord record)
    {
        using SupervisorConnection? supervisor = SupervisorConnection.TryOpen(engine.Paths.Live(record.Id));
        return supervisor is not null;
    }

    // Two commands may find the same remnant: the claim makes one of them do the work. The other one leaves it alone, but waits
    // for the supervisor of a container that runs without one: it may be what it was called for.
    // The purpose is kept: when this process is killed too, the next one knows as much.
    private static void Attempt(ContainerEngine engine, ContainerRecord record, string purpose, Action repair)
    {
        try
        {
            engine.Containers.Claim(record, purpose);
        }
        catch (ContainerException e) when (e.Kind is ContainerErrorKind.Conflict or ContainerErrorKind.NotFound)
        {
            if (e.Kind == ContainerErrorKind.Conflict)
                Orphan.AwaitOther(engine, record);
            return;
        }
        try
        {
            repair();
        }
        catch (Exception failed) when (IsFailure(failed))
        {
            engine.Containers.Abandon(record.Id);
            throw Unsettled(record, failed);
        }
    }

    private static void Abandoned(ContainerEngine engine, ContainerRecord record)
    {
        string purpose = record.Claim!.Purpose;
        if (RemoveContainer.IsForced(purpose))
        {
            RemoveContainer.Finish(engine, record, purpose); // whether it runs or not, and whatever its restart policy says
            return;
        }
        // Before it is started again: that is a claim for another purpose, and who is killed then leaves no word of this one.
        if (purpose == RenameContainer.Purpose)
            RenameContainer.Tell(engine, record);
        else if (purpose == UpdateContainer.Purpose)
            UpdateContainer.Repair(engine, record);
        else if (purpose == ConnectNetwork.Purpose)
            RepairNetworks(engine, record);
        ContainerStanding standing = Orphan.Resume(engine, record);
        if (standing.IsRunning)
        {
            // Killed between the start and giving the claim up: the container is whole, though it may have been held still.
            if (purpose == StillContainer.Purpose)
                StillContainer.Release(engine, record);
            engine.Containers.Release(record.Id);
            return;
        }
        if (standing.State is not null && !standing.NeedsRepair)
        {
            // Its supervisor is undoing it. Left to the next command, it would stay as long as this process, which has the claim.
            Operations.Ended.AwaitSupervisor(standing);
            standing = engine.StandingOf(record);
        }
        if (standing.State is not null && !standing.NeedsRepair)
            return;
        Settle.Ended(engine, record, standing);
        if (Orphan.IsStart(purpose, standing, out int restartCount))
        {
            if (standing.RestartCount < restartCount) // else it was started, and has ended since: that is its supervisor's to follow
                Orphan.StartAgain(engine, record, restartCount);
            engine.Containers.Release(record.Id);
            return;
        }
        bool hasRun = standing.Exit is not null || standing.State?.StartedAt is not null;
        bool isHalfMade = purpose is "create" or "run" && !hasRun;
        bool isUnstarted = !hasRun && purpose is ContainerRoot.Purpose or RenameContainer.Purpose or UpdateContainer.Purpose or ConnectNetwork.Purpose;
        if ((record.AutoRemove && !isUnstarted) || isHalfMade || purpose is RemoveContainer.Purpose or RemoveContainer.PurposeWithVolumes)
            Settle.Remove(engine, record, withVolumes: purpose != RemoveContainer.Purpose || record.AutoRemove);
        else
            engine.Containers.Release(record.Id);
    }

    private static ContainerStanding Ended(ContainerEngine engine, ContainerRecord record)
    {
        // Read again under the claim: somebody may have started it since.
        ContainerStanding standing = Orphan.Resume(engine, record);
        bool isOver = !standing.IsRunning && (standing.State is null || standing.NeedsRepair);
        if (isOver)
            Settle.Ended(engine, record, standing);
        if (isOver && record.AutoRemove)
            Settle.Remove(engine, record, withVolumes: true);
        else
            engine.Containers.Release(record.Id);
        return standing;
    }

    // What a container left that ran when the machine went down does not say when that was: about now.
    private static void FindLost(ContainerEngine engine, ContainerRecord record)
    {
        if (engine.StandingOf(record) is { State: null, Exit: { IsLost: true } exit })
            _ = Settle.TryRecord(engine, record, exit.FoundAt(DateTimeOffset.UtcNow)); // ignored: on a full disk it stays as it is
    }

    private static void AfterBoot(ContainerEngine engine)
    {
        string boot = FileIo.TryReadText("/proc/sys/kernel/random/boot_id")?.Trim() ?? "";
        if (engine.Facts[BootFact] == boot)
            return;
        HashSet<string> known = [];
        foreach (ContainerRecord record in engine.Containers.List())
        {
            known.Add(record.Id);
            TryAll(engine, () => FindLost(engine, record));
            if (record is { AutoRemove: true, Claim: null } && !Directory.Exists(engine.Paths.Live(record.Id)))
                TryAll(engine, () => Attempt(engine, record, "settle", () => Ended(engine, record)));
        }
        foreach (string id in Folders.Names(engine.Paths.Containers))
        {
            if (!known.Contains(id) && engine.Containers.Find(id) is null)
                TryAll(engine, () => Folders.Remove(engine.Paths.Containers, id));
        }
        engine.Facts.Set(BootFact, boot);
    }
}
