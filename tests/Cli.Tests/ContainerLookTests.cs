using System.Text.Json;

namespace Rundlet.Cli.Tests;

/// <summary>The commands that look at containers, and update.</summary>
public sealed class ContainerLookTests
{
    private const string Endless = "while :; do sleep 0.2; done";

    [Fact]
    public void Containers_are_listed_by_every_condition()
    {
        using Machine machine = new();
        machine.Run("create", "--name", "first", "--network", "none", "-l", "tier=front", "shell", "/bin/true");
        machine.Run("run", "--name", "second", "--network", "none", "-l", "tier=back", "shell", "/bin/sh", "-c", "exit 3");
        string third = machine.Run("run", "-d", "--name", "third", "--network", "none", "--tmpfs", "/scratch", "shell", "/bin/sh", "-c", Endless).Output.Trim();
        Assert.Equal("third", Names(machine));
        Assert.Equal("third second first", Names(machine, "-a"));
        Assert.Equal("third second", Names(machine, "-n", "2"));
        Assert.Equal("third", Names(machine, "-l"));
        Assert.Equal("second", Names(machine, "-a", "--filter", "name=^sec"));
        Assert.Equal("third", Names(machine, "--filter", $"id={third[..8]}"));
        Assert.Equal("second", Names(machine, "--filter", "status=exited"));
        Assert.Equal("second first", Names(machine, "--filter", "status=created", "--filter", "status=exited"));
        Assert.Equal("second", Names(machine, "-a", "--filter", "exited=3"));
        Assert.Equal("", Names(machine, "-a", "--filter", "exited=0"));
        Assert.Equal("first", Names(machine, "-a", "--filter", "label=tier=front"));
        Assert.Equal("second first", Names(machine, "-a", "--filter", "label=tier"));
        Assert.Equal("third", Names(machine, "-a", "--filter", "label!=tier"));
        Assert.Equal("third second first", Names(machine, "-a", "--filter", "ancestor=shell"));
        Assert.Equal("", Names(machine, "-a", "--filter", "ancestor=hello"));
        Assert.Equal("first", Names(machine, "-a", "--filter", "before=second"));
        Assert.Equal("third", Names(machine, "-a", "--filter", "since=second"));
        Assert.Equal("third", Names(machine, "-a", "--filter", "volume=/scratch"));
        Assert.Equal("third second first", Names(machine, "-a", "--filter", "network=none"));
        Assert.Equal("", Names(machine, "-a", "--filter", "publish=80"));
        Assert.Matches(@"SIZE\n.*\s\d\S*B \(virtual \d\S*B\)\n$", machine.Run("ps", "-s").Output);
        Assert.Equal("front", machine.Run("ps", "-a", "--filter", "name=first", "--format", "{{.Label \"tier\"}}").Output.Trim());
        using JsonDocument row = JsonDocument.Parse(machine.Run("ps", "--format", "json").Output);
        Assert.Equal("running", row.RootElement.GetProperty("State").GetString());
        foreach (string wrong in (string[])["status=sleeping", "health=fine", "exited=x", "publish=http", "colour=red", "name"])
            Assert.Equal(125, machine.Run("ps", "--filter", wrong).Code);
        Assert.Equal(1, machine.Run("ps", "--filter", "before=nobody").Code);
    }

    [Fact]
    public void Everything_that_docker_tells_about_a_container_is_there()
    {
        using Machine machine = new();
        File.WriteAllText($"{machine.Folder}/shared", "");
        machine.Run(
            "run", "-d", "--name", "box", "--network", "none", "-m", "64m", "--cpus", "1", "--pids-limit", "50", "-e", "A=1", "-w", "/tmp", "-u", "ann", "-l", "tier=front",
            "-v", $"{machine.Folder}/shared:/shared:ro", "--cap-drop", "ALL", "--read-only", "--expose", "70", "shell", "/bin/sh", "-c", Endless);
        using JsonDocument document = JsonDocument.Parse(machine.Run("inspect", "--size", "--type", "container", "/box").Output);
        JsonElement box = document.RootElement[0];
        Assert.Equal("/box", box.GetProperty("Name").GetString());
        Assert.Equal("running", box.GetProperty("State").GetProperty("Status").GetString());
        Assert.True(box.GetProperty("SizeRootFs").GetInt64() > 0);
        JsonElement host = box.GetProperty("HostConfig"), config = box.GetProperty("Config");
        Assert.Equal(64 << 20, host.GetProperty("Memory").GetInt64());
        Assert.Equal(128 << 20, host.GetProperty("MemorySwap").GetInt64());
        Assert.Equal(1_000_000_000, host.GetProperty("NanoCpus").GetInt64());
        Assert.Equal(50, host.GetProperty("PidsLimit").GetInt64());
        Assert.Equal("no", host.GetProperty("RestartPolicy").GetProperty("Name").GetString());
        Assert.Equal("json-file", host.GetProperty("LogConfig").GetProperty("Type").GetString());
        Assert.Equal(64 << 20, host.GetProperty("ShmSize").GetInt64());
        Assert.Equal("ALL", host.GetProperty("CapDrop")[0].GetString());
        Assert.Contains(host.GetProperty("MaskedPaths").EnumerateArray(), path => path.GetString() == "/proc/kcore");
        Assert.Equal("ann", config.GetProperty("User").GetString());
        Assert.Equal("front", config.GetProperty("Labels").GetProperty("tier").GetString());
        Assert.Equal("/tmp", config.GetProperty("WorkingDir").GetString());
        Assert.Equal("/shared", box.GetProperty("Mounts")[0].GetProperty("Destination").GetString());
        Assert.False(box.GetProperty("Mounts")[0].GetProperty("RW").GetBoolean());
        Assert.EndsWith("/upper", box.GetProperty("GraphDriver").GetProperty("Data").GetProperty("UpperDir").GetString());
        Assert.True(box.GetProperty("NetworkSettings").GetProperty("Networks").TryGetProperty("none", out _));
        Assert.Equal("""{"70/tcp":null}""", box.GetProperty("NetworkSettings").GetProperty("Ports").GetRawText().Replace(" ", "").Replace("\n", ""));
        Assert.Equal("64m /tmp\n", machine.Run("inspect", "-f", "{{if eq .HostConfig.Memory 67108864}}64m{{end}} {{.Config.WorkingDir}}", "box").Output);
        Result partly = machine.Run("inspect", "box", "nobody");
        Assert.Equal(1, partly.Code);
        Assert.Contains("nobody", partly.Error);
        Assert.Equal("/box", JsonDocument.Parse(partly.Output).RootElement[0].GetProperty("Name").GetString());
    }

