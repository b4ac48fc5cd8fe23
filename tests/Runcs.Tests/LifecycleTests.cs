using System.Globalization;
using System.Text.Json.Nodes;
using Rundlet.Linux.Proc;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Tests;

public sealed class LifecycleTests : ContainerTest
{
    [Fact]
    public void A_container_goes_from_created_over_running_to_stopped_and_away()
    {
        TestContainer container = Container().Script("echo started; exec sleep 1000");
        container.Create().Good();
        Assert.Equal("created", container.Status());
        Assert.Equal("", container.ContainerOutput);
        container.Start().Good();
        Assert.Equal("running", container.Status());
        int pid = container.Pid();
        container.Runtime("kill", container.Id, "KILL").Good();
        container.WaitForEnd(pid);
        Assert.Equal("stopped", container.Status());
        container.Runtime("delete", container.Id).Good();
        container.Runtime("state", container.Id).Refused(1, "container does not exist");
    }

    [Fact]
    public void The_state_has_the_members_that_engines_read()
    {
        TestContainer container = Container();
        container.Spec["annotations"] = new JsonObject { ["org.example.note"] = "two\nlines" };
        container.Create().Good();
        JsonObject state = container.State();
        Assert.Equal(container.Id, (string)state["id"]!);
        Assert.Equal("created", (string)state["status"]!);
        Assert.Equal(container.Bundle, (string)state["bundle"]!);
        Assert.Equal(container.Rootfs, (string)state["rootfs"]!);
        Assert.Equal("root", (string?)state["owner"] is { Length: > 0 } owner ? owner : "root");
        Assert.Equal("two\nlines", (string)state["annotations"]!["org.example.note"]!);
        Assert.StartsWith("1.", (string)state["ociVersion"]!, StringComparison.Ordinal);
        DateTimeOffset created = DateTimeOffset.Parse((string)state["created"]!, CultureInfo.InvariantCulture);
        Assert.InRange(DateTimeOffset.UtcNow - created, TimeSpan.FromSeconds(-1), BoundedProcess.Patience);
        Assert.True(ProcStat.Read((int)state["pid"]!).IsAlive);
        container.Runtime("kill", container.Id, "9").Good();
        container.WaitForEnd((int)state["pid"]!);
        Assert.Equal(0, container.Pid());
    }

    [Fact]
    public void A_container_that_runs_cannot_be_started()
    {
        TestContainer container = Container().Script("exec sleep 1000").Up();
        container.Start().Refused(1, "cannot start an already running container");
        Assert.Equal("running", container.Status());
    }

    [Fact]
    public void A_container_that_has_stopped_cannot_be_started()
    {
        TestContainer container = Container();
        container.Create().Good();
        container.StartAndWait();
        container.Start().Refused(1, "cannot start a container that has stopped");
    }

    [Fact]
    public void A_created_container_that_was_killed_has_stopped()
    {
        TestContainer container = Container();
        container.Create().Good();
        int pid = container.Pid();
        container.Runtime("kill", container.Id, "KILL").Good();
        container.WaitForEnd(pid);
        Assert.Equal("stopped", container.Status());
        container.Start().Refused(1, "cannot start a container that has stopped");
        container.Runtime("delete", container.Id).Good();
    }

    [Fact]
    public void A_container_that_runs_is_deleted_by_force_only()
    {
        TestContainer container = Container().Script("exec sleep 1000").Up();
        int pid = container.Pid();
        container.Runtime("delete", container.Id).Refused(1, $"cannot delete container {container.Id} that is not stopped: running");
        Assert.Equal("running", container.Status());
        container.Runtime("delete", "--force", container.Id).Good();
        Assert.NotEqual(true, ProcStat.TryRead(pid)?.IsAlive);
        container.Runtime("state", container.Id).Refused(1, "container does not exist");
    }

