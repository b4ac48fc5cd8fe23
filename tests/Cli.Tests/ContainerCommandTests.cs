using System.Diagnostics;
using System.Text.Json;
using Rundlet.Cli.Tests.Terminal;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Tests;

/// <summary>The commands of a container's life beyond run, stop and rm.</summary>
public sealed class ContainerCommandTests
{
    // Says that it is ready, ends with 3 when it is asked to.
    private const string Patient = "trap 'exit 3' TERM; echo ready; while :; do sleep 0.02; done";

    [Fact]
    public void A_made_container_is_started_attached_and_its_output_and_code_come_through()
    {
        using Machine machine = new();
        string id = machine.Run("create", "-i", "--name", "made", "--network", "none", "shell", "/bin/sh", "-c", "cat; echo err >&2; exit 5").Output.Trim();
        Assert.Equal(64, id.Length);
        Assert.Contains("Created", machine.Run("ps", "-a").Output);
        Assert.Equal(new Result(5, "from outside\n", "err\n"), machine.RunWithInput("from outside\n", "start", "-a", "-i", "made"));
        Assert.Equal("from outside\n", machine.RunWithInput("from outside\n", "start", "-ai", "made").Output);
        Assert.Equal(125, machine.Run("start", "-a", "made", "made").Code);
        Assert.Equal("5\n", machine.Run("wait", "made").Output);
    }

    [Fact]
    public void A_signal_ends_an_exec_on_a_terminal_and_gives_the_terminal_back()
    {
        using Machine machine = new();
        machine.Run("run", "-d", "--name", "box", "--network", "none", "shell", "/bin/sleep", "600");
        using PseudoTerminal sent = new(machine, 80, 24, "exec", "-it", "box", "/bin/sh", "-c", "echo ready; exec sleep 600");
        sent.AwaitText("ready");
        sent.Signal(SIG.TERM);
        Assert.Equal(128 + SIG.TERM, sent.AwaitEnd());
        using PseudoTerminal typed = new(machine, 80, 24, "exec", "-t", "box", "/bin/sh", "-c", "echo ready; exec sleep 600");
        typed.AwaitText("ready");
        typed.Type("\x03");
        Assert.Equal(128 + SIG.INT, typed.AwaitEnd());
    }

    [Fact]
    public void A_running_container_is_attached_to_and_signals_are_passed_on()
    {
        using Machine machine = new();
        machine.Run("run", "-d", "--name", "box", "--network", "none", "shell", "/bin/sh", "-c", Patient + "").Output.Trim();
        using Process attach = machine.Start("attach", "--no-stdin", "box");
        Wait(machine, "attach", "box");
        using (Process kill = Process.Start("kill", ["-s", "TERM", attach.Id.ToString()]))
            kill.WaitForExit();
        Assert.Equal(3, Machine.Finish(attach).Code);
        Result gone = machine.Run("attach", "box");
        Assert.Equal(1, gone.Code);
        Assert.Contains("not running", gone.Error);
    }

    [Fact]
    public void Two_restarts_at_once_leave_one_running_container()
    {
        using Machine machine = new();
        machine.Run("run", "-d", "--name", "box", "--network", "none", "shell", "/bin/sh", "-c", Patient);
        Process[] restarts = [.. Enumerable.Range(0, 3).Select(_ => machine.Start("restart", "-t", "5", "box"))];
        Assert.All(restarts, restart => Assert.Equal(new Result(0, "box\n", ""), Machine.Finish(restart)));
        Assert.Contains("Up ", machine.Run("ps").Output);
        Assert.Equal("box\n", machine.Run("rm", "-f", "box").Output);
        Assert.Equal("", machine.Leaks());
    }

    [Fact]
    public void A_container_that_goes_when_it_ends_is_restarted_with_what_it_wrote_and_goes_later()
    {
        using Machine machine = new();
        Assert.Equal(0, machine.Run("run", "-d", "--rm", "--name", "box", "--network", "none", "shell", "/bin/sh", "-c", "echo life >> /tmp/lives; exec sleep 600").Code);
        string before = machine.Run("inspect", "--format", "{{.State.Pid}}", "box").Output;
        for (int restart = 0; restart < 2; restart++)
            Assert.Equal(new Result(0, "box\n", ""), machine.Run("restart", "-t", "0", "box"));
        Assert.NotEqual(before, machine.Run("inspect", "--format", "{{.State.Pid}}", "box").Output);
        Assert.Equal("0 true\n", machine.Run("inspect", "--format", "{{.RestartCount}} {{.State.Running}}", "box").Output);
        Assert.Equal("life\nlife\nlife\n", machine.Run("exec", "box", "cat", "/tmp/lives").Output);
        Assert.Equal("box\n", machine.Run("stop", "-t", "0", "box").Output);
        Assert.Equal("", machine.Run("ps", "-aq").Output);
        Assert.Equal("", machine.Leaks());
    }

