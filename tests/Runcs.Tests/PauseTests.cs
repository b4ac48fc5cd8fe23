using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests;

public sealed class PauseTests : ContainerTest
{
    public PauseTests()
    {
        if (CgroupMounts.Find("freezer") is null && CgroupMounts.Unified.Length == 0)
            Assert.Skip("no freezer is mounted");
    }

    [SpecRow("cli.pause", "cli.resume")]
    [Fact]
    public void A_paused_container_stands_still_and_resumes()
    {
        TestContainer container = Counting();
        container.Runtime("pause", container.Id).Good();
        Assert.Equal("paused", container.Status());
        long length = new FileInfo(Ticks(container)).Length;
        Assert.Equal("D", StateOf(container.Pid())); // frozen in the kernel: it cannot have moved while we looked
        Assert.Equal(length, new FileInfo(Ticks(container)).Length);
        container.Runtime("resume", container.Id).Good();
        Assert.Equal("running", container.Status());
        container.AwaitText(Ticks(container), new string('.', (int)length + 3));
    }

    [Fact]
    public void Pause_of_a_paused_container_and_resume_of_a_running_one_are_refused()
    {
        TestContainer container = Counting();
        container.Runtime("resume", container.Id).Refused(1, "container not paused");
        container.Runtime("pause", container.Id).Good();
        container.Runtime("pause", container.Id).Refused(1, "container not running");
        Assert.Equal("paused", container.Status());
        container.Runtime("resume", container.Id).Good();
    }

    [Fact]
    public void Pause_and_resume_of_a_stopped_container_are_refused()
    {
        TestContainer container = Container().Script("true");
        container.Create().Good();
        int pid = container.Pid();
        container.Start().Good();
        container.WaitForEnd(pid);
        container.Runtime("pause", container.Id).Refused(1, "container not running");
        container.Runtime("resume", container.Id).Refused(1, "container not paused");
        container.Runtime("pause", "nobody").Refused(1, "does not exist");
    }

    [Fact]
    public void Exec_in_a_paused_container_is_refused_unless_asked_for()
    {
        TestContainer container = Counting();
        container.Runtime("pause", container.Id).Good();
        container.Exec("/bin/true").Refused(255, "cannot exec in a paused container (use --ignore-paused to override)");
        using BoundedProcess waiting = container.Begin("", "exec", "--ignore-paused", container.Id, "/bin/true");
        container.Runtime("resume", container.Id).Good();
        waiting.Wait().Good();
    }

    [Fact]
    public void A_paused_container_dies_of_kill_and_not_of_term()
    {
        TestContainer container = Counting();
        int pid = container.Pid();
        container.Runtime("pause", container.Id).Good();
        container.Runtime("kill", container.Id, "TERM").Good();
        Assert.Equal("paused", container.Status());
        container.Runtime("kill", container.Id, "KILL").Good();
        container.WaitForEnd(pid);
        Assert.Equal("stopped", container.Status());
    }

    [Fact]
    public void A_paused_container_is_deleted_by_force_only()
    {
        TestContainer container = Counting();
        container.Runtime("pause", container.Id).Good();
        container.Runtime("delete", container.Id).Refused(1, $"cannot delete container {container.Id} that is not stopped: paused");
        container.Runtime("delete", "--force", container.Id).Good();
        container.Runtime("state", container.Id).Refused(1, "does not exist");
    }

    [Fact]
    public void A_created_container_can_be_paused_and_is_started_when_it_goes_on()
    {
        TestContainer container = Container().Script("echo started");
        container.Create().Good();
        int pid = container.Pid();
        container.Runtime("pause", container.Id).Good();
        Assert.Equal("paused", container.Status());
        if (RuntimeProgram.IsOurs)
            container.Start().Refused(1, "paused");
        container.Runtime("resume", container.Id).Good();
        Assert.Equal("created", container.Status());
        container.Start().Good();
        container.WaitForEnd(pid);
        Assert.Equal("started\n", container.ContainerOutput);
    }

    [SpecRow("cli.ps")]
    [Fact]
    public void Ps_lists_the_processes_of_a_container_and_of_cgroups_that_it_made()
    {
        TestContainer container = Container().Script("sleep 1000 & sleep 1000 & echo up; wait").Up();
        container.AwaitText(container.OutputFile, "up");
        JsonArray pids = JsonNode.Parse(container.Runtime("ps", "--format", "json", container.Id).Good().Output)!.AsArray();
        Assert.Equal(3, pids.Count);
        Assert.Contains(container.Pid(), pids.Select(pid => (int)pid!));
    }

    [Fact]
    public void Ps_prints_the_hosts_table_with_the_containers_lines_only()
    {
        if (!File.Exists("/bin/ps"))
            Assert.Skip("needs the Debian package procps");
        TestContainer container = Container().Script("sleep 987654; true").Up();
        string[] lines = container.Runtime("ps", container.Id).Good().Lines;
        Assert.Contains("PID", lines[0], StringComparison.Ordinal);
        Assert.Contains(lines[1..], line => line.Contains($" {container.Pid()} ", StringComparison.Ordinal));
        Assert.InRange(lines.Length, 2, 3);
        lines = container.Runtime("ps", container.Id, "-e", "-o", "pid,comm").Good().Lines;
        Assert.Equal(["PID", "COMMAND"], lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.InRange(lines.Length, 2, 3);
        container.Runtime("ps", container.Id, "-e", "-o", "comm").Refused(1, "pid");
        container.Runtime("ps", "--format", "xml", container.Id).Refused(1, "invalid format");
    }

    /// <summary>A container that adds a dot to a file again and again, and is at it.</summary>
    private TestContainer Counting()
    {
        TestContainer container = Container().Script("while :; do printf . >> /tmp/ticks; usleep 1000; done");
        Directory.CreateDirectory($"{Scratch}/{container.Id}");
        File.WriteAllText($"{Scratch}/{container.Id}/ticks", "");
        container.Mount("/tmp", "bind", $"{Scratch}/{container.Id}", "bind", "rw").Up();
        container.AwaitText(Ticks(container), "...");
        return container;
    }

    private string Ticks(TestContainer container) => $"{Scratch}/{container.Id}/ticks";

    // v1 shows D; v2 shows what the process was at, and says "frozen" in the cgroup.
    private static string StateOf(int pid)
    {
        char state = Linux.Proc.ProcStat.Read(pid).State;
        if (CgroupMounts.Find("freezer") is not null)
            return $"{state}";
        string events = File.ReadAllText(TestContainer.CgroupFile(pid, "", "cgroup.events"));
        return events.Contains("frozen 1", StringComparison.Ordinal) ? "D" : events;
    }
}
