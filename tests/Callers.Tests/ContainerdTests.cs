using Rundlet.Runcs.Tests;

namespace Rundlet.Callers.Tests;

/// <summary>What people, and with them Kubernetes, do with containerd.</summary>
public sealed class ContainerdTests : IClassFixture<ContainerdHome>
{
    private const string Counting = "trap 'exit 5' TERM; i=0; while :; do i=$((i+1)); echo $i >/tmp/count; sleep 0.1; done";

    private readonly ContainerdHome _containerd;

    public ContainerdTests(ContainerdHome containerd)
    {
        _containerd = containerd;
        containerd.Prepare();
    }

    [Fact]
    public void Run_passes_output_errors_and_status_on()
    {
        Finished run = _containerd.Run("plain", "sh", "-c", "echo out; echo err >&2; exit 7");
        Assert.Equal((7, "out\n", "err\n"), (run.Status, run.Output, run.Error));
    }

    [Fact]
    public void A_program_that_is_not_there_is_told()
    {
        Finished run = _containerd.Run("missing", "nosuch");
        Assert.Contains("exec: \"nosuch\": executable file not found in $PATH", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("missing", _containerd.Ctr("task", "ls").Good().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_task_is_listed_entered_measured_and_ended()
    {
        using BoundedProcess running = Start("task", "sh", "-c", Counting);
        Assert.Equal("RUNNING", StatusOf("task"));
        Finished exec = _containerd.Ctr("task", "exec", "--exec-id", "e1", "--user", "1000:1000", "--cwd", "/tmp", "task", "sh", "-c", "id -u; pwd; exit 3");
        Assert.Equal((3, "1000\n/tmp\n"), (exec.Status, exec.Output));
        string metrics = _containerd.Ctr("task", "metrics", "task").Good().Output;
        Assert.Matches(@"pids\.current +[12] ", metrics);
        Assert.Matches(@"memory\.usage(_in_bytes)? +[1-9]", metrics);
        Assert.Contains(PidOf("task"), _containerd.Ctr("task", "ps", "task").Good().Output, StringComparison.Ordinal);
        _containerd.Ctr("task", "kill", "--signal", "TERM", "task").Good();
        Assert.Equal(5, running.Wait().Status);
    }

    [Fact]
    public void Run_and_exec_have_terminals_of_the_callers_size()
    {
        Finished run = _containerd.Home.RunUnderTerminal(_containerd.RunCommand("--rm", "--tty", TestImage.Name, "terminal", "sh", "-c", "tty; until stty size 2>/dev/null | grep '33 77'; do :; done; exit 6"));
        Assert.Equal(6, run.Status);
        Assert.Contains("/dev/pts/0", run.Output, StringComparison.Ordinal);
        Assert.Contains("33 77", run.Output, StringComparison.Ordinal); // ctr sets it only after the start
        using BoundedProcess running = Start("entered", "sleep", "1000");
        Finished exec = _containerd.Home.RunUnderTerminal(_containerd.Command("task", "exec", "--exec-id", "e1", "--tty", "entered", "sh", "-c", "tty; until stty size 2>/dev/null | grep '33 77'; do :; done; exit 4"));
        Assert.Equal(4, exec.Status);
        Assert.Contains("/dev/pts/", exec.Output, StringComparison.Ordinal);
        Assert.Contains("33 77", exec.Output, StringComparison.Ordinal);
        _containerd.Ctr("task", "kill", "--signal", "KILL", "entered").Good();
        Assert.Equal(137, running.Wait().Status);
    }

    [Fact]
    public void Pause_stops_it_and_resume_lets_it_go_on()
    {
        using BoundedProcess running = Start("paused", "sh", "-c", Counting);
        _containerd.Ctr("task", "pause", "paused").Good();
        Assert.Equal("PAUSED", StatusOf("paused"));
        string file = $"/proc/{PidOf("paused")}/root/tmp/count";
        string before = File.ReadAllText(file);
        _containerd.Ctr("task", "metrics", "paused").Good();
        Assert.Equal(before, File.ReadAllText(file));
        _containerd.Ctr("task", "resume", "paused").Good();
        Assert.Equal("RUNNING", StatusOf("paused"));
        _containerd.Ctr("task", "kill", "--signal", "TERM", "paused").Good();
        Assert.Equal(5, running.Wait().Status);
    }

    [Fact]
    public void Kill_with_all_ends_every_process()
    {
        using BoundedProcess running = Start("all", "sh", "-c", "trap '' TERM; sleep 1000 & sleep 1000");
        _containerd.Ctr("task", "kill", "--all", "--signal", "KILL", "all").Good();
        Assert.Equal(137, running.Wait().Status);
    }

    [Fact]
    public void Options_of_ctr_hold()
    {
        string legacy = CgroupMounts.IsLegacy("memory") ? "memory/memory.limit_in_bytes" : "memory.max";
        Finished run = _containerd.Home.Run(_containerd.RunCommand(
            "--rm", "--read-only", "--memory-limit", "33554432", "--seccomp", "--cpus", "0.5", "--cwd", "/tmp", "--env", "A=b", "--mount", "type=bind,src=/etc,dst=/tmp,options=rbind:ro",
            "--mount", "type=cgroup,src=cgroup,dst=/sys/fs/cgroup,options=ro", TestImage.Name, "options", "sh", "-c", $"touch /x 2>/dev/null || echo refused; echo $A; pwd; grep Seccomp: /proc/self/status; cat /sys/fs/cgroup/{legacy}; test -e passwd && echo bound"));
        Assert.Equal(["refused", "b", "/tmp", "Seccomp:\t2", "33554432", "bound"], run.Good().Lines);
    }

    [Fact]
    public void The_hosts_network_and_all_privileges_may_be_given()
    {
        Finished run = _containerd.Home.Run(_containerd.RunCommand("--rm", "--privileged", "--net-host", TestImage.Name, "trusted", "sh", "-c", "grep CapBnd /proc/self/status; readlink /proc/self/ns/net"));
        string own = File.ReadLines("/proc/self/status").First(line => line.StartsWith("CapBnd", StringComparison.Ordinal));
        Assert.Equal(own, run.Good().Lines[0]);
        Assert.Equal(_containerd.RunBeside("readlink", "/proc/self/ns/net").Good().Lines[0], run.Lines[1]);
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("oci")]
    public void An_image_that_rundlet_saves_is_run_by_containerd_and_comes_back_the_same(string format)
    {
        var images = new ImageStore(_containerd.Home);
        string folder = _containerd.Home.Folder, name = $"localhost/ours:{format}";
        images.Run("import", images.WriteRootfs(), name);
        string identity = images.IdentityOf(name);
        images.Run("save", "--format", $"{format}-archive", "--output", $"{folder}/{format}.tar", name);
        Assert.Contains(name, _containerd.Ctr("image", "import", $"{folder}/{format}.tar").Good().Output, StringComparison.Ordinal);
        string listed = _containerd.Ctr("image", "ls", $"name=={name}").Good().Output;
        if (format == "oci")
            Assert.Contains(images.Run("images", "--digests", "--format", "{{.Digest}}", name).Output.Trim(), listed, StringComparison.Ordinal);
        Finished run = _containerd.Home.Run(_containerd.RunCommand("--rm", name, $"archive-{format}", "cat", "/etc/group"));
        Assert.Contains("extra:x:2000:user", run.Good().Output, StringComparison.Ordinal);
        _containerd.Ctr("image", "export", $"{folder}/{format}-back.tar", name).Good();
        images.Run("rmi", name);
        images.Run("load", "--input", $"{folder}/{format}-back.tar");
        Assert.Equal(identity, images.IdentityOf(name));
        _containerd.Ctr("image", "rm", name).Good();
    }

    // In the foreground of a `ctr` that says how it ended.
    private BoundedProcess Start(string id, params string[] words)
    {
        string log = $"{_containerd.Home.Folder}/{id}.log";
        BoundedProcess running = _containerd.Home.Begin($">{log}", _containerd.RunCommand(["--rm", TestImage.Name, id, "sh", "-c", "echo ready; exec \"$@\"", "sh", .. words]));
        LogFile.Await(log, "ready\n");
        return running;
    }

    private string[] Row(string id) => _containerd.Ctr("task", "ls").Good().Lines.Single(line => line.StartsWith($"{id} ", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private string StatusOf(string id) => Row(id)[2];

    private string PidOf(string id) => Row(id)[1];
}
