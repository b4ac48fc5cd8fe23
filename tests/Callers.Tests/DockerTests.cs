using System.Text.Json.Nodes;
using Rundlet.Runcs.Tests;

namespace Rundlet.Callers.Tests;

/// <summary>What people do with docker.</summary>
public sealed partial class DockerTests : IClassFixture<DockerHome>
{
    // Counts, and ends with 5 when it is asked to.
    private const string Counting = "trap 'exit 5' TERM; i=0; while :; do echo tick $i; i=$((i+1)); sleep 0.1; done";

    private readonly DockerHome _docker;

    public DockerTests(DockerHome docker)
    {
        _docker = docker;
        docker.Prepare();
    }

    [Fact]
    public void Run_passes_output_errors_and_status_on()
    {
        Finished run = _docker.Run(TestImage.Name, "sh", "-c", "echo out; echo err >&2; exit 7");
        Assert.Equal((7, "out\n", "err\n"), (run.Status, run.Output, run.Error));
    }

    [Theory]
    [InlineData(127, "nosuch", "executable file not found")]
    [InlineData(127, "/nosuch", "no such file or directory")]
    [InlineData(126, "/etc", "permission denied")]
    public void A_program_that_cannot_run_has_dockers_status(int status, string program, string words)
    {
        Finished run = _docker.Run(TestImage.Name, program);
        Assert.Equal(status, run.Status);
        Assert.Contains(words, run.Error, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_detached_container_is_seen_and_heard()
    {
        string id = Detached(TestImage.Name, "sh", "-c", Counting);
        AwaitLog(id, "tick 2");
        Assert.StartsWith("tick 0\ntick 1\n", _docker.Docker("logs", id).Good().Output, StringComparison.Ordinal);
        Assert.Contains("Up ", _docker.Docker("ps").Good().Output, StringComparison.Ordinal);
        Assert.Contains("sh -c", _docker.Docker("top", id).Good().Output, StringComparison.Ordinal);
        Assert.Equal("running", Inspect(id, "State.Status"));
        Remove(id);
    }

    [Fact]
    public void Exec_runs_a_process_as_asked()
    {
        string id = Detached(TestImage.Name, "sleep", "1000");
        Finished plain = _docker.Docker("exec", "--env", "A=b", "--workdir", "/etc", id, "sh", "-c", "echo $A; pwd; id -u; echo err >&2; exit 3");
        Assert.Equal((3, "b\n/etc\n0\n", "err\n"), (plain.Status, plain.Output, plain.Error));
        Assert.Equal("uid=1000(user) gid=1000(user) groups=1000(user),2000(extra)\n", _docker.Docker("exec", "--user", "user", id, "id").Good().Output);
        Assert.Equal("typed\n", _docker.Home.RunWithInput("typed\n", _docker.Command("exec", "--interactive", id, "cat")).Good().Output);
        Finished missing = _docker.Docker("exec", id, "nosuch");
        Assert.Contains(missing.Status, (int[])[126, 127]); // 126 until docker 23
        Assert.Contains("executable file not found", missing.Output + missing.Error, StringComparison.Ordinal);
        Remove(id);
    }

    [Fact]
    public void Run_and_exec_have_terminals_of_the_callers_size()
    {
        // The client sets the size only after the start.
        Finished run = _docker.Home.RunUnderTerminal(_docker.Command("run", "--rm", "--network", "none", "--interactive", "--tty", TestImage.Name, "sh", "-c", "tty; until stty size 2>/dev/null | grep '33 77'; do :; done; exit 6"));
        Assert.Equal(6, run.Status);
        Assert.Contains("/dev/pts/0", run.Output, StringComparison.Ordinal);
        Assert.Contains("33 77", run.Output, StringComparison.Ordinal);
        string id = Detached(TestImage.Name, "sleep", "1000");
        Finished exec = _docker.Home.RunUnderTerminal(_docker.Command("exec", "--interactive", "--tty", id, "sh", "-c", "tty; until stty size 2>/dev/null | grep '33 77'; do :; done; exit 4"));
        Assert.Equal(4, exec.Status);
        Assert.Contains("/dev/pts/", exec.Output, StringComparison.Ordinal);
        Assert.Contains("33 77", exec.Output, StringComparison.Ordinal);
        Remove(id);
    }

    [Fact]
    public void Stats_tell_memory_processes_and_cpu()
    {
        string id = Detached("--memory", "64m", TestImage.Name, "sh", "-c", "while :; do :; done");
        JsonNode stats = JsonNode.Parse(_docker.Docker("stats", "--no-stream", "--format", "{{json .}}", id).Good().Output)!;
        Assert.Equal("1", (string)stats["PIDs"]!);
        Assert.Contains("/ 64MiB", (string)stats["MemUsage"]!, StringComparison.Ordinal);
        Assert.NotEqual("0.00%", (string)stats["CPUPerc"]!);
        Remove(id);
    }

    [Fact]
    public void Pause_stops_it_and_unpause_lets_it_go_on()
    {
        string id = Detached(TestImage.Name, "sh", "-c", Counting);
        AwaitLog(id, "tick 1");
        _docker.Docker("pause", id).Good();
        Assert.Equal("paused", Inspect(id, "State.Status"));
        int lines = _docker.Docker("logs", id).Good().Lines.Length;
        Assert.Contains("paused", _docker.Docker("exec", id, "true").Error, StringComparison.Ordinal);
        Assert.Equal(lines, _docker.Docker("logs", id).Good().Lines.Length);
        _docker.Docker("unpause", id).Good();
        Assert.Equal("running", Inspect(id, "State.Status"));
        AwaitLog(id, $"tick {lines + 1}");
        Remove(id);
    }

    [Fact]
    public void Update_changes_the_limits_of_a_running_container()
    {
        string id = Detached("--memory", "64m", "--memory-swap", "64m", TestImage.Name, "sleep", "1000");
        Assert.Equal("67108864", ReadLimit(id, "memory/memory.limit_in_bytes", "memory.max"));
        _docker.Docker("update", "--memory", "32m", "--memory-swap", "32m", "--cpu-shares", "512", "--cpuset-cpus", "0", "--pids-limit", "50", id).Good();
        Assert.Equal("33554432", ReadLimit(id, "memory/memory.limit_in_bytes", "memory.max"));
        Assert.Equal("0", ReadLimit(id, "cpuset/cpuset.cpus", "cpuset.cpus"));
        Assert.Equal("50", ReadLimit(id, "pids/pids.max", "pids.max"));
        // On v2 the weight of runc until 1.2, or the one that is 100 for 1024 shares.
        Assert.Contains(ReadLimit(id, "cpu/cpu.shares", "cpu.weight"), CgroupMounts.IsLegacy("cpu") ? (string[])["512"] : ["20", "59"]);
        Remove(id);
    }

    [Fact]
    public void A_health_check_says_how_it_is()
    {
        using BoundedProcess events = _docker.Home.Begin($">{_docker.Home.Folder}/health.log", _docker.Command("events", "--filter", "event=health_status", "--format", "{{.Status}}"));
        string id = Detached("--health-cmd", "test -e /tmp/healthy", "--health-interval", "200ms", "--health-retries", "1", TestImage.Name, "sleep", "1000");
        LogFile.Await($"{_docker.Home.Folder}/health.log", "health_status: unhealthy");
        _docker.Docker("exec", id, "touch", "/tmp/healthy").Good();
        LogFile.Await($"{_docker.Home.Folder}/health.log", "health_status: healthy");
        Assert.Equal("healthy", Inspect(id, "State.Health.Status"));
        events.Kill();
        events.Wait();
        Remove(id);
    }

    [Fact]
    public void Signals_reach_it_and_stop_ends_it()
    {
        string id = Detached(TestImage.Name, "sh", "-c", $"trap 'echo got one' USR1; {Counting}");
        AwaitLog(id, "tick 0");
        _docker.Docker("kill", "--signal", "USR1", id).Good();
        AwaitLog(id, "got one");
        _docker.Docker("stop", "--time", "30", id).Good();
        Assert.Equal(("exited", "5"), (Inspect(id, "State.Status"), Inspect(id, "State.ExitCode")));
        _docker.Docker("start", id).Good();
        Assert.Equal("running", Inspect(id, "State.Status"));
        _docker.Docker("restart", "--time", "0", id).Good();
        Assert.Equal("running", Inspect(id, "State.Status"));
        _docker.Docker("kill", id).Good();
        Assert.Equal("137", _docker.Docker("wait", id).Good().Output.Trim());
        Remove(id);
    }

    [Fact]
    public void A_restart_policy_is_kept()
    {
        using BoundedProcess events = _docker.Home.Begin($">{_docker.Home.Folder}/starts.log", _docker.Command("events", "--filter", "container=again", "--filter", "event=die", "--format", "{{.Status}}"));
        string id = Detached("--name", "again", "--restart", "on-failure:2", TestImage.Name, "sh", "-c", "exit 3");
        LogFile.Await($"{_docker.Home.Folder}/starts.log", "die\ndie\ndie\n");
        events.Kill();
        events.Wait();
        Assert.Equal("3", _docker.Docker("wait", id).Good().Output.Trim());
        Assert.Equal(("3", "2"), (Inspect(id, "State.ExitCode"), _docker.Docker("inspect", "--format", "{{.RestartCount}}", id).Good().Output.Trim()));
        Remove(id);
    }

    private string Detached(params string[] words) => _docker.Docker(["run", "--detach", "--network", "none", .. words]).Good().Output.Trim();

    private void Remove(string id)
    {
        _docker.Docker("rm", "--force", id).Good();
        Assert.Equal("", _docker.Docker("ps", "--all", "--quiet", "--no-trunc", "--filter", $"id={id}").Good().Output);
    }

    private string Inspect(string id, string member) => _docker.Docker("inspect", "--format", "{{." + member + "}}", id).Good().Output.Trim();

    private void AwaitLog(string id, string line) => LogFile.Await(Inspect(id, "LogPath"), $"\"{line}\\n\"");

    private string ReadLimit(string id, string legacy, string unified) =>
        _docker.Docker("exec", id, "sh", "-c", $"cat /sys/fs/cgroup/{legacy} 2>/dev/null || cat /sys/fs/cgroup/{unified}").Good().Output.Trim();
}
