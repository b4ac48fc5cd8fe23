using Rundlet.Linux;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor.Tests;

/// <summary>Health checks, over a real supervisor.</summary>
public sealed class HealthTests
{
    private const string Forever = "while :; do sleep 1000; done";

    [Fact]
    public void Failures_count_in_a_row_and_not_in_the_start_period()
    {
        HealthState state = new();
        state = state.After(Probe(1), retries: 2, isStarting: true);
        Assert.Equal((HealthStatus.Starting, 0), (state.Status, state.FailingStreak));
        state = state.After(Probe(1), 2, isStarting: false);
        Assert.Equal((HealthStatus.Starting, 1), (state.Status, state.FailingStreak));
        state = state.After(Probe(0), 2, isStarting: false);
        Assert.Equal((HealthStatus.Healthy, 0), (state.Status, state.FailingStreak));
        state = state.After(Probe(HealthProbe.NotFinished), 2, isStarting: true); // the period is over with the first success
        Assert.Equal((HealthStatus.Healthy, 1), (state.Status, state.FailingStreak));
        state = state.After(Probe(3), 2, isStarting: false);
        Assert.Equal((HealthStatus.Unhealthy, 2), (state.Status, state.FailingStreak));
        state = state.After(Probe(0), 2, isStarting: false);
        Assert.Equal(HealthStatus.Healthy, state.Status);
        Assert.Equal([1, 0, -1, 3, 0], state.Log.Select(probe => probe.ExitCode)); // the last five
        Assert.Equivalent(state, HealthState.Read(state.ToBytes()), strict: true);
    }

    [Fact]
    public void A_container_becomes_healthy_and_unhealthy_with_what_its_check_says()
    {
        using TestContainer container = TestContainer.Run(Forever, new(Health: Check("echo looked; test -e /tmp/good", retries: 2)));
        Assert.Equal(HealthStatus.Unhealthy, Until(container, state => state.Status == HealthStatus.Unhealthy).Status);
        File.WriteAllText($"/proc/{container.Pid}/root/tmp/good", "");
        HealthState healthy = Until(container, state => state.Status == HealthStatus.Healthy);
        Assert.Equal((0, "looked\n"), (healthy.Log[^1].ExitCode, healthy.Log[^1].Output));
        Assert.InRange(healthy.Log.Count, 1, 5);
        RestartTests.Until(container, state => state.Health == HealthStatus.Healthy); // right behind the checks
    }

    [Fact]
    public void One_that_hangs_is_killed_with_all_that_it_has_started()
    {
        using TestContainer container = TestContainer.Run(Forever, new(Health: Check("(sleep 5000 & sleep 5000) & sleep 5000", timeoutMs: 100, retries: 1)));
        HealthState state = Until(container, state => state.Status == HealthStatus.Unhealthy);
        Assert.Equal(HealthProbe.NotFinished, state.Log[^1].ExitCode);
        Assert.Contains("exceeded timeout", state.Log[^1].Output);
        Until(container, now => now.Log.Count >= 3);
        Assert.InRange(Programs(container).Count(line => line.Contains("sleep 5000")), 0, 4); // those of the check that runs now, at most
    }

    [Fact]
    public void What_it_leaves_behind_is_killed_and_its_output_is_bounded()
    {
        using TestContainer container = TestContainer.Run(Forever, new(Health: Check("sleep 6000 & head -c 100000 /dev/zero | tr '\\0' x", intervalMs: 200)));
        HealthState state = Until(container, state => state.Status == HealthStatus.Healthy);
        Assert.Equal(new string('x', HealthProbe.MaxOutput), state.Log[^1].Output);
        Until(container, now => now.Log.Count >= 3);
        Assert.InRange(Programs(container).Count(line => line.Contains("sleep 6000")), 0, 1);
    }

    [Fact]
    public void A_check_that_is_no_program_is_a_failure_that_says_why()
    {
        using TestContainer container = TestContainer.Run(Forever, new(Health: new HealthConfig { Command = ["/bin/none"], IntervalMs = 50, Retries = 1 }));
        HealthState state = Until(container, state => state.Status == HealthStatus.Unhealthy);
        Assert.Contains("/bin/none", state.Log[^1].Output);
    }

    [Theory]
    [InlineData(UnhealthyAction.Kill, 137)]
    [InlineData(UnhealthyAction.Stop, 7)]
    public void An_unhealthy_container_is_ended_when_that_is_wanted(UnhealthyAction action, int code)
    {
        using TestContainer container = TestContainer.Run("trap 'exit 7' TERM; while :; do sleep 0.01; done", new(Health: Check("exit 1", intervalMs: 500, retries: 1, action: action)));
        container.WaitForSupervisor();
        Assert.Equal((code, false), (container.ExitRecord.ExitCode, container.ExitRecord.Stopped));
    }