    [Fact]
    public void A_restarted_container_of_a_run_in_the_foreground_lives_on_and_goes_when_it_ends()
    {
        using Machine machine = new();
        using Process run = machine.Start("run", "--rm", "--name", "box", "--network", "none", "shell", "/bin/sh", "-c", "echo up; exec sleep 600");
        Assert.Equal("up", run.StandardOutput.ReadLine());
        Assert.Equal("box\n", machine.Run("restart", "-t", "0", "box").Output);
        Assert.Equal(137, Machine.Finish(run).Code);
        Assert.Equal("true\n", machine.Run("inspect", "--format", "{{.State.Running}}", "box").Output);
        Assert.Equal("box\n", machine.Run("kill", "box").Output);
        Assert.Equal("", machine.Run("ps", "-aq").Output);
        Assert.Equal("", machine.Leaks());
    }

    [Fact]
    public void A_restart_that_is_killed_leaves_a_container_that_goes_when_it_ends_running()
    {
        using Machine machine = new();
        machine.Run("run", "-d", "--rm", "--name", "box", "--network", "none", "shell", "/bin/sh", "-c", "trap '' TERM; while :; do sleep 0.02; done");
        string before = machine.Run("inspect", "--format", "{{.State.StartedAt}}", "box").Output;
        using (Process restart = machine.Start("restart", "-t", "1", "box"))
        {
            using Process events = machine.Start("events", "--since", "1m", "--filter", "event=kill");
            _ = events.StandardOutput.ReadLine(); // it has been asked to end, and takes its time
            restart.Kill();
            Machine.Finish(restart);
            events.Kill();
            Machine.Finish(events);
        }
        Assert.Equal("box\n", machine.Run("restart", "-t", "1", "box").Output); // waits until that one has been done
        Assert.NotEqual(before, machine.Run("inspect", "--format", "{{.State.StartedAt}}", "box").Output);
        Assert.Contains("Up ", machine.Run("ps").Output);
        Assert.Equal("box\n", machine.Run("rm", "-f", "box").Output);
        Assert.Equal("", machine.Leaks());
    }

    [Fact]
    public void Several_containers_are_stopped_at_once_and_an_unknown_one_is_told()
    {
        using Machine machine = new();
        foreach (string name in (string[])["one", "two", "three"])
            machine.Run("run", "-d", "--name", name, "--network", "none", "shell", "/bin/sh", "-c", "trap '' TERM; while :; do sleep 0.05; done");
        Stopwatch watch = Stopwatch.StartNew();
        Result stop = machine.Run("stop", "-t", "2", "one", "two", "nobody", "three");
        Assert.InRange(watch.Elapsed.TotalSeconds, 1.9, 5.5); // one after the other they would take six
        Assert.Equal((1, "one\ntwo\nthree\n"), (stop.Code, stop.Output));
        Assert.Contains("no such container 'nobody'", stop.Error);
        Assert.Equal("137\n137\n", machine.Run("wait", "one", "three").Output);
    }

    [Fact]
    public void Rm_waits_for_no_stop_and_force_ends_it()
    {
        using Machine machine = new();
        machine.Run("run", "-d", "--name", "stubborn", "--network", "none", "shell", "/bin/sh", "-c", "trap '' TERM; while :; do sleep 0.05; done");
        using Process stop = machine.Start("stop", "-t", "-1", "stubborn");
        Wait(machine, "kill", "stubborn");
        Assert.Contains("is running", machine.Run("rm", "stubborn").Error);
        Assert.Equal("stubborn\n", machine.Run("rm", "-f", "stubborn").Output);
        Result stopped = Machine.Finish(stop);
        Assert.Equal((0, "stubborn\n"), (stopped.Code, stopped.Output));
        Assert.Equal("", machine.Leaks());
    }

    [Fact]
    public void A_running_container_gets_another_name_and_its_supervisor_knows_it()
    {
        using Machine machine = new();
        machine.Run("run", "-d", "--name", "old", "--network", "none", "shell", "/bin/sh", "-c", Patient);
        machine.Run("create", "--name", "taken", "--network", "none", "shell", "/bin/true");
        Result taken = machine.Run("rename", "old", "taken");
        Assert.Equal(1, taken.Code);
        Assert.Contains("already taken", taken.Error);
        Assert.Equal(125, machine.Run("rename", "old", "a/b").Code);
        Assert.Equal(125, machine.Run("rename", "old", "old").Code);
        Assert.Equal(new Result(0, "", ""), machine.Run("rename", "old", "new"));
        Assert.Equal(new Result(0, "", ""), machine.Run("rename", "/new", "/newer"));
        Assert.Equal(1, machine.Run("stop", "old").Code);
        Assert.Equal("newer\n", machine.Run("stop", "newer").Output);
        string events = machine.Run("events", "--since", "1m", "--until", "0s", "--filter", "event=die", "--filter", "event=rename", "--format", "{{.Action}} {{.Actor.Attributes.name}} {{.Actor.Attributes.oldName}}").Output;
        Assert.Equal("rename new old\nrename newer new\ndie newer <no value>\n", events);
    }

