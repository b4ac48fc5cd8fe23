using System.Text;
using System.Text.Json;
using Rundlet.Engine.Networks;
using Rundlet.Engine.Operations;
using Rundlet.Engine.Options;
using Rundlet.Engine.Specs;
using Rundlet.Engine.State;
using Rundlet.Engine.Volumes;
using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Lifecycle;

/// <summary>What comes after the end of a container, whoever saw it end; every step may have been done before.</summary>
internal static class Settle
{
    /// <summary>
    /// Puts the exit on record, ends what is left of the processes, frees network and run folder. The caller holds the claim,
    /// and no supervisor lives. Where the disk is too full for the record, the run folder stays, which still tells the exit: the next command
    /// tries again.
    /// </summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="standing">Where it stands.</param>
    /// <param name="mustRecord">False where it is started next, which ends the record anyway: then nothing is left of the run before.</param>
    /// <param name="left">Gets what could not be done, of one that is removed by force; null where that is an error.</param>
    /// <exception cref="ContainerException">A step failed.</exception>
    public static void Ended(ContainerEngine engine, ContainerRecord record, ContainerStanding standing, bool mustRecord = true, List<string>? left = null)
    {
        ExitRecord? exit = standing.Exit;
        bool isRetry = record.Claim is { IsAbandoned: true };
        if (exit is null && standing.State is { } state)
            Step(left, () => exit = Orphan.EndOf(state, isRetry));
        else if (exit is null)
            Step(left, () => RemoveCgroup(record.Id, CgroupParentOf(record), isRetry));
        ForgetAtRuntime(engine, record.Id);
        Step(left, () => engine.Volumes.DetachUnused(record.Id));
        // Before the record, which may have to wait for space: ports and address of what does not run must not. Without the note nobody
        // knows how far the start came.
        NetworkNote? network = null;
        Step(left, () => network = NetworkNote.TryRead(engine.Paths, record.Id));
        if (network is null or { IsOurs: true })
            Step(left, () => LeaveNetworks(engine, record.Id, isRetry || IsAhead(record.Claim) ? null : network));
        if (!record.AutoRemove && standing.State is not null && exit is not null && !TryRecord(engine, record, exit) && mustRecord)
            return;
        foreach (EndpointNote endpoint in network?.Endpoints ?? [])
            engine.Networks.Tell("disconnect", NetworkDefinitions.IdOf(endpoint.NetworkId), endpoint.Name, endpoint.Driver, record.Id);
        if (!record.AutoRemove)
            KeepHealth(engine, record.Id);
        Step(left, () => Folders.Remove(engine.Paths.LiveContainers, record.Id));
    }

    /// <summary>Ends and frees what a run folder without a row tells of.</summary>
    public static void Stray(ContainerEngine engine, string id, ContainerStanding standing)
    {
        if (standing.State is { } state)
            Orphan.EndOf(state);
        else
            RemoveCgroup(id, parent: null);
        ForgetAtRuntime(engine, id);
        LeaveNetworks(engine, id, NetworkNote.TryRead(engine.Paths, id));
        Folders.Remove(engine.Paths.LiveContainers, id);
    }

    /// <summary>Takes a container that does not run off all networks, with its ports and names.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="id">The container.</param>
    /// <param name="note">How it hung on them; null where nobody knows.</param>
    public static void LeaveNetworks(ContainerEngine engine, string id, NetworkNote? note)
    {
        if (note is null)
            NetworkNameFiles.RemoveAll(engine, id);
        foreach (EndpointNote endpoint in note?.Endpoints ?? [])
            NetworkNameFiles.Remove(engine, id, endpoint.NetworkId);
        engine.Network.Disconnect(id, note?.ToAttachment(id));
    }

    // A command that was killed while it changed networks or ports may have made more than it noted.
    private static bool IsAhead(ContainerClaim? claim) => claim?.Purpose is ConnectNetwork.Purpose or Operations.UpdateContainer.Purpose;

