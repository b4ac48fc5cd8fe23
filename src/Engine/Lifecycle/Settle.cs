using System.Text.Json;
using Rundlet.Engine.Operations;
using Rundlet.Engine.Options;
using Rundlet.Engine.Specs;
using Rundlet.Engine.State;
using Rundlet.Engine.Volumes;
using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Lifecycle;

/// <summary>What comes after the end of a container, whoever saw it end; every step may have been done before.</summary>
internal static class Settle
{
    /// <summary>
    /// Puts the exit on record, ends what is left of the processes, frees network and run folder. The caller holds the claim,
    /// and no supervisor lives.
    /// </summary>
    public static void Ended(ContainerEngine engine, ContainerRecord record, ContainerStanding standing)
    {
        ExitRecord? exit = standing.Exit ?? (standing.State is { } state ? Orphan.EndOf(state) : null);
        if (exit is null)
            RemoveCgroup(record.Id, CgroupParentOf(record));
        engine.Volumes.DetachUnused(record.Id);
        if (!record.AutoRemove && standing.State is not null && exit is not null && !TryRecord(engine, record, exit))
            return;
        // Without the note nobody knows how far the start came.
        NetworkNote? network = NetworkNote.TryRead(engine.Paths, record.Id);
        if (network is null || (network.Mode is not ("none" or "host") && NamespaceOptions.ContainerOf(network.Mode) is null))
            engine.Network.Disconnect(record.Id);
        if (network is { Mode: "bridge" })
            engine.Events.Network("disconnect", network.Name, new("container", record.Id), new("name", network.Name), new("type", network.Mode));
        Folders.Remove(engine.Paths.LiveContainers, record.Id);
    }

    /// <summary>Removes folder and row, in this order: a folder without a row would be found by nobody.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="record">The container.</param>
    /// <param name="withVolumes">Whether the volumes without a name go that it alone used.</param>
    public static void Remove(ContainerEngine engine, ContainerRecord record, bool withVolumes)
    {
        IReadOnlyDictionary<string, string>? attributes = engine.Events.TryAttributesOf(record);
        Folders.Remove(engine.Paths.LiveContainers, record.Id);
        uint project = SizeLimit.ProjectOf($"{engine.Paths.Container(record.Id)}/upper");
        Folders.Remove(engine.Paths.Containers, record.Id);
        SizeLimit.Forget(engine.Paths.Containers, project);
        IReadOnlyList<string> volumes = engine.Containers.Delete(record, withVolumes);
        // Without: nobody was told that it was made, or its supervisor has removed it and told that.
        if (attributes is not null)
            engine.Events.Container("destroy", record.Id, attributes);
        foreach (string volume in volumes)
            engine.Volumes.FinishRemoval(volume);
    }

    /// <summary>Kills what is in a container's cgroup and removes it; there may be none.</summary>
    public static void RemoveCgroup(string id, string? parent)
    {
        using Cgroup cgroup = Cgroup.At(CgroupLayout.Detect(), SpecBuilder.CgroupsPathOf(id, parent), id);
        cgroup.Remove(kill: true);
    }

    // Nothing else of the options matters here, and a row whose options are damaged must be settled too.
    private static string? CgroupParentOf(ContainerRecord record)
    {
        using JsonDocument options = JsonDocument.Parse(record.Options);
        return options.RootElement.TryGetProperty("cgroupParent"u8, out JsonElement parent) ? parent.GetString() : null;
    }

    // False on a full disk: the run folder still tells all, and the next command tries again. This one must be able to make room.
    public static bool TryRecord(ContainerEngine engine, ContainerRecord record, ExitRecord exit)
    {
        try
        {
            Folders.Write(engine.Paths.Container(record.Id), ExitRecord.FileName, exit.ToBytes(), durable: true);
            return true;
        }
        catch (LinuxException full) when (full.Errno == Errno.ENOSPC)
        {
            return false;
        }
    }
}
