using Rundlet.Linux.Cgroups;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Tests.Cgroups;

/// <summary>A cgroup of this machine that a test owns: a name of its own, removed at the end, with a child process to put in.</summary>
internal sealed class TestCgroup : IDisposable
{
    private static int s_next;
    private readonly List<int> _children = [];

    public TestCgroup(string? path = null, bool create = true)
    {
        if (Sys.geteuid() != 0)
            Assert.Skip("needs root to make cgroups");
        Layout = CgroupLayout.Detect();
        if (Layout.Mode == CgroupMode.None)
            Assert.Skip("no cgroup hierarchy is mounted");
        Name = $"rundlet-test-{Environment.ProcessId}-{Interlocked.Increment(ref s_next)}";
        Cgroup = Cgroup.At(Layout, path is null ? null : $"{path}/{Name}", Name);
        if (create)
            Cgroup.Create();
    }

    public CgroupLayout Layout { get; }

    public string Name { get; }

    public Cgroup Cgroup { get; }

    public void Require(string controller)
    {
        if (Cgroup.PathOf(controller) is null)
            Assert.Skip($"no {controller} controller is mounted");
    }

    public string Read(string controller, string file) => File.ReadAllText($"{Cgroup.PathOf(controller)}/{file}").TrimEnd('\n');

    /// <summary>A process of /bin/sleep that joined.</summary>
    public int StartChild(bool join = true)
    {
        int pid = LinuxException.ThrowIfError(Spawn.Start("/bin/sleep", ["sleep", "300"], [], [], newSession: true), "spawn", "/bin/sleep");
        _children.Add(pid);
        if (join)
            Cgroup.Join(pid);
        return pid;
    }

    /// <summary>Waits until a child is dead and takes its status.</summary>
    public siginfo_t Reap(int pid)
    {
        LinuxException.ThrowIfError(Sys.waitid(P.PID, pid, out siginfo_t info, W.EXITED), "waitid", pid.ToString());
        _children.Remove(pid);
        return info;
    }

    public void Dispose()
    {
        foreach (int pid in _children.ToArray())
        {
            LinuxException.ThrowIfError(Sys.kill(pid, SIG.KILL), "kill", pid.ToString());
            if (Cgroup.IsFrozen)
                Cgroup.Thaw();
            Reap(pid);
        }
        Cgroup.Remove(kill: true);
        foreach (string path in Cgroup.Paths.Values)
            Assert.False(Directory.Exists(path), $"'{path}' is left");
        Cgroup.Dispose();
    }
}
