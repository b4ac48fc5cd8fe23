using System.Diagnostics;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Cgroups.Controllers;

/// <summary>Stops all tasks of a cgroup and lets them go on: cgroup-v1/freezer-subsystem, <c>cgroup.freeze</c> of v2.</summary>
internal static class FreezerController
{
    private const int LimitMilliseconds = 5000;

    /// <summary>Freezes and waits until every task stands still.</summary>
    /// <exception cref="ContainerException">There is no freezer, or some task does not stop in time; then all run again.</exception>
    public static void Freeze(CgroupFolders folders)
    {
        CgroupFolder folder = Require(folders);
        bool frozen = folder.IsV2 ? FreezeV2(folder) : FreezeV1(folder);
        if (frozen)
            return;
        Thaw(folders);
        throw new ContainerException(ContainerErrorKind.Unavailable, $"freeze cgroup '{folder.Path}': some task did not stop within {LimitMilliseconds / 1000} s");
    }

    /// <summary>Lets them run.</summary>
    /// <exception cref="ContainerException">There is no freezer, or the kernel refused.</exception>
    public static void Thaw(CgroupFolders folders)
    {
        CgroupFolder folder = Require(folders);
        if (folder.IsV2)
            folder.Write("cgroup.freeze", "0", "thaw");
        else
            folder.Write("freezer.state", "THAWED", "thaw");
    }

    /// <summary>Whether it was asked to freeze, done or not. A cgroup that is not there is not frozen.</summary>
    public static bool IsFrozen(CgroupFolders folders)
    {
        if (Find(folders) is not { } folder)
            return false;
        try
        {
            // Of its own doing: a frozen parent is another's decision.
            return folder.TryReadNumber(folder.IsV2 ? "cgroup.freeze" : "freezer.self_freezing") == 1;
        }
        catch (LinuxException gone) when (gone.Errno == Errno.ENOENT)
        {
            return false;
        }
    }

    private static CgroupFolder? Find(CgroupFolders folders) => folders.Find(CgroupControllers.Freezer) ?? folders.Unified;

    private static CgroupFolder Require(CgroupFolders folders) =>
        Find(folders) ?? throw new ContainerException(ContainerErrorKind.Unsupported, "freeze: neither a freezer controller nor cgroup v2 is mounted");

    private static bool FreezeV1(CgroupFolder folder)
    {
        long start = Stopwatch.GetTimestamp();
        for (int pause = 1; ; pause = Math.Min(2 * pause, 50))
        {
            // Written again each time: a task that was being forked joins late and is asked by the next write only.
            folder.Write("freezer.state", "FROZEN", "freeze");
            if (folder.TryRead("freezer.state") is { } state && state.AsSpan().StartsWith("FROZEN"u8))
                return true;
            if (Stopwatch.GetElapsedTime(start).TotalMilliseconds > LimitMilliseconds)
                return false;
            _ = Sys.poll([], pause); // ignored: an interrupted pause is a shorter one
        }
    }

    private static bool FreezeV2(CgroupFolder folder)
    {
        folder.Write("cgroup.freeze", "1", "freeze");
        return CgroupEvents.WaitFor(folder, "frozen"u8, 1, LimitMilliseconds);
    }
}
