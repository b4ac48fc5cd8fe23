using System.Text.Json.Nodes;
using Rundlet.Runcs.Tests;

namespace Rundlet.Callers.Tests;

/// <summary>What people do with podman.</summary>
public sealed partial class PodmanTests : IClassFixture<PodmanHome>
{
    // Counts, and ends with 5 when it is asked to.
    private const string Counting = "trap 'exit 5' TERM; i=0; while :; do echo tick $i; i=$((i+1)); sleep 0.1; done";

    private readonly PodmanHome _podman;

    public PodmanTests(PodmanHome podman)
    {
        _podman = podman;
        podman.Prepare();
    }

    [Fact]
    public void Run_passes_output_errors_and_status_on()
    {
        Finished run = _podman.Run(TestImage.Name, "sh", "-c", "echo out; echo err >&2; exit 7");
        Assert.Equal((7, "out\n", "err\n"), (run.Status, run.Output, run.Error));
    }

    [Fact]
    public void A_runtime_by_its_path_is_enough() =>
        Assert.Equal("hi\n", _podman.PodmanByPath("run", "--rm", "--cgroup-parent", _podman.Home.CgroupParent, TestImage.Name, "echo", "hi").Good().Output);

    [Theory]
    [InlineData(127, "nosuch", "executable file not found")]
    [InlineData(127, "/nosuch", "no such file or directory")]
    [InlineData(126, "/etc", "permission denied")]
    [InlineData(126, "/etc/passwd", "permission denied")]
    public void A_program_that_cannot_run_has_dockers_status(int status, string program, string words)
    {
        Finished run = _podman.Run(TestImage.Name, program);
        Assert.Equal(status, run.Status);
        Assert.Contains(words, run.Error, StringComparison.OrdinalIgnoreCase);
        string id = Detached("sleep", "1000");
        Finished exec = _podman.Podman("exec", id, program);
        Assert.Equal(status, exec.Status);
        Remove(id);
    }

    [Fact]
    public void A_detached_container_is_seen_and_heard()
    {
        string id = Detached("sh", "-c", Counting);
        AwaitLog(id, "tick 2");
        Assert.StartsWith("tick 0\ntick 1\n", _podman.Podman("logs", id).Good().Output, StringComparison.Ordinal);
        Assert.Contains("Up ", _podman.Podman("ps").Good().Output, StringComparison.Ordinal);
        Assert.Contains("sh -c", _podman.Podman("top", id).Good().Output, StringComparison.Ordinal);
        Assert.Contains("sh", _podman.Podman("top", id, "pid", "comm", "capeff", "seccomp").Good().Output, StringComparison.Ordinal);
        Assert.Equal("running", Inspect(id, "State.Status"));
        Assert.Equal(PodmanHome.RuntimeName, Inspect(id, "OCIRuntime"));
        Remove(id);
    }

    [Fact]
    public void Exec_runs_a_process_as_asked()
    {
        string id = Detached("sleep", "1000");
        Finished plain = _podman.Podman("exec", "--env", "A=b", "--workdir", "/etc", id, "sh", "-c", "echo $A; pwd; id -u; echo err >&2; exit 3");
        Assert.Equal((3, "b\n/etc\n0\n", "err\n"), (plain.Status, plain.Output, plain.Error));
        Assert.Equal("uid=1000(user) gid=1000(user) groups=2000(extra)\n", _podman.Podman("exec", "--user", "user", id, "id").Good().Output);
        Assert.Equal("typed\n", _podman.Home.RunWithInput("typed\n", _podman.Command("exec", "--interactive", id, "cat")).Good().Output);
        string session = _podman.Podman("exec", "--detach", id, "sh", "-c", "echo made >/tmp/made").Good().Output;
        Assert.NotEmpty(session);
        _podman.Podman("exec", id, "sh", "-c", "for i in $(seq 100); do grep -q made /tmp/made && exit 0; sleep 0.1; done; exit 1").Good();
        Remove(id);
    }

    [Fact]
    public void Run_and_exec_have_terminals_of_the_callers_size()
    {
        // Podman 4.3 now and then loses all that a program has written to its terminal when it ends at once, over every runtime.
        Finished run = _podman.Home.RunUnderTerminal(_podman.RunCommand("--rm", "--interactive", "--tty", TestImage.Name, "sh", "-c", "tty; until stty size 2>/dev/null | grep '33 77'; do :; done; sleep 1; exit 6"));
        Assert.Equal(6, run.Status);
        Assert.Contains("/dev/pts/0", run.Output, StringComparison.Ordinal);
        Assert.Contains("33 77", run.Output, StringComparison.Ordinal);
        string id = Detached("sleep", "1000");
        Finished exec = _podman.Home.RunUnderTerminal(_podman.Command("exec", "--interactive", "--tty", id, "sh", "-c", "tty; until stty size 2>/dev/null | grep '33 77'; do :; done; sleep 1; exit 4"));
        Assert.Equal(4, exec.Status);
        Assert.Contains("/dev/pts/", exec.Output, StringComparison.Ordinal);
        Assert.Contains("33 77", exec.Output, StringComparison.Ordinal);
        Remove(id);
    }

