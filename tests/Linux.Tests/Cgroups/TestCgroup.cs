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

    /// <summary>How a script ends that runs in the cgroup from its first word on.</summary>
    public int ExitOf(string script)
    {
        using Shell shell = StartShell(script);
        shell.Go();
        shell.Finish();
        return Reap(shell.Pid).si_status;
    }

    /// <summary>A shell in the cgroup that waits for <see cref="Shell.Go"/>, says when it is done, and waits again.</summary>
    public Shell StartShell(string script)
    {
        LinuxException.ThrowIfError(Sys.pipe2(out int input, out int go, 0), "pipe2");
        LinuxException.ThrowIfError(Sys.pipe2(out int done, out int output, 0), "pipe2");
        // The files that it throws its words away into are open before it comes under device rules: it says so by one byte.
        string whole = $"exec 3>&1 >/dev/null 2>&1; printf . >&3; read word; {script}; code=$?; echo done >&3; exec 3>&-; read word; exit $code";
        int pid;
        using (new OwnedFd(input))
        using (new OwnedFd(output))
        {
            pid = LinuxException.ThrowIfError(
                Spawn.Start("/bin/sh", ["sh", "-c", whole], ["PATH=/usr/bin:/bin"], [new Spawn.FdMapping(input, 0), new Spawn.FdMapping(output, 1)], newSession: true),
                "spawn",
                "/bin/sh");
        }
        _children.Add(pid);
        Span<byte> ready = stackalloc byte[1];
        Assert.Equal(1, Sys.read(done, ready));
        Cgroup.Join(pid);
        return new Shell(pid, new OwnedFd(go), new OwnedFd(done));
    }

    internal sealed class Shell(int pid, OwnedFd go, OwnedFd done) : IDisposable
    {
        public int Pid => pid;

        public void Go() => FileIo.WriteAll(go.Value, "go\n"u8, "pipe");

        /// <summary>Until its files are open.</summary>
        public void WaitUntilReady()
        {
            byte[] word = new byte["ready\n"u8.Length];
            for (int length = 0; length < word.Length;)
            {
                nint got = LinuxException.ThrowIfError(Sys.read(done.Value, word.AsSpan(length)), "read", "pipe");
                Assert.NotEqual(0, got);
                length += (int)got;
            }
            Assert.Equal("ready\n"u8, word);
        }

        /// <summary>Nothing more will come: the shell ends with the status of the script.</summary>
        public void Finish() => go.Dispose();

        public void WaitUntilDone() => Assert.Equal("done\n"u8, FileIo.ReadAll(done.Value, "pipe"));

        public void Dispose()
        {
            go.Dispose();
            done.Dispose();
        }
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
