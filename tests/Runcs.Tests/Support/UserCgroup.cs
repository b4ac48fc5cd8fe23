namespace Rundlet.Runcs.Tests;

/// <summary>A cgroup2 folder that belongs to <see cref="RootlessUser"/>, as systemd delegates one; removed at the end.</summary>
internal sealed class UserCgroup : IDisposable
{
    private static int s_number;

    private UserCgroup(string path) => Path = path;

    public string Path { get; }

    /// <summary>Makes it.</summary>
    /// <param name="scratch">A folder of the test.</param>
    /// <param name="parent">Where; null for the top of the hierarchy.</param>
    public static UserCgroup Make(string scratch, string? parent = null)
    {
        if (CgroupMounts.Unified.Length == 0)
            Assert.Skip("no cgroup2 is mounted");
        string path = $"{parent ?? CgroupMounts.Unified}/rundlet-test-user-{Environment.ProcessId}-{Interlocked.Increment(ref s_number)}";
        Directory.CreateDirectory(path);
        using BoundedProcess chown = BoundedProcess.Start($"{scratch}/chown-cgroup",
            ["chown", $"{RootlessUser.Id}", path, $"{path}/cgroup.procs", $"{path}/cgroup.subtree_control", $"{path}/cgroup.threads"]);
        chown.Wait().Good();
        return new UserCgroup(path);
    }

    public void Dispose() => Directory.Delete(Path);
}
