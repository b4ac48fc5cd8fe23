using System.Text.Json;
using Rundlet.Linux.Proc;

namespace Rundlet.Cli.Tests;

/// <summary>Limits as the kernel has them, whichever version of cgroups that is, and what it does at them.</summary>
public sealed class LimitTests
{
    private static readonly MountEntry[] s_hierarchies = [.. MountInfo.Read().Where(mount => mount.Type is "cgroup" or "cgroup2")];

    [Fact]
    public void Limits_are_in_the_files_of_the_containers_cgroup()
    {
        using Machine machine = new();
        Result run = machine.Run(
            "run", "-d", "--name", "box", "--network", "none", "--memory", "64m", "--memory-swap", "64m", "--memory-reservation", "32m", "--cpus", "0.5", "--cpu-shares", "2048",
            "--cpuset-cpus", "0", "--pids-limit", "50", "shell", "/bin/sleep", "600");
        Assert.Equal((0, ""), (run.Code, run.Error));
        int pid = int.Parse(machine.Run("inspect", "-f", "{{.State.Pid}}", "box").Output);
        Assert.Equal("67108864", Read(pid, "memory", "memory.limit_in_bytes", "memory.max"));
        Assert.Equal("33554432", Read(pid, "memory", "memory.soft_limit_in_bytes", "memory.low"));
        Assert.Equal("0", Read(pid, "cpuset", "cpuset.cpus", "cpuset.cpus"));
        Assert.Equal("50", Read(pid, "pids", "pids.max", "pids.max"));
        if (IsLegacy("cpu"))
            Assert.Equal(("2048", "50000"), (Read(pid, "cpu", "cpu.shares", ""), Read(pid, "cpu", "cpu.cfs_quota_us", "")));
        else
            Assert.Equal("50000 100000", Read(pid, "cpu", "", "cpu.max"));
        if (!IsLegacy("memory"))
            Assert.Equal("0", Read(pid, "memory", "", "memory.swap.max"));
        // The program sees them in its own mount of them.
        Assert.Equal("50\n", machine.Run("exec", "box", "/bin/cat", IsLegacy("pids") ? "/sys/fs/cgroup/pids/pids.max" : "/sys/fs/cgroup/pids.max").Output);
        // Too many processes: the kernel refuses the next one.
        Assert.Contains("fork", machine.Run("exec", "box", "/bin/sh", "-c", "i=0; while [ $i -lt 60 ]; do sleep 600 >/dev/null 2>&1 & i=$((i+1)); done").Error, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_container_that_takes_too_much_memory_is_killed_and_that_is_told()
    {
        using Machine machine = new();
        Result run = machine.Run("run", "--name", "box", "--network", "none", "-m", "16m", "--memory-swap", "16m", "shell", "/bin/sh", "-c", "x=0123456789abcdef; while :; do x=$x$x; done");
        Assert.Equal(137, run.Code);
        using JsonDocument document = JsonDocument.Parse(machine.Run("inspect", "box").Output);
        JsonElement state = document.RootElement[0].GetProperty("State");
        Assert.Equal((true, 137), (state.GetProperty("OOMKilled").GetBoolean(), state.GetProperty("ExitCode").GetInt32()));
        Assert.Contains("oom\n", machine.Run("events", "--until", "0s", "--filter", "container=box", "--format", "{{.Action}}").Output);
    }

    [Fact]
    public void A_paused_container_uses_no_time_and_its_figures_are_told()
    {
        using Machine machine = new();
        machine.Run("run", "-d", "--name", "box", "--network", "none", "shell", "/bin/sh", "-c", "while :; do :; done");
        Assert.Equal("box\n", machine.Run("pause", "box").Output);
        Assert.Equal("paused\n", machine.Run("inspect", "-f", "{{.State.Status}}", "box").Output);
        string[] figures = [.. Enumerable.Range(0, 2).Select(_ => machine.Run("stats", "--no-stream", "--format", "{{.CPUTime}} {{.PIDs}}", "box").Output)];
        Assert.Equal(figures[0], figures[1]);
        Assert.EndsWith(" 1\n", figures[0]);
        Assert.Equal("box\n", machine.Run("stop", "-t", "0", "box").Output);
        Assert.Contains("Exited (137)", machine.Run("ps", "-a").Output);
    }

    private static bool IsLegacy(string controller) => Hierarchy(controller) is { Type: "cgroup" };

    // The hierarchy that has a controller: one of v1 that is mounted with it, else that of v2.
    private static MountEntry Hierarchy(string controller) =>
        s_hierarchies.Where(mount => mount.Type == "cgroup2" || mount.SuperOptions.Split(',').Contains(controller)).OrderBy(mount => mount.Type == "cgroup2").First();

    private static string Read(int pid, string controller, string legacy, string unified)
    {
        MountEntry hierarchy = Hierarchy(controller);
        bool isLegacy = hierarchy.Type == "cgroup";
        string[] line = File.ReadLines($"/proc/{pid}/cgroup").Select(text => text.Split(':', 3)).First(parts => isLegacy ? parts[1].Split(',').Contains(controller) : parts[0] == "0");
        return File.ReadAllText($"{hierarchy.Point}{line[2]}/{(isLegacy ? legacy : unified)}").Trim();
    }
}