    [Fact]
    public void Limits_of_a_running_and_of_a_stopped_container_are_changed_and_kept()
    {
        using Machine machine = new();
        machine.Run("run", "-d", "--name", "box", "--network", "none", "-m", "64m", "shell", "/bin/sh", "-c", Endless);
        Assert.Equal("box\n", machine.Run("update", "-m", "96m", "--pids-limit", "33", "box").Output);
        string cgroup = machine.Run("events", "--until", "0s", "--filter", "event=update", "--format", "{{.Actor.Attributes.name}}").Output;
        Assert.Equal("box\n", cgroup);
        Assert.Equal("100663296 201326592 33\n", Limits(machine));
        Assert.Equal("33", LimitInKernel(machine));
        Assert.Equal(1, machine.Run("update", "--pids-limit", "20", "nobody").Code);
        Assert.Equal(125, machine.Run("update", "-m", "1m", "box").Code);
        Assert.Equal(125, machine.Run("update", "-m", "lots", "box").Code);
        Assert.Equal(125, machine.Run("update", "--cpus", "-1", "box").Code);
        Assert.Equal(125, machine.Run("update", "--restart", "often", "box").Code);
        Assert.Equal(125, machine.Run("update", "box").Code);
        Assert.Equal("100663296 201326592 33\n", Limits(machine));
        machine.Run("stop", "-t", "0", "box");
        Assert.Equal("box\n", machine.Run("update", "--pids-limit", "44", "--restart", "on-failure:3", "box").Output);
        machine.Run("start", "box");
        Assert.Equal("44", LimitInKernel(machine));
        Assert.Equal("on-failure 3\n", machine.Run("inspect", "-f", "{{.HostConfig.RestartPolicy.Name}} {{.HostConfig.RestartPolicy.MaximumRetryCount}}", "box").Output);
    }

    [Fact]
    public void The_processes_of_a_container_are_shown_and_none_of_them_can_forge_a_line()
    {
        using Machine machine = new();
        machine.Run("run", "-d", "--name", "box", "--network", "none", "shell", "/bin/sh", "-c", "exec /bin/sh -c '" + Endless + "' \"$(printf 'a\\033[2J\\nroot 1')\"");
        string listed = machine.Run("top", "box", "-o", "pid,user,args").Output;
        string[] lines = listed.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["PID", "USER", "COMMAND"], lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(machine.Run("inspect", "-f", "{{.State.Pid}}", "box").Output.Trim(), lines[1].Split(' ')[0]);
        Assert.DoesNotContain('\e', listed);
        Assert.StartsWith("UID", machine.Run("top", "box").Output);
        Assert.StartsWith("USER", machine.Run("container", "top", "box", "aux").Output);
        Assert.Equal(125, machine.Run("top", "box", "-o", "pdi").Code);
        machine.Run("kill", "box");
        Result ended = machine.Run("top", "box");
        Assert.Equal(1, ended.Code);
        Assert.Contains("not running", ended.Error);
    }

    private static string Names(Machine machine, params string[] arguments) =>
        string.Join(' ', machine.Run(["ps", "--format", "{{.Names}}", .. arguments]).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));

    private static string Limits(Machine machine) =>
        machine.Run("inspect", "-f", "{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.PidsLimit}}", "box").Output;

    // pids.max of the container's first process, whichever hierarchy has the controller.
    private static string LimitInKernel(Machine machine)
    {
        string pid = machine.Run("inspect", "-f", "{{.State.Pid}}", "box").Output.Trim();
        foreach (string line in File.ReadLines($"/proc/{pid}/cgroup"))
        {
            string[] parts = line.Split(':', 3);
            string root = parts[1].Length == 0 ? Directory.Exists("/sys/fs/cgroup/unified") ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup" : $"/sys/fs/cgroup/{parts[1]}";
            if (File.Exists($"{root}{parts[2]}/pids.max"))
                return File.ReadAllText($"{root}{parts[2]}/pids.max").Trim();
        }
        return "";
    }
}