    [Fact]
    public void A_created_container_can_be_deleted()
    {
        TestContainer container = Container();
        container.Create().Good();
        int pid = container.Pid();
        container.Runtime("delete", container.Id).Good();
        Assert.NotEqual(true, ProcStat.TryRead(pid)?.IsAlive);
    }

    [Fact]
    public void Delete_works_while_nobody_has_collected_the_first_process()
    {
        TestContainer container = Container();
        container.Create().Good();
        int pid = container.Pid();
        container.StartAndWait();
        Assert.Equal('Z', ProcStat.Read(pid).State); // this test is the late parent
        Assert.Equal("stopped", container.Status());
        container.Runtime("kill", container.Id).Refused(1, "container not running");
        container.Runtime("delete", container.Id).Good();
        Assert.Equal(0, Sys.waitid(P.PID, pid, out _, W.EXITED));
    }

    [Fact]
    public void Kill_sends_the_signal_by_name_or_number()
    {
        const string script = "trap 'echo usr1' USR1; trap 'echo hup; exit 3' HUP; echo ready; while :; do sleep 0.05; done";
        TestContainer container = Container().Script(script).Up();
        int pid = container.Pid();
        AwaitOutput(container, "ready");
        container.Runtime("kill", container.Id, "SIGUSR1").Good();
        AwaitOutput(container, "usr1");
        container.Runtime("kill", container.Id, "0").Good(); // kill(2): only whether it is there
        container.Runtime("kill", "--all", container.Id, "0").Good();
        container.Runtime("kill", container.Id, "1").Good();
        container.WaitForEnd(pid);
        container.Runtime("kill", container.Id, "0").Refused(1, "container not running");
        Assert.Equal(["ready", "usr1", "hup"], container.ContainerOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(0, Sys.waitid(P.PID, pid, out siginfo_t info, W.EXITED));
        Assert.Equal((CLD.EXITED, 3), (info.si_code, info.si_status));
    }

    [Fact]
    public void Kill_of_a_stopped_container_is_refused()
    {
        TestContainer container = Container();
        container.Create().Good();
        container.StartAndWait();
        container.Runtime("kill", container.Id, "TERM").Refused(1, "container not running");
    }

    [Fact]
    public void Kill_with_all_reaches_every_process_of_the_container()
    {
        TestContainer container = Container().RemoveNamespace("pid").Script("sleep 1000 & sleep 1000 & echo ready; wait");
        container.Up();
        AwaitOutput(container, "ready");
        int pid = container.Pid();
        string procs = TestContainer.CgroupFile(pid, "pids", "cgroup.procs");
        int[] all = [.. File.ReadAllLines(procs).Select(line => int.Parse(line, CultureInfo.InvariantCulture))];
        Assert.Equal(3, all.Length);
        container.Runtime("kill", "--all", container.Id, "KILL").Good();
        foreach (int each in all)
        {
            container.WaitForEnd(each);
            Assert.NotEqual(true, ProcStat.TryRead(each)?.IsAlive);
        }
    }

    [Fact]
    public void Every_command_says_that_an_unknown_container_does_not_exist()
    {
        TestContainer container = Container();
        foreach (string[] command in new string[][] { ["state", "nosuch"], ["start", "nosuch"], ["kill", "nosuch"], ["delete", "nosuch"] })
            container.Runtime(command).Refused(1, "container does not exist");
        container.Runtime("exec", "nosuch", "true").Refused(RuntimeProgram.IsOurs ? 255 : 1, "container does not exist");
        container.Runtime("delete", "--force", "nosuch").Good();
    }

    [Fact]
    public void An_id_is_given_once()
    {
        TestContainer container = Container();
        container.Create().Good();
        container.Create().Refused(1, "container with given ID already exists");
        Assert.Equal("created", container.Status());
        container.Run().Refused(1, "container with given ID already exists");
    }

    [Fact]
    public void A_failed_create_leaves_the_id_free()
    {
        TestContainer container = Container().Args("/no/such/program");
        container.Create().Refused(1, "no such file or directory");
        container.Runtime("state", container.Id).Refused(1, "container does not exist");
        container.Args("/bin/true").Create().Good();
    }

    [Fact]
    public void Run_waits_and_takes_the_container_away()
    {
        TestContainer container = Container().Script("echo out; echo err >&2; exit 42");
        Finished run = container.Run();
        Assert.Equal((42, "out\n", "err\n"), (run.Status, run.Output, run.Error));
        container.Runtime("state", container.Id).Refused(1, "container does not exist");
    }

    [Fact]
    public void Run_says_128_and_the_signal() => Assert.Equal(128 + 9, Container().RemoveNamespace("pid").Script("kill -9 $$").Run().Status);

    [Fact]
    public void Run_detached_leaves_it_running()
    {
        TestContainer container = Container().Script("exec sleep 1000");
        container.Run("--detach").Good();
        Assert.Equal("running", container.Status());
    }

    [Fact]
    public void Run_with_keep_leaves_it_stopped()
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Container();
        container.Run("--keep").Good();
        Assert.Equal("stopped", container.Status());
    }

