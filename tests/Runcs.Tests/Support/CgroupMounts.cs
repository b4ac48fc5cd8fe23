using Rundlet.Linux.Proc;

namespace Rundlet.Runcs.Tests;

/// <summary>Where this machine has its cgroup hierarchies.</summary>
internal static class CgroupMounts
{
    private static readonly List<MountEntry> s_mounts = [.. MountInfo.Read().Where(mount => mount.Type is "cgroup" or "cgroup2")];

    /// <summary>All mount points.</summary>
    public static IEnumerable<string> Points => s_mounts.Select(mount => mount.Point);

    /// <summary>The v2 hierarchy, or an empty path.</summary>
    public static string Unified => s_mounts.Find(mount => mount.Type == "cgroup2").Point ?? "";

    /// <summary>The v1 hierarchy of a controller, or null.</summary>
    public static string? Find(string controller) =>
        s_mounts.Find(mount => mount.Type == "cgroup" && mount.SuperOptions.Split(',').Contains(controller)).Point;

    /// <summary>Whether limits of a controller are set in the v1 way here; skips the test where nothing sets them.</summary>
    public static bool IsLegacy(string controller)
    {
        if (Find(controller) is not null)
            return true;
        if (Unified.Length == 0 || !File.ReadAllText($"{Unified}/cgroup.controllers").Split().Contains(controller))
            Assert.Skip($"no {controller} controller is mounted");
        return false;
    }
}
