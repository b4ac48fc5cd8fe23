using System.Diagnostics;
using Rundlet.Linux.Cgroups;

namespace Rundlet.Cli.Tests;

/// <summary><c>--systemd</c>: Debian's systemd as a container's first process.</summary>
public sealed class SystemdContainerTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5); // where it is booted, computing is slow

    [Fact]
    public void It_boots_serves_and_halts()
    {
        if (CgroupLayout.Detect().Mode != CgroupMode.V2)
            Assert.Skip("cgroup v1 is mounted");
        string archive = Path.Combine(Machine.Repository(), "artifacts/systemd/root.tar");
        if (!File.Exists(archive))
            Assert.Skip("needs the root file system of eng/systemd-root");
        using Machine machine = new();
        Must(machine, "import", archive, "systemd");
        Must(machine, "run", "-d", "-t", "--name", "box", "--network", "none", "systemd", "/sbin/init");
        Assert.Equal("SIGRTMIN+3\n", machine.Run("inspect", "--format", "{{.Config.StopSignal}}", "box").Output);

        // As soon as it can be asked, it answers when it has booted.
        string state = "";
        for (long end = Environment.TickCount64 + (long)s_patience.TotalMilliseconds; state is not ("running" or "degraded") && Environment.TickCount64 < end;)
            state = Patiently(machine, "exec", "box", "systemctl", "is-system-running", "--wait").Output.Trim();
        string failed = machine.Run("exec", "box", "systemctl", "--failed", "--plain", "--no-legend").Output;
        Assert.True(state == "running", $"systemd says '{state}'; failed: {failed}");

        Assert.Equal("rundlet\n", machine.Run("exec", "box", "cat", "/run/systemd/container").Output);
        Assert.Equal("0::/init.scope\n", machine.Run("exec", "box", "cat", "/proc/1/cgroup").Output);
        Assert.Contains("active", machine.Run("exec", "box", "systemctl", "is-active", "dbus.socket").Output);
        Result unit = machine.Run("exec", "box", "systemd-run", "--wait", "--pipe", "--quiet", "-p", "MemoryMax=64M", "cat", "/proc/self/cgroup");
        Assert.Equal(0, unit.Code);
        Assert.Matches("^0::/system.slice/run-.*\\.service\n$", unit.Output);
        Assert.Contains("Reached target", machine.Run("logs", "box").Output);

        Stopwatch stopping = Stopwatch.StartNew();
        Must(machine, "stop", "-t", "120", "box");
        Assert.True(stopping.Elapsed < TimeSpan.FromSeconds(120), "it was killed");
        Assert.Contains(machine.Run("inspect", "--format", "{{.State.ExitCode}}", "box").Output.Trim(), (string[])["0", "130"]);
        Assert.Equal(0, machine.Run("start", "box").Code); // it boots again from what the first life has left
    }

    [Fact]
    public void Without_cgroup_v2_alone_it_is_refused_by_name()
    {
        if (CgroupLayout.Detect().Mode == CgroupMode.V2)
            Assert.Skip("only cgroup v2 is mounted");
        using Machine machine = new();
        Result refused = machine.Run("run", "--rm", "--network", "none", "--systemd", "always", "shell", "/bin/true");
        Assert.Equal(125, refused.Code);
        Assert.StartsWith("rundlet: systemd as the first process needs cgroup v2 alone, and this machine has ", refused.Error);
        Assert.Equal(0, machine.Run("run", "--rm", "--network", "none", "--systemd", "false", "shell", "/bin/true").Code);
        Assert.StartsWith("rundlet: invalid value 'perhaps' for --systemd", machine.Run("run", "--rm", "--systemd", "perhaps", "shell", "/bin/true").Error);
    }

    private static void Must(Machine machine, params string[] arguments)
    {
        Result result = Patiently(machine, arguments);
        Assert.Equal((0, ""), (result.Code, result.Error));
    }

    private static Result Patiently(Machine machine, params string[] arguments)
    {
        using Process process = machine.Start(arguments);
        process.StandardInput.Close();
        return Machine.Finish(process, s_patience);
    }
}
