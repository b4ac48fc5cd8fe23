using System.Diagnostics;
using Rundlet.Linux.Labels;

namespace Rundlet.Cli.Tests;

/// <summary>Profiles of <c>--security-opt apparmor=NAME</c> that are loaded for the test.</summary>
public sealed class AppArmorTests
{
    private const string Parser = "/usr/sbin/apparmor_parser";
    private const string Show = "cat /proc/self/attr/current; cat /tmp/secret || echo denied; cat /tmp/open";

    [Fact]
    public void A_profile_denies_the_container_exec_and_health_checks_what_it_says()
    {
        RequireProfiles();
        using Machine machine = new();
        using Profile profile = new(machine.Folder);
        string script = $"echo hidden >/tmp/secret; echo visible >/tmp/open; {Show}; echo up; exec sleep 600";
        Result run = machine.Run(
            "run", "-d", "--name", "box", "--network", "none", "--security-opt", $"apparmor={profile.Name}", "--health-cmd", "cat /tmp/secret", "--health-interval", "50ms", "--health-retries", "1",
            "shell", "/bin/sh", "-c", $"{{ {script}; }} 2>/dev/null");
        Assert.Equal((0, ""), (run.Code, run.Error));
        string folder = $"{machine.Folder}/run/containers/{run.Output.Trim()}";
        LifeTests.Until(() => machine.Run("logs", "box").Output.EndsWith("up\n", StringComparison.Ordinal), folder);
        string expected = $"{profile.Name} (enforce)\ndenied\nvisible\n";
        Assert.Equal(expected + "up\n", machine.Run("logs", "box").Output);
        Assert.Equal(expected, machine.Run("exec", "box", "/bin/sh", "-c", $"{{ {Show}; }} 2>/dev/null").Output);
        Assert.Equal($"{profile.Name}\n", machine.Run("inspect", "-f", "{{.AppArmorProfile}}", "box").Output);
        LifeTests.Until(() => machine.Run("inspect", "-f", "{{.State.Health.Status}}", "box").Output == "unhealthy\n", folder);
        Assert.Contains("Permission denied", machine.Run("inspect", "box").Output);
    }

    [Fact]
    public void Without_a_profile_the_same_container_is_denied_nothing()
    {
        RequireProfiles();
        using Machine machine = new();
        foreach (string[] flags in (string[][])[[], ["--security-opt", "apparmor=unconfined"]])
        {
            Result run = machine.Run(["run", "--rm", "--network", "none", .. flags, "shell", "/bin/sh", "-c", $"echo visible >/tmp/secret; echo visible >/tmp/open; {Show}"]);
            Assert.Equal(new Result(0, "unconfined\nvisible\nvisible\n", ""), run);
        }
    }

    [Fact]
    public void A_profile_that_is_not_loaded_is_named_with_the_cure_and_nothing_is_left()
    {
        RequireProfiles();
        using Machine machine = new();
        Result run = machine.Run("run", "--rm", "--network", "none", "--security-opt", "apparmor=rundlet-not-there", "shell", "/bin/true");
        Assert.Equal(125, run.Code);
        Assert.Contains("rundlet-not-there", run.Error);
        Assert.Contains("apparmor_parser", run.Error);
        Assert.Equal("", machine.Run("ps", "-aq").Output);
    }

    [Fact]
    public void Where_the_kernel_does_not_run_it_a_profile_is_refused()
    {
        if (SecurityModules.HasAppArmor)
            Assert.Skip("this kernel runs AppArmor");
        using Machine machine = new();
        Result run = machine.Run("run", "--rm", "--network", "none", "--security-opt", "apparmor=docker-default", "shell", "/bin/true");
        Assert.Equal((125, true), (run.Code, run.Error.Contains("'apparmor=docker-default': this machine does not run AppArmor")));
        Assert.Equal(0, machine.Run("run", "--rm", "--network", "none", "--security-opt", "apparmor=unconfined", "shell", "/bin/true").Code);
    }

    private static void RequireProfiles()
    {
        if (!SecurityModules.HasAppArmor)
            Assert.Skip("this kernel does not run AppArmor: ./dev vm does");
        if (!File.Exists(Parser))
            Assert.Skip("needs the Debian package apparmor");
    }

    /// <summary>A loaded profile that allows all but one file.</summary>
    private sealed class Profile : IDisposable
    {
        private readonly string _file;

        public Profile(string folder)
        {
            Name = $"rundlet-test-{Guid.NewGuid():n}";
            _file = $"{folder}/{Name}";
            File.WriteAllText(_file, $$"""
                profile {{Name}} flags=(attach_disconnected,mediate_deleted) {
                  file,
                  capability,
                  network,
                  mount,
                  umount,
                  signal,
                  ptrace,
                  deny /tmp/secret r,
                }

                """);
            Run("--replace");
        }

        public string Name { get; }

        public void Dispose() => Run("--remove");

        private void Run(string verb)
        {
            using Process parser = Process.Start(new ProcessStartInfo(Parser, ["--skip-cache", verb, _file]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            Result result = Machine.Finish(parser);
            Assert.True(result.Code == 0, result.Error);
        }
    }
}