    /// <summary>Removes folder and row, in this order: a folder without a row would be found by nobody.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="withVolumes">Whether the volumes without a name go that it alone used.</param>
    /// <param name="left">Gets what could not be done, of one that is removed by force; null where that is an error.</param>
    /// <exception cref="ContainerException">A step failed.</exception>
    public static void Remove(ContainerEngine engine, ContainerRecord record, bool withVolumes, List<string>? left = null)
    {
        IReadOnlyDictionary<string, string>? attributes = null;
        Step(left, () => attributes = engine.Events.TryAttributesOf(record));
        // What could not be undone, or not be put on record, is known by its run folder alone.
        if (left is null && Directory.Exists(engine.Paths.Live(record.Id)))
            Ended(engine, record with { AutoRemove = true }, engine.StandingOf(record));
        uint project = SizeLimit.ProjectOf($"{engine.Paths.Container(record.Id)}/upper");
        Step(left, () => Folders.Remove(engine.Paths.Containers, record.Id));
        SizeLimit.Forget(engine.Paths.Containers, project);
        IReadOnlyList<string> volumes = engine.Containers.Delete(record, withVolumes);
        // Without: nobody was told that it was made, or its supervisor has removed it and told that.
        if (attributes is not null)
            engine.Events.Container("destroy", record.Id, attributes);
        foreach (string volume in volumes)
            Step(left, () => engine.Volumes.FinishRemoval(volume));
    }

    /// <summary>Kills what is in a container's cgroup and removes it; there may be none.</summary>
    public static void RemoveCgroup(string id, string? parent, bool isRetry = false)
    {
        using Cgroup cgroup = Cgroup.At(CgroupLayout.Detect(), SpecBuilder.CgroupsPathOf(id, parent), id);
        Orphan.RemoveAll(cgroup, isRetry);
    }

    /// <summary>Does a step, and notes its failure where that is to stop nobody.</summary>
    public static void Step(List<string>? left, Action step)
    {
        try
        {
            step();
        }
        catch (Exception failed) when (left is not null && Reconcile.IsFailure(failed))
        {
            left.Add(failed.Message);
        }
    }

    // What the last checks said, for who looks why it ended.
    private static void KeepHealth(ContainerEngine engine, string id)
    {
        try
        {
            if (FileIo.TryReadText($"{engine.Paths.Live(id)}/{HealthState.FileName}") is { } checks)
                Folders.Write(engine.Paths.Container(id), HealthState.FileName, Encoding.UTF8.GetBytes(checks));
        }
        catch (LinuxException failed)
        {
            _ = failed; // ignored: it only explains, and a full disk must not keep anybody from settling
        }
    }

    /// <summary>
    /// Lets another runtime remove what it has of a container whose processes are gone, after its supervisor was killed. One that cannot is
    /// no reason to keep the container: its state goes with the run folder.
    /// </summary>
    public static void ForgetAtRuntime(ContainerEngine engine, string id)
    {
        try
        {
            ExternalRuntime.TryOpen(id, engine.Paths.Live(id))?.DeleteElsewhere();
        }
        catch (Exception failed) when (failed is ContainerException or LinuxException)
        {
            _ = failed; // ignored: as said above
        }
    }

    // Nothing else of the options matters here, and a row whose options are damaged must be settled too.
    private static string? CgroupParentOf(ContainerRecord record)
    {
        using JsonDocument options = JsonDocument.Parse(record.Options);
        return options.RootElement.TryGetProperty("cgroupParent"u8, out JsonElement parent) ? parent.GetString() : null;
    }

    // False on a full disk, on which one must be able to make room.
    public static bool TryRecord(ContainerEngine engine, ContainerRecord record, ExitRecord exit)
    {
        try
        {
            Folders.Write(engine.Paths.Container(record.Id), ExitRecord.FileName, exit.ToBytes(), durable: true);
            return true;
        }
        catch (LinuxException full) when (full.IsDiskFull)
        {
            return false;
        }
    }
}