    [Fact]
    public void Stats_tell_memory_processes_and_cpu()
    {
        string id = Detached("--memory", "64m", TestImage.Name, "sh", "-c", "while :; do :; done");
        JsonNode stats = JsonNode.Parse(_podman.Podman("stats", "--no-stream", "--format", "json", id).Good().Output)![0]!;
        Assert.Equal("1", (string)stats["pids"]!);
        Assert.Contains("/ 67.11MB", (string)stats["mem_usage"]!, StringComparison.Ordinal);
        Assert.NotEqual("0.00%", (string)stats["cpu_percent"]!);
        Remove(id);
    }

    [Fact]
    public void Pause_stops_it_and_unpause_lets_it_go_on()
    {
        string id = Detached("sh", "-c", Counting);
        AwaitLog(id, "tick 1");
        _podman.Podman("pause", id).Good();
        Assert.Equal("paused", Inspect(id, "State.Status"));
        int lines = _podman.Podman("logs", id).Good().Lines.Length;
        Assert.Equal(255, _podman.Podman("exec", id, "true").Status); // podman's own status, it asks for the state before
        Assert.Equal(lines, _podman.Podman("logs", id).Good().Lines.Length);
        _podman.Podman("unpause", id).Good();
        Assert.Equal("running", Inspect(id, "State.Status"));
        AwaitLog(id, $"tick {lines + 1}");
        Remove(id);
    }

    [Fact]
    public void Update_changes_the_limits_of_a_running_container()
    {
        string id = Detached("--memory", "64m", "--memory-swap", "64m", TestImage.Name, "sleep", "1000");
        Assert.Equal("67108864", ReadLimit(id, "memory/memory.limit_in_bytes", "memory.max"));
        _podman.Podman("update", "--memory", "32m", "--memory-swap", "32m", "--cpu-shares", "512", "--cpuset-cpus", "0", id).Good();
        Assert.Equal("33554432", ReadLimit(id, "memory/memory.limit_in_bytes", "memory.max"));
        Assert.Equal("0", ReadLimit(id, "cpuset/cpuset.cpus", "cpuset.cpus"));
        // On v2 the weight of runc until 1.2, or the one that is 100 for 1024 shares.
        Assert.Contains(ReadLimit(id, "cpu/cpu.shares", "cpu.weight"), CgroupMounts.IsLegacy("cpu") ? (string[])["512"] : ["20", "59"]);
        Remove(id);
    }

    [Fact]
    public void A_health_check_says_how_it_is()
    {
        string id = Detached("--health-cmd", "test -e /tmp/healthy", "--health-interval", "disable", TestImage.Name, "sleep", "1000");
        Assert.Equal(1, _podman.Podman("healthcheck", "run", id).Status);
        _podman.Podman("exec", id, "touch", "/tmp/healthy").Good();
        _podman.Podman("healthcheck", "run", id).Good();
        Assert.Equal("healthy", Inspect(id, "State.Health.Status"));
        Remove(id);
    }

    [Fact]
    public void Signals_reach_it_and_stop_ends_it()
    {
        string id = Detached("sh", "-c", $"trap 'echo got one' USR1; {Counting}");
        AwaitLog(id, "tick 0");
        _podman.Podman("kill", "--signal", "USR1", id).Good();
        AwaitLog(id, "got one");
        _podman.Podman("stop", "--time", "30", id).Good();
        Assert.Equal(("exited", "5"), (Inspect(id, "State.Status"), Inspect(id, "State.ExitCode")));
        _podman.Podman("start", id).Good();
        Assert.Equal("running", Inspect(id, "State.Status"));
        _podman.Podman("kill", id).Good();
        Assert.Equal("137", _podman.Podman("wait", id).Good().Output.Trim());
        Remove(id);
    }

    [Fact]
    public void A_container_that_ignores_term_is_killed_when_its_time_is_over()
    {
        string id = Detached("sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done");
        AwaitLog(id, "ready");
        _podman.Podman("stop", "--time", "1", id).Good();
        Assert.Equal("137", Inspect(id, "State.ExitCode"));
        Remove(id);
    }

    private string Detached(params string[] words)
    {
        string[] options = words.Contains(TestImage.Name) ? words : [TestImage.Name, .. words];
        return _podman.Home.Run(_podman.RunCommand(["--detach", .. options])).Good().Output.Trim();
    }

    private void Remove(string id)
    {
        _podman.Podman("rm", "--force", "--time", "0", id).Good();
        Assert.NotEqual(0, _podman.Podman("container", "exists", id).Status);
    }

    private string Inspect(string id, string member) => _podman.Podman("inspect", "--format", "{{." + member + "}}", id).Good().Output.Trim();

    private void AwaitLog(string id, string line) => LogFile.Await(Inspect(id, "HostConfig.LogConfig.Path"), $"{line}\n");

    private string ReadLimit(string id, string legacy, string unified) =>
        _podman.Podman("exec", id, "sh", "-c", $"cat /sys/fs/cgroup/{legacy} 2>/dev/null || cat /sys/fs/cgroup/{unified}").Good().Output.Trim();
}
