using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Tests;

/// <summary>Restart policies, and what commands make of a supervisor that was killed.</summary>
public sealed class LifeTests
{
    private const string Forever = "echo up; while :; do sleep 0.05; done";
    private const string Talker = "i=0; while :; do i=$((i + 1)); echo line $i; test -e /tmp/stop && exit 23; sleep 0.01; done";

    [Fact]
    public void A_container_outlives_its_supervisor_and_the_next_command_has_it_again()
    {
        using Machine machine = new();
        string id = Start(machine, "box", Talker);
        ContainerRuntimeState before = KillSupervisor(machine, id);
        string[] at = [.. Enumerable.Range(0, 4).Select(i => machine.Start("exec", "box", "/bin/sh", "-c", $"echo {i}")).ToArray().Select(Machine.Finish).Select(result => result.Output + result.Error)];
        Assert.Equal(["0\n", "1\n", "2\n", "3\n"], at); // four at once, and one of them has adopted it
        Assert.Contains("Up ", machine.Run("ps").Output);
        ContainerRuntimeState after = StateOf(machine, id);
        Assert.Equal((before.Pid, 0), (after.Pid, after.RestartCount));
        Assert.NotEqual(before.SupervisorPid, after.SupervisorPid);
        using Process follows = machine.Start("logs", "-f", "box");
        Assert.Equal("line 1", follows.StandardOutput.ReadLine());
        KillSupervisor(machine, id);
        machine.Run("exec", "box", "/bin/touch", "/tmp/stop");
        string[] lines = Machine.Finish(follows).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Enumerable.Range(2, lines.Length).Select(i => $"line {i}"), lines);
        Assert.Contains("Exited (23)", machine.Run("ps", "-a").Output);
    }

    [Fact]
    public void What_its_supervisor_had_taken_is_in_the_log_of_a_container_that_ended_without_one()
    {
        using Machine machine = new();
        string id = Start(machine, "box", "printf 'one\nand half of two'; while :; do sleep 1000; done");
        string run = $"{machine.Folder}/run/containers/{id}";
        Until(() => machine.Run("logs", "box").Output == "one\n" && OutputSpoolFile.HoldsOutput(run), run);
        Kill(KillSupervisor(machine, id).Pid);
        for (int turn = 0; turn < 2; turn++)
            Assert.Equal("one\nand half of two", machine.Run("logs", "box").Output);
    }

    [Fact]
    public void A_foreground_run_goes_on_under_the_next_supervisor()
    {
        using Machine machine = new();
        using Process run = machine.Start("run", "--rm", "--name", "front", "--network", "none", "shell", "/bin/sh", "-c", Talker);
        Assert.Equal("line 1", run.StandardOutput.ReadLine());
        KillSupervisor(machine, IdOf(machine, "front"));
        int adopted = NumberOf(machine.Run("logs", "-n", "1", "front").Output), seen = 1; // who asks for it adopts it
        while (seen <= adopted)
        {
            int next = NumberOf(run.StandardOutput.ReadLine()!);
            Assert.True(next > seen, $"{next} behind {seen}");
            seen = next;
        }
        machine.Run("exec", "front", "/bin/touch", "/tmp/stop"); // killed with the container where that ends at once
        Result result = Machine.Finish(run);
        Assert.Equal((23, ""), (result.Code, result.Error));
        Assert.Equal("", machine.Leaks());
    }

    [Fact]
    public void A_container_that_was_killed_with_its_supervisor_is_started_again_by_its_policy()
    {
        using Machine machine = new();
        string id = Start(machine, "box", Forever, "--restart", "always");
        Until(() => machine.Run("logs", "box").Output == "up\n", $"{machine.Folder}/lib/containers/{id}"); // unread output goes with both
        ContainerRuntimeState before = KillSupervisor(machine, id);
        Kill(before.Pid);
        Assert.Contains("Up ", machine.Run("ps").Output);
        ContainerRuntimeState after = StateOf(machine, id);
        Assert.NotEqual(before.Pid, after.Pid);
        Assert.Equal(1, after.RestartCount);
        Until(() => machine.Run("logs", "box").Output == "up\nup\n", $"{machine.Folder}/lib/containers/{id}");
        Assert.Equal("box\n", machine.Run("stop", "-t", "1", "box").Output);
        Assert.Contains("Exited (137)", machine.Run("ps", "-a").Output);
        Assert.Equal("up\nup\n", machine.Run("logs", "box").Output);
    }

    [Fact]
    public void What_a_supervisor_has_forgotten_it_reads_again_and_says_when_it_cannot()
    {
        using Machine machine = new();
        string id = Start(machine, "box", Forever);
        string config = $"{machine.Folder}/lib/containers/{id}/config.json", whole = File.ReadAllText(config);
        File.WriteAllText(config, whole[..(whole.Length / 2)]);
        Result refused = machine.Run("exec", "box", "/bin/true");
        Assert.Equal(125, refused.Code);
        Assert.Contains($"config.json of container 'box' is damaged", refused.Error);
        File.WriteAllText(config, whole);
        Assert.Equal("5\n", machine.Run("exec", "box", "/bin/sh", "-c", "echo 5").Output);
        Assert.Equal("box\n", machine.Run("stop", "-t", "1", "box").Output);
    }

    [Fact]
    public void Stop_and_wait_do_not_take_a_supervisor_that_is_dying_for_the_end_of_the_container()
    {
        using Machine machine = new();
        string id = Start(machine, "box", Forever);
        File.Delete($"{machine.Folder}/run/containers/{id}/{ControlAddress.FileName}"); // it listens no more, and is not gone yet
        using Process wait = machine.Start("wait", "box"), stop = machine.Start("stop", "-t", "1", "box");
        Assert.False(stop.WaitForExit(300));
        Assert.False(wait.HasExited);
        KillSupervisor(machine, id);
        Assert.Equal("box\n", Machine.Finish(stop).Output);
        Assert.Equal("137\n", Machine.Finish(wait).Output);
        Assert.Contains("Exited (137)", machine.Run("ps", "-a").Output);
    }

    [Fact]
    public void What_restarts_says_so_and_can_be_stopped_meanwhile()
    {
        using Machine machine = new();
        string id = Start(machine, "box", "exit 3", "--restart", "unless-stopped");
        // What was asked while it waited, from the first word to the last: each pause is twice as long as the one before, so that a slow machine
        // comes to one that is long enough.
        string WhileItWaits(params string[] command)
        {
            for (int attempt = 0; attempt < 8; attempt++)
            {
                ContainerRuntimeState before = StateOf(machine, id);
                Until(() => (before = StateOf(machine, id)) is { Status: Runtime.ContainerStatus.Stopped, RestartCount: >= 4 }, $"{machine.Folder}/run/containers/{id}");
                Result said = machine.Run(command);
                ContainerRuntimeState after = StateOf(machine, id);
                if (after.Status == Runtime.ContainerStatus.Stopped && after.RestartCount == before.RestartCount)
                    return said.Output + said.Error;
            }
            throw new TimeoutException($"no pause was long enough for: {string.Join(' ', command)}");
        }
        Assert.Matches(@"Restarting \(3\) (Less than a second|1 second|\d+ seconds) ago", WhileItWaits("ps"));
        using (JsonDocument document = JsonDocument.Parse(WhileItWaits("inspect", "box")))
        {
            JsonElement box = document.RootElement[0];
            Assert.Equal("restarting", box.GetProperty("State").GetProperty("Status").GetString());
            Assert.True(box.GetProperty("State").GetProperty("Restarting").GetBoolean());
            Assert.InRange(box.GetProperty("RestartCount").GetInt32(), 4, 11);
            Assert.Equal("unless-stopped", box.GetProperty("HostConfig").GetProperty("RestartPolicy").GetProperty("Name").GetString());
        }
        Assert.Contains("restarting", WhileItWaits("rm", "box"));
        Assert.Contains("restarting", WhileItWaits("exec", "box", "/bin/true"));
        Assert.Equal("box\n", machine.Run("stop", "box").Output);
        Assert.Contains("Exited (3)", machine.Run("ps", "-a").Output);
        Assert.Equal("", machine.Run("ps", "-q").Output);
    }

    [Theory]
    [InlineData("conflicting options: cannot specify both --restart and --rm", "--rm", "--restart", "always")]
    [InlineData("invalid restart policy 'sometimes'", "--restart", "sometimes")]
    [InlineData("only on-failure has a number of retries", "--restart", "always:3")]
    [InlineData("'x' is no number of retries", "--restart", "on-failure:x")]
    public void A_policy_that_cannot_be_is_refused(string message, params string[] flags)
    {
        using Machine machine = new();
        Result result = machine.Run(["run", .. flags, "--network", "none", "shell", "/bin/true"]);
        Assert.Equal(125, result.Code);
        Assert.Contains(message, result.Error);
        Assert.Equal("", machine.Run("ps", "-aq").Output);
    }

    private static int NumberOf(string line) => int.Parse(line.AsSpan("line ".Length).TrimEnd(), CultureInfo.InvariantCulture);

    internal static string Start(Machine machine, string name, string script, params string[] flags)
    {
        Result result = machine.Run(["run", "-d", "--name", name, "--network", "none", .. flags, "shell", "/bin/sh", "-c", script]);
        Assert.True(result.Error.Length == 0, result.Error);
        return result.Output.Trim();
    }

    internal static ContainerRuntimeState StateOf(Machine machine, string id) =>
        ContainerRuntimeState.Read(File.ReadAllBytes($"{machine.Folder}/run/containers/{id}/{ContainerRuntimeState.FileName}"));

    internal static ContainerRuntimeState KillSupervisor(Machine machine, string id)
    {
        ContainerRuntimeState state = StateOf(machine, id);
        Kill(state.SupervisorPid);
        return state;
    }

    // To its end: until then it is there to be taken over.
    internal static void Kill(int pid)
    {
        using Linux.OwnedFd process = Linux.OwnedFd.FromAnswer(Sys.pidfd_open(pid), "pidfd_open");
        Assert.Equal(0, Sys.pidfd_send_signal(process.Value, SIG.KILL));
        Assert.Equal(1, Sys.poll([new pollfd { fd = process.Value, events = POLL.IN }], 10_000));
    }

    internal static void Until(Func<bool> holds, string folder)
    {
        using FileSystemWatcher watcher = new(folder) { EnableRaisingEvents = true };
        for (int turn = 0; !holds(); turn++)
        {
            Assert.True(turn < 500, "it did not get there");
            watcher.WaitForChanged(WatcherChangeTypes.All, 50);
        }
    }

    private static string IdOf(Machine machine, string name) => machine.Run("ps", "-q", "--no-trunc", "--format", "{{.ID}} {{.Names}}").Output.Split('\n').Single(line => line.EndsWith(" " + name)).Split(' ')[0];
}
