namespace Rundlet.Linux.Cgroups.Controllers;

/// <summary>Number of tasks: cgroup-v1/pids and cgroup-v2, "PID"; the same files in both.</summary>
internal static class PidsController
{
    /// <summary>Writes the limit.</summary>
    public static void Apply(CgroupFolders folders, long? limit)
    {
        if (limit is { } most and not 0)
            folders.Require(CgroupControllers.Pids, "pids limit").Write("pids.max", most < 0 ? "max" : most.ToString(), "pids limit");
    }

    /// <summary>Reads the figures.</summary>
    public static void Collect(CgroupFolders folders, CgroupStats stats)
    {
        if (folders.Find(CgroupControllers.Pids) is { } folder && folder.TryReadNumber("pids.current") is { } current)
            stats.Pids = new PidsStats(current, folder.TryReadNumber("pids.max") ?? ulong.MaxValue);
    }
}