    [Fact]
    public void A_paused_container_says_so_and_runs_again()
    {
        using Machine machine = new();
        machine.Run("run", "-d", "--name", "box", "--network", "none", "shell", "/bin/sh", "-c", Patient);
        Assert.Contains("not paused", machine.Run("unpause", "box").Error);
        Assert.Equal("box\n", machine.Run("pause", "box").Output);
        Assert.Contains("already paused", machine.Run("pause", "box").Error);
        Assert.Contains("(Paused)", machine.Run("ps").Output);
        Assert.Contains("is paused", machine.Run("attach", "box").Error);
        Assert.Contains("paused", machine.Run("exec", "box", "/bin/true").Error);
        Assert.Equal("box\n", machine.Run("unpause", "box").Output);
        Assert.DoesNotContain("(Paused)", machine.Run("ps").Output);
        Assert.Equal("box\n", machine.Run("pause", "box").Output);
        Assert.Equal("box\n", machine.Run("stop", "box").Output);
        Assert.Contains("Exited (3)", machine.Run("ps", "-a").Output);
        Assert.Equal(1, machine.Run("pause", "box").Code);
    }

    [Fact]
    public void A_wait_ends_with_the_container_or_with_its_next_run_or_with_its_removal()
    {
        using Machine machine = new();
        machine.Run("create", "--name", "box", "--network", "none", "shell", "/bin/sh", "-c", "exit 4");
        Assert.Equal("0\n", machine.Run("wait", "box").Output);
        using Process next = machine.Start("wait", "--condition", "next-exit", "box"), removed = machine.Start("wait", "--condition", "removed", "box");
        // Whether both watch already cannot be seen from outside: the container runs until they have noticed.
        while (!next.HasExited)
            Assert.Equal("box\n", machine.Run("start", "box").Output);
        Assert.Equal("4\n", Machine.Finish(next).Output);
        machine.Run("rm", "-f", "box");
        Assert.Equal(0, Machine.Finish(removed).Code);
        Assert.Equal(125, machine.Run("wait", "--condition", "sometime", "box").Code);
    }

    [Fact]
    public void What_happens_is_told_in_order_and_followed()
    {
        using Machine machine = new();
        using Process follow = machine.Start("events", "--filter", "type=container", "--format", "json");
        List<string> seen = [];
        // The first event that comes says that the watch is there.
        while (seen.Count == 0)
        {
            machine.Run("create", "--name", "first", "--network", "none", "shell", "/bin/true");
            machine.Run("rm", "first");
            if (follow.StandardOutput.Peek() >= 0)
                seen.Add(follow.StandardOutput.ReadLine()!);
        }
        machine.Run("run", "--name", "web", "-l", "tier=front", "--network", "none", "shell", "/bin/sh", "-c", "exit 7");
        machine.Run("rm", "web");
        List<JsonElement> events = [];
        while (events.Count == 0 || events[^1].GetProperty("Action").GetString() != "destroy")
        {
            JsonElement one = JsonDocument.Parse(follow.StandardOutput.ReadLine()!).RootElement;
            if (one.GetProperty("Actor").GetProperty("Attributes").GetProperty("name").GetString() == "web")
                events.Add(one);
        }
        using (Process kill = Process.Start("kill", ["-s", "INT", follow.Id.ToString()]))
            kill.WaitForExit();
        Assert.Equal(130, Machine.Finish(follow).Code);
        Assert.Equal(["create", "attach", "start", "die", "destroy"], events.Select(one => one.GetProperty("status").GetString()));
        Assert.Equal("7", events[3].GetProperty("Actor").GetProperty("Attributes").GetProperty("exitCode").GetString());
        Assert.All(events, one => Assert.Equal("front", one.GetProperty("Actor").GetProperty("Attributes").GetProperty("tier").GetString()));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}\S+ container die [0-9a-f]{64} \(exitCode=7, image=shell, name=web, tier=front\)\n$", machine.Run("events", "--since", "1m", "--until", "0s", "--filter", "container=web", "--filter", "event=die").Output);
        Assert.Equal(125, machine.Run("events", "--since", "1m", "--until", "2m").Code);
        Assert.Equal(125, machine.Run("events", "--filter", "colour=red").Code);
    }

    [Fact]
    public void A_port_is_asked_for()
    {
        using Machine machine = new();
        machine.Run("create", "--name", "box", "--network", "none", "shell", "/bin/true");
        Result none = machine.Run("port", "box", "80");
        Assert.Equal(1, none.Code);
        Assert.Contains("publishes no port '80/tcp'", none.Error);
        Assert.Equal(new Result(0, "", ""), machine.Run("port", "box"));
        Assert.Equal(125, machine.Run("port", "box", "http").Code);
    }

    // Waits until an event has happened to a container.
    private static void Wait(Machine machine, string action, string name)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (machine.Run("events", "--until", "0s", "--filter", $"event={action}", "--filter", $"container={name}").Output.Length == 0)
            Assert.InRange(watch.Elapsed.TotalSeconds, 0, 30);
    }
}