    [Fact]
    public void An_unhealthy_container_is_restarted_when_that_is_wanted_and_begins_anew()
    {
        using TestContainer container = TestContainer.Run("test -e /tmp/second && touch /tmp/good; touch /tmp/second; trap 'exit 0' TERM; while :; do sleep 0.01; done",
            new(Health: Check("test -e /tmp/good", retries: 2, action: UnhealthyAction.Restart)));
        RestartTests.UntilItRuns(container, restarts: 1);
        HealthState state = Until(container, state => state.Status == HealthStatus.Healthy);
        Assert.All(state.Log, probe => Assert.Equal(0, probe.ExitCode));
    }

    [Fact]
    public void One_that_was_restarted_is_not_killed_when_the_time_to_stop_is_over()
    {
        using TestContainer container = TestContainer.Run("test -e /tmp/second && touch /tmp/good; touch /tmp/second; trap 'exit 0' TERM; while :; do sleep 0.01; done",
            new(Health: Check("test -e /tmp/good", retries: 1, action: UnhealthyAction.Restart), StopTimeoutMs: 200));
        RestartTests.UntilItRuns(container, restarts: 1);
        int second = container.State.Pid;
        Until(container, state => state is { Status: HealthStatus.Healthy, Log.Count: HealthState.MaxLog }); // one each 50 ms
        Assert.Equal((second, 1), (container.State.Pid, container.State.RestartCount));
    }

    [Fact]
    public void One_that_was_restarted_behind_who_was_to_remove_it_is_removed_by_its_supervisor()
    {
        using TestContainer container = TestContainer.Run("test -e /tmp/second && touch /tmp/good; touch /tmp/second; trap 'exit 0' TERM; while :; do sleep 0.01; done",
            new(Health: Check("test -e /tmp/good", retries: 1, action: UnhealthyAction.Restart), OnExit: ExitPolicy.Leave));
        RestartTests.UntilItRuns(container, restarts: 1);
        using (SupervisorConnection client = container.Connect())
            Assert.True(client.Stop().Stopped);
        container.WaitForSupervisor();
        Assert.False(Directory.Exists(container.ContainerFolder) || Directory.Exists(container.RunFolder));
    }

    [Fact]
    public void Checks_go_on_under_another_supervisor()
    {
        using TestContainer container = TestContainer.Run(Forever, new(Health: Check("sleep 0.05; test -e /tmp/good", retries: 1)));
        HealthState before = Until(container, state => state.Log.Count >= 2);
        container.KillSupervisor();
        container.Adopt();
        File.WriteAllText($"/proc/{container.Pid}/root/tmp/good", "");
        HealthState after = Until(container, state => state.Status == HealthStatus.Healthy);
        Assert.Equal((HealthStatus.Unhealthy, before.Log[0].Start), (before.Status, before.Log[0].Start));
        Assert.True(after.Log.Count >= 3);
    }

    [Fact]
    public void An_idle_supervisor_that_checks_nothing_has_no_timer()
    {
        using TestContainer container = TestContainer.Run(Forever);
        Assert.DoesNotContain(Directory.GetFileSystemEntries($"/proc/{container.SupervisorPid}/fd"), fd => new FileInfo(fd).LinkTarget?.Contains("timerfd") ?? false);
        Assert.False(File.Exists(Path.Combine(container.RunFolder, HealthState.FileName)));
    }

    internal static HealthConfig Check(string script, int intervalMs = 50, int timeoutMs = 20_000, int retries = 3, UnhealthyAction action = UnhealthyAction.None) => new()
    {
        Command = ["/bin/sh", "-c", script],
        IntervalMs = intervalMs,
        TimeoutMs = timeoutMs,
        Retries = retries,
        OnUnhealthy = action,
    };

    private static HealthProbe Probe(int code) => new() { Start = DateTimeOffset.UnixEpoch, End = DateTimeOffset.UnixEpoch, ExitCode = code, Output = $"{code}" };

    private static IEnumerable<string> Programs(TestContainer container)
    {
        using Linux.Cgroups.Cgroup cgroup = Linux.Cgroups.Cgroup.FromPaths(container.State.Cgroups);
        return [.. cgroup.Pids().Select(pid => FileIo.TryReadText($"/proc/{pid}/cmdline")?.Replace('\0', ' ') ?? "")];
    }

    internal static HealthState Until(TestContainer container, Predicate<HealthState> holds)
    {
        using FileSystemWatcher watcher = new(container.RunFolder, HealthState.FileName) { EnableRaisingEvents = true };
        System.Diagnostics.Stopwatch elapsed = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            if (HealthState.TryReadIn(container.RunFolder) is { } state && holds(state))
                return state;
            watcher.WaitForChanged(WatcherChangeTypes.All, 200);
            Assert.True(elapsed.Elapsed < TestContainer.Patience, "its health did not get there");
        }
    }
}
