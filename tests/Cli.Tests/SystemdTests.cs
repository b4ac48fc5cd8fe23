using System.Diagnostics;

namespace Rundlet.Cli.Tests;

/// <summary>The units of <c>rundlet generate systemd</c>, under systemd itself.</summary>
public sealed class SystemdTests
{
    private const string Forever = "trap 'exit 5' TERM; echo up; while :; do sleep 0.05; done";

    [Fact]
    public void The_engines_unit_starts_what_policies_want_and_stops_everything()
    {
        RequireSystemd();
        using Machine machine = new();
        LifeTests.Start(machine, "always", Forever, "--restart", "always");
        LifeTests.Start(machine, "plain", Forever);
        Assert.Equal(0, machine.Run("system", "shutdown").Code);
        using Unit unit = new(machine.Run("generate", "systemd").Output);
        Systemctl("start", unit.Name);
        Assert.Equal("always\n", machine.Run("ps", "--format", "{{.Names}}").Output);
        Assert.Equal("active", Show(unit, "ActiveState"));

        // What one stops stays so, and nothing of the unit's own ends with that.
        Systemctl("stop", unit.Name);
        Assert.Equal("", machine.Run("ps", "-q").Output);
        Assert.Equal("inactive success", Show(unit, "ActiveState") + " " + Show(unit, "Result"));
        Systemctl("start", unit.Name);
        Assert.Equal("always\n", machine.Run("ps", "--format", "{{.Names}}").Output);
        Systemctl("stop", unit.Name);
    }

    [Fact]
    public void A_containers_unit_has_its_supervisor_as_main_process_and_its_end_as_result()
    {
        RequireSystemd();
        using Machine machine = new();
        string id = machine.Run("create", "--name", "web", "--network", "none", "-m", "64m", "shell", "/bin/sh", "-c", Forever).Output.Trim();
        using Unit unit = new(machine.Run("generate", "systemd", "web").Output);
        Systemctl("start", unit.Name);
        Assert.Equal($"active {LifeTests.StateOf(machine, id).SupervisorPid}", Show(unit, "ActiveState") + " " + Show(unit, "MainPID"));
        Assert.Equal("hello\n", machine.Run("exec", "web", "/bin/sh", "-c", "echo hello").Output);
        Systemctl("daemon-reload");
        Assert.Equal("67108864\n", machine.Run("exec", "web", "/bin/cat", "/sys/fs/cgroup/memory.max").Output); // systemd leaves our cgroups alone
        Systemctl("stop", unit.Name);
        Assert.Equal("exited 5\n", machine.Run("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "web").Output);

        // One whose supervisor is killed is started again by systemd, which has it back then.
        Systemctl("start", unit.Name);
        int killed = LifeTests.KillSupervisor(machine, id).SupervisorPid;
        for (int turn = 0; Show(unit, "MainPID") is var main && (main == "0" || main == $"{killed}"); turn++)
        {
            Assert.True(turn < 200, "it never came back");
            Assert.False(new ManualResetEventSlim().Wait(50));
        }
        Assert.Equal($"{LifeTests.StateOf(machine, id).SupervisorPid}", Show(unit, "MainPID"));
        Assert.Contains("Up ", machine.Run("ps").Output);
        Systemctl("stop", unit.Name);
    }

    private static void RequireSystemd()
    {
        if (!Directory.Exists("/run/systemd/system"))
            Assert.Skip("systemd is not the first process: ./dev vm itest systemd has one");
    }

    private static string Show(Unit unit, string property) => Systemctl("show", "--property", property, "--value", unit.Name).Trim();

    private static string Systemctl(params string[] words)
    {
        using Process process = Process.Start(new ProcessStartInfo("systemctl", words) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Result result = Machine.Finish(process);
        Assert.True(result.Code == 0, $"systemctl {string.Join(' ', words)}: {result.Error}");
        return result.Output;
    }

    /// <summary>A unit that is gone with the machine's next start, if not before. Nothing else of the machine's is started for it.</summary>
    private sealed class Unit : IDisposable
    {
        private const string Folder = "/run/systemd/system";

        public Unit(string text)
        {
            File.WriteAllText($"{Folder}/{Name}", text);
            Directory.CreateDirectory($"{Folder}/{Name}.d");
            File.WriteAllText($"{Folder}/{Name}.d/test.conf", "[Unit]\nDefaultDependencies=no\n");
            Systemctl("daemon-reload");
        }

        public string Name { get; } = $"rundlet-test-{Guid.NewGuid():n}.service";

        public void Dispose()
        {
            File.Delete($"{Folder}/{Name}");
            Directory.Delete($"{Folder}/{Name}.d", recursive: true);
            Systemctl("daemon-reload");
        }
    }
}
