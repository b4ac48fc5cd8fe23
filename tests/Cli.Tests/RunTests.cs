using System.Diagnostics;
using System.Text.Json;

namespace Rundlet.Cli.Tests;

public sealed class RunTests
{
    [Fact]
    public void A_container_says_something_on_both_streams_and_ends_with_its_own_code()
    {
        using Machine machine = new();
        Result result = machine.Run("run", "--rm", "--network", "none", "shell", "/bin/sh", "-c", "echo out; echo err >&2; exit 7");
        Assert.Equal(new Result(7, "out\n", "err\n"), result);
        Assert.Equal("", machine.Leaks());
    }

    [Fact]
    public void Standard_input_reaches_the_program_and_its_end_too()
    {
        using Machine machine = new();
        string text = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"line {i}\n"));
        Result result = machine.RunWithInput(text, "run", "-i", "--rm", "--network", "none", "shell", "/bin/cat");
        Assert.Equal((0, text), (result.Code, result.Output));
    }

    [Theory]
    [InlineData(125, "no such image 'shel'", "--pull=never", "shel", "/bin/true")]
    [InlineData(125, "registry '127.0.0.1:1' refuses the connection", "127.0.0.1:1/shel", "/bin/true")]
    [InlineData(127, "no-such-program", "shell", "no-such-program")]
    [InlineData(126, "/bin/text", "shell", "/bin/text")]
    [InlineData(125, "unknown capability", "--cap-add", "NET_ADMN", "shell", "/bin/true")]
    [InlineData(125, "below the possible minimum", "-m", "1m", "shell", "/bin/true")]
    [InlineData(125, "does not exist", "-v", "/no/such/folder:/x", "shell", "/bin/true")]
    [InlineData(125, "unknown flag '--memry'", "--memry", "1m", "shell", "/bin/true")]
    [InlineData(125, "network 'none' goes with no other", "--network", "front", "shell", "/bin/true")]
    [InlineData(125, "no command specified", "shell")]
    [InlineData(125, "no user 'bob'", "-u", "bob", "shell", "/bin/true")]
    [InlineData(125, "invalid container name", "--name", "a/b", "shell", "/bin/true")]
    public void What_cannot_run_gets_one_line_its_code_and_leaves_nothing(int code, string message, params string[] arguments)
    {
        using Machine machine = new();
        Result result = machine.Run(["run", "--rm", "--network=none", .. arguments]);
        Assert.Equal(code, result.Code);
        Assert.Equal("", result.Output);
        string[] lines = result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines[0] == "Unable to find image '127.0.0.1:1/shel:latest' locally")
            lines = lines[1..];
        Assert.StartsWith("rundlet: ", lines[0]);
        Assert.Contains(message, lines[0]);
        Assert.All(lines.Skip(1), line => Assert.StartsWith("hint: ", line));
        Assert.Equal("", machine.Run("ps", "-aq").Output);
        Assert.Equal("", machine.Leaks());
    }

    [Fact]
    public void A_container_in_the_background_lives_through_all_commands()
    {
        using Machine machine = new();
        string id = machine.Run("run", "-d", "--name", "box", "--network", "none", "shell", "/bin/sh", "-c", "echo started; trap 'exit 3' TERM; while :; do sleep 0.05; done").Output.Trim();
        Assert.Equal(64, id.Length);
        Assert.Contains(id[..12], machine.Run("ps").Output);
        Result taken = machine.Run("run", "--name", "box", "--network", "none", "shell", "/bin/true");
        Assert.Equal(125, taken.Code);
        Assert.Contains("already taken", taken.Error);
        Assert.Equal(new Result(4, "inside\n", ""), machine.Run("exec", "box", "/bin/sh", "-c", "echo inside; exit 4"));
        Assert.Equal("uid=1000(ann) gid=1000(ann) groups=1000(ann),2000(extra)\n", machine.Run("exec", "-u", "ann", "box", "/bin/id").Output);
        Assert.Equal(127, machine.Run("exec", "box", "no-such-program").Code);
        Assert.Contains("is running", machine.Run("rm", "box").Error);
        using (JsonDocument document = JsonDocument.Parse(machine.Run("inspect", "box").Output))
            Assert.Equal("running", document.RootElement[0].GetProperty("State").GetProperty("Status").GetString());
        Assert.Contains("box", machine.Run("stats", "--no-stream").Output);
        Assert.Equal("started\n", machine.Run("logs", "box").Output);
        Assert.Equal("box\n", machine.Run("stop", "box").Output);
        Assert.Contains("Exited (3)", machine.Run("ps", "-a").Output);
        Assert.Equal(125, machine.Run("exec", "box", "/bin/true").Code);
        Assert.Equal("box\n", machine.Run("start", "box").Output);
        Assert.Equal("box\n", machine.Run("kill", "box").Output);
        Assert.Contains("Exited (137)", machine.Run("ps", "-a").Output);
        Assert.Equal("box\n", machine.Run("rm", "box").Output);
        Assert.Equal("", machine.Leaks());
    }

    [Fact]
    public void Logs_are_followed_to_the_end_of_the_container()
    {
        using Machine machine = new();
        machine.Run("run", "-d", "--name", "talker", "--network", "none", "shell", "/bin/sh", "-c", "for i in 1 2 3 4 5; do echo line $i; sleep 0.1; done");
        Result followed = machine.Run("logs", "-f", "talker");
        Assert.Equal("line 1\nline 2\nline 3\nline 4\nline 5\n", followed.Output);
        Assert.Equal("line 4\nline 5\n", machine.Run("logs", "--tail", "2", "talker").Output);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\S+Z line 5\n$", machine.Run("logs", "-t", "-n1", "talker").Output);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public void A_signal_to_the_foreground_command_reaches_the_program(string signal)
    {
        using Machine machine = new();
        using Process run = machine.Start("run", "--rm", "--network", "none", "shell", "/bin/sh", "-c", $"trap 'echo got it; exit 9' {signal}; echo ready; while :; do sleep 0.05; done");
        Assert.Equal("ready", run.StandardOutput.ReadLine());
        using (Process kill = Process.Start("kill", ["-s", signal, run.Id.ToString()]))
            kill.WaitForExit();
        Result result = Machine.Finish(run);
        Assert.Equal((9, "got it\n"), (result.Code, result.Output));
    }

    [Fact]
    public void A_container_of_a_killed_foreground_command_is_removed_when_it_ends()
    {
        using Machine machine = new();
        using Process run = machine.Start("run", "--rm", "--name", "orphan", "--network", "none", "shell", "/bin/sh", "-c", "echo ready; exec sleep 600");
        Assert.Equal("ready", run.StandardOutput.ReadLine());
        run.Kill();
        run.WaitForExit();
        Assert.Contains("orphan", machine.Run("ps").Output);
        Assert.Equal("orphan\n", machine.Run("kill", "orphan").Output);
        Assert.Equal("", machine.Run("ps", "-aq").Output);
        Assert.Equal("", machine.Leaks());
    }

    [Fact]
    public void Options_reach_the_program()
    {
        using Machine machine = new();
        File.WriteAllText($"{machine.Folder}/shared", "from the host\n");
        Result result = machine.Run(
            "run", "--rm", "--network", "none", "--hostname", "named", "-e", "A=1", "-w", "/tmp", "-u", "ann", "-v", $"{machine.Folder}/shared:/shared:ro", "--tmpfs", "/scratch:mode=1777",
            "--read-only", "--cap-drop", "ALL", "--pids-limit", "50", "-m", "64m", "shell",
            "/bin/sh", "-c", "cat /shared /etc/hostname; echo $A $PWD $HOME; id -u; touch /scratch/x && echo scratch; touch /x 2>/dev/null || echo read-only");
        Assert.Equal("from the host\nnamed\n1 /tmp /home/ann\n1000\nscratch\nread-only\n", result.Output);
    }

    [Fact]
    public void Ten_containers_at_once_have_ten_names_and_leave_nothing()
    {
        using Machine machine = new();
        Process[] runs = [.. Enumerable.Range(0, 10).Select(_ => machine.Start("run", "--rm", "--network", "none", "shell", "/bin/cat", "/etc/hostname"))];
        Result[] results = [.. runs.Select(Machine.Finish)];
        Assert.All(results, result => Assert.Equal((0, ""), (result.Code, result.Error)));
        Assert.Equal(10, results.Select(result => result.Output).Distinct().Count());
        Assert.Equal("", machine.Leaks());
    }

    [Fact]
    public void Help_lists_every_command_and_a_wrong_one_is_corrected()
    {
        using Machine machine = new();
        Result help = machine.Run("--help");
        Assert.Equal(0, help.Code);
        foreach (string command in (string[])["run", "exec", "ps", "logs", "stop", "kill", "rm", "inspect", "stats", "images", "import", "version", "info"])
        {
            Assert.Contains($"  {command} ", help.Output);
            Assert.StartsWith($"Usage: rundlet {command}", machine.Run(command, "--help").Output);
        }
        Assert.Contains("did you mean 'rundlet logs'?", machine.Run("log", "x").Error);
        Assert.Contains("shell", machine.Run("image", "ls").Output);
        Assert.StartsWith("Usage: rundlet image ls", machine.Run("help", "image", "ls").Output);
        Result wrong = machine.Run("image", "lss");
        Assert.Equal((125, "rundlet: unknown command 'image lss'\nhint: did you mean 'rundlet image ls'?\n"), (wrong.Code, wrong.Error));
    }
}
