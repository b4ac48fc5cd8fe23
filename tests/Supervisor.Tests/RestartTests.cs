using System.Diagnostics;
using Rundlet.Linux;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor.Tests;

/// <summary>Restart policies, over a real supervisor.</summary>
public sealed class RestartTests
{
    [Theory]
    [InlineData(0, 0L, 100)]
    [InlineData(100, 0L, 200)]
    [InlineData(200, 9_999L, 400)]
    [InlineData(51_200, 0L, 60_000)]
    [InlineData(60_000, 0L, 60_000)]
    [InlineData(60_000, 10_000L, 100)]
    public void The_wait_doubles_up_to_a_minute_and_a_long_life_resets_it(int last, long ranMilliseconds, int expected) =>
        Assert.Equal(expected, RestartDuty.NextDelay(last, ranMilliseconds));

    [Fact]
    public void On_failure_with_a_number_tries_that_often_and_keeps_one_log()
    {
        using TestContainer container = TestContainer.Run("echo life; exit 3", new(Restart: "on-failure:2"));
        container.WaitForSupervisor();

        ExitRecord last = container.ExitRecord;
        Assert.Equal((3, 2, false), (last.ExitCode, last.RestartCount, last.Stopped));
        Assert.Equal(["life\n", "life\n", "life\n"], JsonFileLogTests.Records(container.LogPath).Select(r => r.Log));
    }

    [Fact]
    public void On_failure_lets_a_success_be()
    {
        using TestContainer container = TestContainer.Run("test -e /tmp/once && exit 0; echo > /tmp/once; exit 1", new(Restart: "on-failure"));
        container.WaitForSupervisor();

        Assert.Equal((0, 1), (container.ExitRecord.ExitCode, container.ExitRecord.RestartCount));
    }

    [Fact]
    public async Task Who_waits_is_told_each_end_and_who_attached_is_let_go()
    {
        using TestContainer container = TestContainer.Create(["/bin/sh", "-c", "echo life; exit 4"], new(Restart: "always"));
        using SupervisorConnection attached = container.Attach();
        using SupervisorConnection waiting = container.Connect();
        Task<ExitRecord> waited = Task.Run(() => waiting.Wait());
        container.Start();

        (string stdout, _, ExitRecord told) = TestContainer.ReadToEnd(attached);
        Assert.Equal(("life\n", 4, 0), (stdout, told.ExitCode, told.RestartCount));
        Assert.Equal(ContainerErrorKind.Unavailable, Assert.Throws<ContainerException>(() => attached.Read(out _)).Kind);
        Assert.Equal(4, (await waited.WaitAsync(TestContainer.Patience)).ExitCode);
        Assert.InRange(container.WaitExit().RestartCount, 1, 2); // the same container, later
        using SupervisorConnection stopping = container.Connect();
        Assert.True(stopping.Stop(SIG.KILL).Stopped);
        container.WaitForSupervisor();
        Assert.True(container.ExitRecord.Stopped);
    }

    [Fact]
    public void A_stop_ends_the_policy_while_it_runs_and_while_it_waits()
    {
        using TestContainer running = TestContainer.Run("while :; do sleep 1000; done", new(Restart: "always"));
        using (SupervisorConnection client = running.Connect())
            Assert.Equal((137, true), Ending(client.Stop(timeoutMs: 1)));
        running.WaitForSupervisor();
        Assert.Equal((137, true), Ending(running.ExitRecord));

        using TestContainer waits = TestContainer.Run("exit 6", new(Restart: "unless-stopped"));
        UntilItWaits(waits, restarts: 3); // 400 ms: time enough
        using (SupervisorConnection client = waits.Connect())
        {
            Assert.Equal(ContainerStatus.Stopped, client.State().Status);
            Assert.Equal(ContainerErrorKind.Conflict, Assert.Throws<ContainerException>(() => client.Attach(false, true, true)).Kind);
            Assert.Equal(ContainerErrorKind.Conflict, Assert.Throws<ContainerException>(() => client.Exec(TestContainer.ProcessOf(["/bin/true"]), [], detach: true)).Kind);
            client.Signal(SIG.TERM);
        }
        waits.WaitForSupervisor();
        Assert.Equal((6, true), Ending(waits.ExitRecord));
    }

