using System.Diagnostics;
using System.Text.Json;

namespace Rundlet.Cli.Tests;

public sealed class StatsTests
{
    [Fact]
    public void Stats_have_docker_s_columns_and_tell_limits()
    {
        using Machine machine = new();
        machine.Run("run", "-d", "--name", "busy", "--network", "none", "-m", "64m", "--pids-limit", "50", "shell", "/bin/sh", "-c", "while :; do :; done");
        string[] table = machine.Run("stats", "--no-stream").Output.Split('\n');
        Assert.Matches("^CONTAINER ID   NAME +CPU % +MEM USAGE / LIMIT +MEM % +NET I/O +BLOCK I/O +PIDS$", table[0]);
        Assert.Matches(@"^[0-9a-f]{12}   busy +\d+\.\d\d% +\S+[KM]iB / 64MiB +\d+\.\d\d% +0B / 0B +\S+B / \S+B +1$", table[1]);
        JsonElement json = JsonDocument.Parse(machine.Run("stats", "--no-stream", "--format", "json", "busy").Output).RootElement;
        Assert.Equal(("busy", "busy", "1", "50"), (Text(json, "Container"), Text(json, "Name"), Text(json, "PIDs"), Text(json, "PIDsLimit")));
        Assert.NotEqual("0.00%", Text(json, "CPUPerc"));
        Assert.NotEqual("0s", Text(json, "CPUTime"));
        Assert.Equal(("0", "0"), (Text(json, "OOMKills"), Text(json, "MemFailures")));
    }

    [Fact]
    public void Containers_that_do_not_run_are_shown_when_they_are_asked_for()
    {
        using Machine machine = new();
        machine.Run("run", "--name", "ended", "--network", "none", "shell", "/bin/true");
        Assert.Equal("", machine.Run("stats", "--no-stream", "--format", "{{.Name}}").Output);
        Assert.Equal("ended -- / -- --\n", machine.Run("stats", "-a", "--no-stream", "--format", "{{.Name}} {{.MemUsage}} {{.CPUPerc}}").Output);
        Assert.Equal("ended --\n", machine.Run("stats", "--no-stream", "--format", "{{.Name}} {{.PIDs}}", "ended").Output);
        Result unknown = machine.Run("stats", "endde");
        Assert.Equal((1, "rundlet: no such container 'endde'\nhint: did you mean 'ended'?\n"), (unknown.Code, unknown.Error));
    }

    [Fact]
    public void A_stream_goes_on_while_containers_come_start_again_and_go()
    {
        using Machine machine = new();
        machine.Run("run", "-d", "--name", "first", "--network", "none", "shell", "/bin/sh", "-c", "while :; do :; done");
        using Process stream = machine.Start("stats", "--format", "{{.Name}} {{.CPUPerc}}");
        Await(stream, line => line.StartsWith("first ") && line != "first 0.00%");
        machine.Run("run", "-d", "--name", "second", "--network", "none", "shell", "/bin/sleep", "600");
        Await(stream, line => line.StartsWith("second "));
        machine.Run("kill", "first");
        machine.Run("start", "first");
        Await(stream, line => line.StartsWith("first "));
        machine.Run("rm", "-f", "second");
        List<string> seen = Await(stream, line => line.StartsWith("first ") && line != "first 0.00%");
        Assert.All(seen, line => Assert.Matches(@"^(first|second) \d+\.\d\d%$", line));
        using Process interrupt = Process.Start("kill", ["-INT", stream.Id.ToString()]);
        Assert.Equal(130, Machine.Finish(stream).Code);
    }

    private static List<string> Await(Process stream, Predicate<string> wanted)
    {
        List<string> seen = [];
        while (stream.StandardOutput.ReadLine() is { } line)
        {
            seen.Add(line);
            if (wanted(line))
                return seen;
            Assert.True(seen.Count < 200, "it never comes");
        }
        throw new EndOfStreamException(stream.StandardError.ReadToEnd());
    }

    private static string Text(JsonElement json, string member) => json.GetProperty(member).GetString()!;
}
