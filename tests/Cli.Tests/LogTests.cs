using System.Diagnostics;
using System.Text.Json;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Cli.Tests;

public sealed class LogTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    [Fact]
    public void Who_follows_gets_every_line_once_over_rotations_and_packing()
    {
        using Machine machine = new();
        const int Lines = 4000;
        string expected = string.Concat(Enumerable.Range(0, Lines).Select(i => $"line {i}\n"));
        string id = RunIn(
            machine, $"i=0; while [ $i -lt {Lines} ]; do echo line $i; i=$((i+1)); done; read end",
            "-i", "--name", "talker", "--log-opt", "max-size=20k", "--log-opt", "max-file=100", "--log-opt", "compress=true");
        using Process follow = machine.Start("logs", "-f", "talker");
        List<string> read = [];
        while (read.Count < Lines)
            read.Add(follow.StandardOutput.ReadLine()!);
        string log = $"{machine.Folder}/lib/containers/{id}/container.log";
        AwaitFiles(log, () => RotatedLog.List(log).Count(file => file.IsPacked) > 5);
        Assert.Equal(expected, machine.Run("logs", "talker").Output);
        Assert.Equal($"line {Lines - 3000}\n", machine.Run("logs", "-n", "3000", "talker").Output[..10]);
        Assert.Equal("talker\n", machine.Run("kill", "talker").Output);
        Assert.Equal("", Machine.Finish(follow).Output);
        Assert.Equal(expected, string.Concat(read.Select(line => line + "\n")));
        Assert.Equal(expected, machine.Run("logs", "talker").Output);
    }

    [Fact]
    public void A_part_of_the_log_is_chosen_by_number_and_by_time()
    {
        using Machine machine = new();
        machine.Run("run", "--name", "talker", "--network", "none", "shell", "/bin/sh", "-c", "echo one; sleep 0.02; echo two >&2; sleep 0.02; echo three");
        string[] stamped = machine.Run("logs", "-t", "talker").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, stamped.Length);
        string one = stamped[0][..stamped[0].IndexOf(' ')], three = stamped[1][..stamped[1].IndexOf(' ')];
        Assert.Equal(new Result(0, "three\n", "two\n"), machine.Run("logs", "-n", "2", "talker"));
        Assert.Equal(new Result(0, "three\n", ""), machine.Run("logs", "--since", three, "talker"));
        Assert.Equal(new Result(0, "one\n", ""), machine.Run("logs", "--until", one, "talker"));
        Assert.Equal(new Result(0, "one\n", ""), machine.Run("logs", "--until", one, "--since", "1h", "-n", "2", "talker"));
        Assert.Equal(new Result(0, "", ""), machine.Run("logs", "--until", "1h", "-f", "talker"));
        Assert.Equal(new Result(0, "", ""), machine.Run("logs", "-n", "0", "-f", "talker"));
        Result wrong = machine.Run("logs", "--since", "1m", "--until", "2m", "talker");
        Assert.Equal((125, "rundlet: --until is before --since\n"), (wrong.Code, wrong.Error));
        Assert.Equal(125, machine.Run("logs", "--since", "soon", "talker").Code);
    }

    [Fact]
    public void A_following_ends_at_its_moment()
    {
        using Machine machine = new();
        RunIn(machine, "echo one; read end", "-i", "--name", "talker");
        Result result = machine.Run("logs", "-f", "--until", DateTimeOffset.UtcNow.AddMilliseconds(400).ToString("O"), "talker");
        Assert.Equal(new Result(0, "one\n", ""), result);
        machine.Run("kill", "talker");
    }

    [Fact]
    public void What_was_chosen_of_the_container_is_in_the_details()
    {
        using Machine machine = new();
        string id = machine.Run(
            "run", "-d", "--name", "talker", "--network", "none", "-l", "team=blue", "-l", "other=x", "-e", "A=1 2", "--log-opt", "labels=team", "--log-opt", "env=A", "--log-opt", "tag={{.Name}}",
            "shell", "/bin/sh", "-c", "echo one").Output.Trim();
        machine.Run("logs", "-f", "talker");
        Assert.Equal("A=1+2,tag=talker,team=blue one\n", machine.Run("logs", "--details", "talker").Output);
        using JsonDocument document = JsonDocument.Parse(machine.Run("inspect", "talker").Output);
        JsonElement container = document.RootElement[0];
        Assert.Equal($"{machine.Folder}/lib/containers/{id}/container.log", container.GetProperty("LogPath").GetString());
        Assert.Equal("json-file", container.GetProperty("HostConfig").GetProperty("LogConfig").GetProperty("Type").GetString());
        Assert.Equal("team", container.GetProperty("HostConfig").GetProperty("LogConfig").GetProperty("Config").GetProperty("labels").GetString());
    }

    [Fact]
    public void A_log_is_cleared_while_it_is_written_and_followed_and_afterwards()
    {
        using Machine machine = new();
        RunIn(machine, "echo before; while read line; do echo $line; done", "-i", "--name", "talker");
        using Process follow = machine.Start("logs", "-f", "talker");
        Assert.Equal("before", follow.StandardOutput.ReadLine());
        Assert.Equal(new Result(0, "", ""), machine.Run("logs", "--clear", "talker"));
        Assert.Equal(new Result(0, "", ""), machine.Run("logs", "talker"));
        machine.Run("exec", "talker", "/bin/sh", "-c", "echo after > /proc/1/fd/1");
        Assert.Equal("after", follow.StandardOutput.ReadLine());
        Assert.Equal("after\n", machine.Run("logs", "talker").Output);
        machine.Run("kill", "talker");
        Assert.Equal(0, Machine.Finish(follow).Code);
        Assert.Equal(0, machine.Run("logs", "--clear", "talker").Code);
        Assert.Equal(new Result(0, "", ""), machine.Run("logs", "talker"));
        Result wrong = machine.Run("logs", "--clear", "-f", "talker");
        Assert.Equal((125, "rundlet: --clear prints nothing: --follow does not go with it\n"), (wrong.Code, wrong.Error));
    }

    [Fact]
    public void Who_follows_a_container_that_is_removed_is_done()
    {
        using Machine machine = new();
        RunIn(machine, "echo one; read end", "-i", "--name", "talker");
        using Process follow = machine.Start("logs", "-f", "talker");
        Assert.Equal("one", follow.StandardOutput.ReadLine());
        Assert.Equal("talker\n", machine.Run("rm", "-f", "talker").Output);
        Assert.Equal(new Result(0, "", ""), Machine.Finish(follow));
    }

    [Fact]
    public void Who_follows_goes_on_over_restarts_by_policy()
    {
        using Machine machine = new();
        machine.Run("run", "-d", "--name", "talker", "--restart", "on-failure:2", "--network", "none", "shell", "/bin/sh", "-c", "echo one; sleep 0.1; exit 3");
        Assert.Equal(new Result(0, "one\none\none\n", ""), machine.Run("logs", "-f", "talker"));
    }

    [Fact]
    public void Who_follows_goes_on_when_the_supervisor_is_killed_and_loses_no_line()
    {
        using Machine machine = new();
        string id = RunIn(machine, "i=0; while [ $i -lt 200 ]; do echo line $i; i=$((i+1)); sleep 0.01; done", "--name", "talker");
        using Process follow = machine.Start("logs", "-f", "talker");
        Assert.Equal("line 0", follow.StandardOutput.ReadLine());
        using (JsonDocument state = JsonDocument.Parse(File.ReadAllText($"{machine.Folder}/run/containers/{id}/state.json")))
        {
            using Process supervisor = Process.GetProcessById(state.RootElement.GetProperty("supervisorPid").GetInt32());
            supervisor.Kill();
        }
        Result result = Machine.Finish(follow);
        Assert.Equal(string.Concat(Enumerable.Range(1, 199).Select(i => $"line {i}\n")), result.Output);
    }

    [Fact]
    public void A_container_may_keep_no_log()
    {
        using Machine machine = new();
        machine.Run("run", "--name", "mute", "--log-driver", "none", "--network", "none", "shell", "/bin/sh", "-c", "echo one");
        Result result = machine.Run("logs", "mute");
        Assert.Equal((1, "rundlet: container 'mute' keeps no log\n"), (result.Code, result.Error[..(result.Error.IndexOf('\n') + 1)]));
        Assert.Empty(Directory.GetFiles($"{machine.Folder}/lib/containers", "container.log*", SearchOption.AllDirectories));
    }

    [Fact]
    public void Garbage_in_the_file_is_passed_over_and_said()
    {
        using Machine machine = new();
        string id = machine.Run("run", "-d", "--name", "talker", "--network", "none", "shell", "/bin/sh", "-c", "echo one").Output.Trim();
        machine.Run("logs", "-f", "talker");
        string log = $"{machine.Folder}/lib/containers/{id}/container.log";
        File.AppendAllText(log, "garbage\n\0\0\0\n{\"log\":\"half");
        Assert.Equal("talker\n", machine.Run("start", "talker").Output);
        Result result = machine.Run("logs", "-f", "talker");
        Assert.Equal(new Result(0, "one\none\n", "rundlet: 3 damaged lines of the log passed over\n"), result);
        File.Delete(log);
        File.CreateSymbolicLink(log, "/etc/passwd");
        Assert.Equal((1, ""), (machine.Run("logs", "talker").Code, machine.Run("logs", "talker").Output));
        Assert.NotEqual(0, machine.Run("start", "talker").Code);
    }

    [Fact]
    public void Bytes_that_are_no_text_and_lines_without_an_end_come_out_again()
    {
        using Machine machine = new();
        machine.Run("run", "--name", "talker", "--network", "none", "shell", "/bin/sh", "-c", "x=0123456789abcdef; i=0; while [ $i -lt 14 ]; do x=$x$x; i=$((i+1)); done; echo \"$x\"; printf 'a\\001\\377b\\tc'");
        string output = machine.Run("logs", "-t", "talker").Output;
        string[] lines = output.Split('\n');
        Assert.Equal(2, lines.Length);
        Assert.Equal(string.Concat(Enumerable.Repeat("0123456789abcdef", 1 << 14)), lines[0][31..]);
        Assert.Equal("a\u0001\uFFFDb\tc", lines[1][31..]);
    }

    private static string RunIn(Machine machine, string script, params string[] flags) =>
        machine.Run(["run", "-d", "--network", "none", .. flags, "shell", "/bin/sh", "-c", script]).Output.Trim();

    private static void AwaitFiles(string log, Func<bool> isThere)
    {
        using FileSystemWatcher watcher = new(Path.GetDirectoryName(log)!) { EnableRaisingEvents = true };
        using AutoResetEvent changed = new(false);
        watcher.Renamed += (_, _) => changed.Set();
        watcher.Deleted += (_, _) => changed.Set();
        while (!isThere())
            Assert.True(changed.WaitOne(s_limit), "the files did not come");
    }
}