    [Fact]
    public void Run_passes_signals_on()
    {
        TestContainer container = Container().Script("trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done");
        container.Save();
        using BoundedProcess run = container.Begin("", "run", "-b", container.Bundle, container.Id);
        container.AwaitText($"{container.LastOutput}.out", "ready");
        Assert.Equal(0, Sys.kill(run.Pid, SIG.TERM));
        Assert.Equal(7, run.Wait().Status);
    }

    [Fact]
    public void Run_collects_orphans_and_ends_with_the_first_process()
    {
        TestContainer container = Container().RemoveNamespace("pid").Script("(sleep 0.1 &) ; (true &); sleep 0.3; exit 5");
        Assert.Equal(5, container.Run().Status);
    }

    [Fact]
    public void Lists_have_all_containers()
    {
        TestContainer first = Container(), second = Container().Script("exec sleep 1000").Up();
        first.Create().Good();
        JsonArray list = JsonNode.Parse(first.Runtime("list", "--format", "json").Good().Output)!.AsArray();
        Assert.Equal(new[] { first.Id, second.Id }.Order(StringComparer.Ordinal), list.Select(item => (string)item!["id"]!).Order(StringComparer.Ordinal));
        Assert.Equal(["created", "running"], list.Select(item => (string)item!["status"]!).Order(StringComparer.Ordinal));
        Assert.Equal(new[] { first.Id, second.Id }.Order(StringComparer.Ordinal), first.Runtime("list", "-q").Good().Lines);
        string[] table = first.Runtime("list").Good().Lines;
        Assert.Equal(["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"], table[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        string[] row = table.Single(line => line.StartsWith(second.Id + " ", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal([second.Id, $"{second.Pid()}", "running", second.Bundle], row[..4]);
        Assert.All(table, line => Assert.Equal(6, line.Split("   ", StringSplitOptions.RemoveEmptyEntries).Length)); // as runc: three spaces at the least
    }

    [Fact]
    [SpecRow("annotations")]
    public void Annotations_of_megabytes_do_not_hide_the_containers()
    {
        TestContainer container = Container();
        container.Spec["annotations"] = new JsonObject { ["long"] = new string('x', 5 << 20) };
        container.Create().Good();
        Assert.Equal(5 << 20, ((string)container.State()["annotations"]!["long"]!).Length);
        Assert.Equal([container.Id], container.Runtime("list", "-q").Good().Lines);
        Assert.Equal(2, container.Runtime("list").Good().Lines.Length);
    }

    [Fact]
    public void An_empty_list_is_no_error()
    {
        TestContainer container = Container();
        Assert.Single(container.Runtime("list").Good().Lines);
        Assert.Equal("", container.Runtime("list", "-q").Good().Output);
        Assert.Contains(container.Runtime("list", "-f", "json").Good().Output.Trim(), new[] { "[]", "null" });
    }

    private static void AwaitOutput(TestContainer container, string text) => container.AwaitText(container.OutputFile, text);
}