    [Fact]
    public void A_machine_that_goes_down_ends_it_without_a_users_word()
    {
        using TestContainer container = TestContainer.Create(["/bin/sh", "-c", "trap 'exit 5' TERM; echo ready; while :; do sleep 0.01; done"], new(Restart: "unless-stopped"));
        using SupervisorConnection attached = container.Attach();
        container.Start();
        TestContainer.ReadUntil(attached, "ready\n");
        Assert.Equal(0, Sys.kill(container.SupervisorPid, SIG.TERM));
        container.WaitForSupervisor();
        Assert.Equal((5, false), Ending(container.ExitRecord));
    }

    [Fact]
    public void A_program_that_is_gone_counts_as_a_failed_try()
    {
        using TestContainer container = TestContainer.Create(["/tmp/sh", "-c", "rm /tmp/sh; exit 1"], new(Restart: "on-failure:1"), root => File.Copy("/bin/busybox", Path.Combine(root, "tmp/sh")));
        container.Start();
        container.WaitForSupervisor();

        ExitRecord last = container.ExitRecord;
        Assert.Equal((127, 1), (last.ExitCode, last.RestartCount));
        Assert.Contains("/tmp/sh", last.Error);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_program_that_the_kernel_does_not_execute_any_more_counts_too(bool terminal)
    {
        using TestContainer container = TestContainer.Create(
            ["/tmp/sh", "-c", "rm /tmp/sh; echo text > /tmp/sh; busybox chmod 755 /tmp/sh; exit 1"],
            new(Terminal: terminal, Restart: "on-failure:2"),
            root => File.Copy("/bin/busybox", Path.Combine(root, "tmp/sh")));
        container.Start();
        container.WaitForSupervisor();

        ExitRecord last = container.ExitRecord;
        Assert.Equal((126, 2), (last.ExitCode, last.RestartCount));
        Assert.Contains("/tmp/sh", last.Error);
    }

    [Theory]
    [InlineData("exit 1", "devpts")] // runs and ends
    [InlineData("rm /bin/busybox; exit 1", "devpts")] // has no program any more
    [InlineData("exit 1", "nonesuch")] // cannot be made any more
    public void Lives_that_are_over_leave_no_file_open(string script, string fileSystem)
    {
        using TestContainer container = TestContainer.Run(script, new(Restart: "always"));
        UntilItWaits(container, restarts: 1);
        string path = Path.Combine(container.ContainerFolder, "config.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"type\":\"devpts\"", $"\"type\":\"{fileSystem}\""));
        UntilItWaits(container, restarts: 3); // 400 ms
        int before = OpenFiles(container);
        UntilItWaits(container, restarts: 5);
        Assert.Equal(before, OpenFiles(container));
        Assert.Equal(fileSystem == "devpts", container.State.LastExit!.ExitCode != 125);
        using SupervisorConnection client = container.Connect();
        client.Stop();
    }

