using System.Text.Json;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Tests;

/// <summary>Containers that come up with the machine, and their health as commands show it.</summary>
public sealed class MachineContainerTests
{
    private const string Forever = "trap 'exit 5' TERM; echo up; while :; do sleep 0.02; done";

    [Fact]
    public void Those_come_up_with_the_machine_whose_policies_want_it()
    {
        using Machine machine = new();
        LifeTests.Start(machine, "always", Forever, "--restart", "always");
        LifeTests.Start(machine, "unless", Forever, "--restart", "unless-stopped");
        LifeTests.Start(machine, "stopped", Forever, "--restart", "unless-stopped");
        LifeTests.Start(machine, "stubborn", Forever, "--restart", "always");
        LifeTests.Start(machine, "plain", Forever);
        Assert.Equal(0, machine.Run("create", "--name", "fresh", "--restart", "always", "--network", "none", "shell", "/bin/true").Code);
        Assert.Equal("stopped\nstubborn\n", machine.Run("stop", "stopped", "stubborn").Output);
        Assert.Equal(["always", "plain", "unless"], Lines(machine.Run("system", "shutdown").Output).Order());
        Assert.Equal("", machine.Run("ps", "-q").Output);
        Assert.Equal(5, Lines(machine.Run("ps", "-a").Output).Count(line => line.Contains("Exited (5)")));

        Assert.Equal(["always", "unless", "stubborn"], Lines(machine.Run("system", "autostart").Output));
        Assert.Equal(3, Lines(machine.Run("ps", "-q").Output).Count);
        Assert.Equal("", machine.Run("system", "autostart").Output);
        machine.Run("system", "shutdown");
    }

    [Fact]
    public void One_that_ran_when_the_machine_went_down_is_found_and_started()
    {
        using Machine machine = new();
        string id = LifeTests.Start(machine, "box", Forever, "--restart", "on-failure");
        LifeTests.Until(() => File.Exists($"{machine.Folder}/lib/containers/{id}/{ExitRecord.FileName}"), $"{machine.Folder}/lib/containers/{id}");
        ContainerRuntimeState state = LifeTests.KillSupervisor(machine, id);
        using (Linux.Cgroups.Cgroup cgroup = Linux.Cgroups.Cgroup.FromPaths(state.Cgroups))
            cgroup.Remove(kill: true);
        Directory.Delete($"{machine.Folder}/run/containers/{id}", recursive: true);

        Assert.Contains("Exited (255)", machine.Run("ps", "-a").Output);
        Assert.Equal("the machine went down while the container ran\n", machine.Run("inspect", "--format", "{{.State.Error}}", "box").Output);
        Assert.Equal("box\n", machine.Run("system", "autostart").Output);
        Assert.Contains("Up ", machine.Run("ps").Output);
    }

    [Fact]
    public void Health_is_in_ps_and_inspect()
    {
        using Machine machine = new();
        string id = LifeTests.Start(machine, "box", Forever, "--health-cmd", "echo fine; test -e /tmp/good", "--health-interval", "50ms", "--health-retries", "1");
        string folder = $"{machine.Folder}/run/containers/{id}";
        LifeTests.Until(() => LifeTests.StateOf(machine, id).Health == HealthStatus.Unhealthy, folder);
        Assert.Contains("(unhealthy)", machine.Run("ps").Output);
        LifeTests.Start(machine, "plain", Forever);
        Assert.Equal("box\n", machine.Run("ps", "--filter", "health=unhealthy", "--format", "{{.Names}}").Output);
        Assert.Equal("plain\n", machine.Run("ps", "--filter", "health=none", "--format", "{{.Names}}").Output);
        Assert.Equal("plain\n", machine.Run("ps", "--filter", "health!=unhealthy", "--format", "{{.Names}}").Output);
        machine.Run("exec", "box", "/bin/touch", "/tmp/good");
        LifeTests.Until(() => LifeTests.StateOf(machine, id).Health == HealthStatus.Healthy, folder);
        Assert.Contains("(healthy)", machine.Run("ps").Output);
        Assert.Equal("box\n", machine.Run("ps", "--filter", "health=healthy", "--format", "{{.Names}}").Output);
        Assert.Equal("", machine.Run("ps", "-q", "--filter", "health=starting").Output);
        using JsonDocument document = JsonDocument.Parse(machine.Run("inspect", "box").Output);
        JsonElement health = document.RootElement[0].GetProperty("State").GetProperty("Health");
        Assert.Equal("healthy", health.GetProperty("Status").GetString());
        JsonElement last = health.GetProperty("Log")[health.GetProperty("Log").GetArrayLength() - 1];
        Assert.Equal((0, "fine\n"), (last.GetProperty("ExitCode").GetInt32(), last.GetProperty("Output").GetString()));
        Assert.Equal("box\n", machine.Run("stop", "-t", "0", "box").Output);
        using JsonDocument ended = JsonDocument.Parse(machine.Run("inspect", "box").Output);
        JsonElement state = ended.RootElement[0].GetProperty("State");
        Assert.Equal(("exited", "unhealthy"), (state.GetProperty("Status").GetString(), state.GetProperty("Health").GetProperty("Status").GetString()));
        Assert.Contains(state.GetProperty("Health").GetProperty("Log").EnumerateArray(), check => check.GetProperty("Output").GetString() == "fine\n");
        Assert.DoesNotContain("healthy", machine.Run("ps", "-a", "--filter", "name=box").Output);
        Assert.Equal(50_000_000, document.RootElement[0].GetProperty("Config").GetProperty("Healthcheck").GetProperty("Interval").GetInt64());
    }

    [Theory]
    [InlineData("--no-healthcheck conflicts", "--no-healthcheck", "--health-cmd", "true")]
    [InlineData("invalid time 'soon'", "--health-interval", "soon")]
    [InlineData("it is 1ms at least", "--health-timeout", "0s")]
    [InlineData("invalid action 'pray'", "--on-unhealthy", "pray")]
    public void A_check_that_cannot_be_is_refused(string message, params string[] flags)
    {
        using Machine machine = new();
        Result result = machine.Run(["run", "--rm", .. flags, "--network", "none", "shell", "/bin/true"]);
        Assert.Equal(125, result.Code);
        Assert.Contains(message, result.Error);
        Assert.Equal("", machine.Run("ps", "-aq").Output);
    }

    [Fact]
    public void Units_of_systemd_name_program_roots_and_container()
    {
        using Machine machine = new();
        string engine = machine.Run("generate", "systemd").Output;
        Assert.Contains($"ExecStart={machine.Program} system autostart\n", engine);
        Assert.Contains($"Environment=RUNDLET_ROOT={machine.Folder}/lib\n", engine);
        Assert.Contains("WantedBy=multi-user.target\n", engine);
        machine.Run("create", "--name", "web", "--stop-timeout", "7", "--network", "none", "shell", "/bin/true");
        string one = machine.Run("generate", "systemd", "web").Output;
        Assert.Contains($"ExecStart={machine.Program} start web\n", one);
        Assert.Contains("TimeoutStopSec=67\n", one);
        Assert.Contains("Restart=on-failure\n", one);
        Assert.Equal(1, machine.Run("generate", "systemd", "nobody").Code);
    }

    private static List<string> Lines(string output) => [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
}