    [Fact]
    public void A_policy_that_was_changed_meanwhile_counts()
    {
        using TestContainer container = TestContainer.Run("while :; do sleep 1000; done");
        string path = Path.Combine(container.ContainerFolder, SupervisorConfig.FileName);
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"onExit\"", "\"restart\":\"on-failure:1\",\"onExit\""));
        KillProgram(container);
        UntilItRuns(container, restarts: 1);
        KillProgram(container);
        container.WaitForSupervisor();
        Assert.Equal((137, 1), (container.ExitRecord.ExitCode, container.ExitRecord.RestartCount));
    }

    [Fact]
    public void A_user_who_restarts_it_is_told_when_it_runs_and_the_policy_begins_anew()
    {
        using TestContainer container = TestContainer.Run("echo life; while :; do sleep 1000; done", new(Restart: "on-failure:1"));
        KillProgram(container);
        UntilItRuns(container, restarts: 1);
        int before = container.State.Pid;
        using (SupervisorConnection client = container.Connect())
            client.Restart(timeoutMs: 1);
        ContainerRuntimeState after = container.State;
        Assert.Equal((ContainerStatus.Running, 0, 137), (after.Status, after.RestartCount, after.LastExit!.ExitCode));
        Assert.NotEqual(before, after.Pid);
        KillProgram(container); // may be started once more
        UntilItRuns(container, restarts: 1);
        using SupervisorConnection stopping = container.Connect();
        Assert.True(stopping.Stop(SIG.KILL).Stopped);
    }

    [Fact]
    public void A_restart_while_it_waits_is_one_at_once()
    {
        using TestContainer container = TestContainer.Run("exit 6", new(Restart: "always"));
        UntilItWaits(container, restarts: 4); // 800 ms: time enough
        string path = Path.Combine(container.ContainerFolder, "config.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("exit 6", "sleep 1000"));
        using SupervisorConnection client = container.Connect();
        client.Restart();
        Assert.Equal((ContainerStatus.Running, 0), (container.State.Status, container.State.RestartCount));
        client.Stop(SIG.KILL);
    }

    [Theory]
    [InlineData("no")]
    [InlineData("always")]
    public void A_restart_that_fails_says_why(string policy)
    {
        using TestContainer container = TestContainer.Create(["/tmp/sh", "-c", "rm /tmp/sh; echo gone; while :; do sleep 1000; done"], new(Restart: policy), root => File.Copy("/bin/busybox", Path.Combine(root, "tmp/sh")));
        using SupervisorConnection attached = container.Attach(), client = container.Connect();
        container.Start();
        TestContainer.ReadUntil(attached, "gone\n");
        ContainerException failed = Assert.Throws<ContainerException>(() => client.Restart(timeoutMs: 1));
        Assert.Equal(ContainerErrorKind.Conflict, failed.Kind);
        Assert.Contains("was not started again: exec", failed.Message);
        if (policy == "always")
        {
            using SupervisorConnection stopping = container.Connect();
            Assert.Equal(127, stopping.Stop().ExitCode);
        }
        container.WaitForSupervisor();
        Assert.Equal(127, container.ExitRecord.ExitCode);
    }

    [Fact]
    public async Task The_last_word_of_users_counts()
    {
        using TestContainer container = TestContainer.Create(["/bin/sh", "-c", "trap 'echo asked' TERM; echo ready; while :; do sleep 0.01; done"], new());
        using SupervisorConnection attached = container.Attach(), restarting = container.Connect(), stopping = container.Connect();
        container.Start();
        TestContainer.ReadUntil(attached, "ready\n");
        Task<ContainerException> refused = Task.Run(() => Assert.Throws<ContainerException>(() => restarting.Restart(timeoutMs: -1)));
        TestContainer.ReadUntil(attached, "asked\n");
        Assert.True(stopping.Stop(timeoutMs: 1).Stopped);
        Assert.Contains("was not started again", (await refused.WaitAsync(TestContainer.Patience)).Message);
        container.WaitForSupervisor();
    }

    internal static void UntilItRuns(TestContainer container, int restarts) =>
        Until(container, state => state.Status == ContainerStatus.Running && state.RestartCount >= restarts);

    internal static void KillProgram(TestContainer container) => Assert.Equal(0, Sys.kill(container.State.Pid, SIG.KILL));

    private static int OpenFiles(TestContainer container)
    {
        using SupervisorConnection client = container.Connect();
        client.State(); // what it was at when it wrote the state is done
        return Directory.GetFileSystemEntries($"/proc/{container.SupervisorPid}/fd").Length;
    }

    private static (int ExitCode, bool Stopped) Ending(ExitRecord exit) => (exit.ExitCode, exit.Stopped);

    private static void UntilItWaits(TestContainer container, int restarts) =>
        Until(container, state => state.Status == ContainerStatus.Stopped && state.RestartCount >= restarts);

    // state.json is replaced by a rename, which is what the watch tells.
    internal static void Until(TestContainer container, Predicate<ContainerRuntimeState> holds)
    {
        using FileSystemWatcher watcher = new(container.RunFolder, ContainerRuntimeState.FileName) { EnableRaisingEvents = true };
        Stopwatch elapsed = Stopwatch.StartNew();
        while (!holds(container.State))
        {
            watcher.WaitForChanged(WatcherChangeTypes.All, 200);
            Assert.True(elapsed.Elapsed < TestContainer.Patience, "the container did not get there");
        }
    }
}
