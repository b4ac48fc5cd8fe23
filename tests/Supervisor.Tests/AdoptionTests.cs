using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Linux.Proc;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor.Tests;

/// <summary>A supervisor is killed, and another one takes its container over.</summary>
public sealed class AdoptionTests
{
    private const string Talker = "i=0; while :; do i=$((i + 1)); echo line $i; test -e /tmp/stop && exit 21; sleep 0.01; done";

    [Fact]
    public void Output_goes_on_without_a_hole_and_the_exit_code_is_the_programs()
    {
        using TestContainer container = TestContainer.Run(Talker);
        ulong start = ProcStat.Read(container.Pid).StartTime;
        UntilTheLogHas(container, 3);
        container.KillSupervisor();
        Assert.Null(SupervisorConnection.TryOpen(container.RunFolder));
        Assert.Equal(start, ProcStat.Read(container.Pid).StartTime);
        Assert.True(ProcStat.Read(container.Pid).IsAlive);

        container.Adopt();
        using SupervisorConnection attached = container.Attach();
        TestContainer.ReadUntil(attached, "line");
        using (SupervisorConnection client = container.Connect())
        {
            Assert.Equal((ContainerStatus.Running, container.SupervisorPid), (client.State().Status, client.State().SupervisorPid));
            client.Exec(TestContainer.ProcessOf(["/bin/sh", "-c", "echo > /tmp/stop"]), [], detach: false).Terminal?.Dispose();
            Assert.Contains(client.WaitExit().ExitCode, (int[])[0, 137]); // it may go with the container that it ends
        }
        ExitRecord told = TestContainer.ReadToEnd(attached).Exit;
        container.WaitForSupervisor();

        Assert.Equal((21, null), (told.ExitCode, told.Error));
        Assert.Equivalent(told, container.ExitRecord, strict: true);
        string[] lines = [.. JsonFileLogTests.Records(container.LogPath).Select(r => r.Log)];
        Assert.Equal(Enumerable.Range(1, lines.Length).Select(i => $"line {i}\n"), lines);
    }

    [Fact]
    public void A_program_that_writes_more_than_a_pipe_holds_waits_and_is_not_told_of_an_error()
    {
        using TestContainer container = TestContainer.Run("while ! test -e /tmp/go; do sleep 0.01; done; seq 60000 && exit 22");
        container.KillSupervisor();
        File.WriteAllText($"/proc/{container.Pid}/root/tmp/go", "");
        using OwnedFd init = OwnedFd.FromAnswer(Sys.pidfd_open(container.Pid), "pidfd_open");
        Assert.Equal(0, Sys.poll([new pollfd { fd = init.Value, events = POLL.IN }], 200)); // 350 KiB do not fit

        container.Adopt();

        Assert.Equal(22, container.WaitExit().ExitCode);
        container.WaitForSupervisor();
        Assert.Equal(string.Concat(Enumerable.Range(1, 60_000).Select(i => $"{i}\n")), string.Concat(JsonFileLogTests.Records(container.LogPath).Select(r => r.Log)));
    }

    [Fact]
    public void Stop_and_the_restart_policy_go_on()
    {
        using TestContainer container = TestContainer.Run("echo life; while :; do sleep 1000; done", new(Restart: "always"));
        container.KillSupervisor();
        container.Adopt();
        RestartTests.KillProgram(container);
        RestartTests.Until(container, state => state.Status == ContainerStatus.Running && state.RestartCount >= 1 && JsonFileLogTests.Records(container.LogPath).Count == 2);
        container.KillSupervisor();
        container.Adopt();
        Assert.Equal((1, 137), (container.State.RestartCount, container.State.LastExit!.ExitCode));
        using (SupervisorConnection client = container.Connect())
            Assert.Equal((137, 1), (client.Stop(timeoutMs: 1).ExitCode, container.State.RestartCount));
        container.WaitForSupervisor();
        Assert.True(container.ExitRecord.Stopped);
        Assert.Equal(["life\n", "life\n"], JsonFileLogTests.Records(container.LogPath).Select(r => r.Log));
    }

    [Fact]
    public void A_paused_container_stays_paused()
    {
        using TestContainer container = TestContainer.Run("while :; do sleep 1000; done");
        using (SupervisorConnection client = container.Connect())
            client.Pause();
        container.KillSupervisor();
        container.Adopt();
        using SupervisorConnection after = container.Connect();
        Assert.Equal(ContainerStatus.Paused, after.State().Status);
        after.Resume();
        Assert.Equal(ContainerStatus.Running, after.State().Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_pause_that_was_not_noted_yet_is_noted(bool pauses)
    {
        using TestContainer container = TestContainer.Run("while :; do sleep 1000; done");
        using SupervisorConnection client = container.Connect();
        if (!pauses)
            client.Pause();
        container.KillSupervisor();
        using (Cgroup cgroup = Cgroup.FromPaths(container.State.Cgroups))
        {
            if (pauses)
                cgroup.Freeze();
            else
                cgroup.Thaw();
        }

        container.Adopt();

        Assert.Equal(pauses ? ContainerStatus.Paused : ContainerStatus.Running, container.State.Status);
    }

    [Fact]
    public void Two_at_once_are_one()
    {
        using TestContainer container = TestContainer.Run("while :; do sleep 1000; done");
        container.KillSupervisor();
        container.Adopt();

        ContainerException refused = Assert.Throws<ContainerException>(() => SupervisorLaunch.Adopt(SupervisorBinary.Require(), container.ContainerFolder, container.RunFolder));

        Assert.Equal(ContainerErrorKind.Conflict, refused.Kind);
        using SupervisorConnection client = container.Connect();
        Assert.Equal(container.SupervisorPid, client.State().SupervisorPid);
    }

    [Fact]
    public async Task One_whose_last_thread_is_not_gone_yet_is_waited_for()
    {
        using TestContainer container = TestContainer.Run("while :; do sleep 1000; done");
        container.KillSupervisor();
        OwnedFd folder = FileIo.Open(Sys.AT_FDCWD, container.RunFolder, O.RDONLY | O.DIRECTORY);
        Assert.Equal(0, Sys.flock(folder.Value, LOCK.EX | LOCK.NB));
        using OwnedFd notify = OwnedFd.FromAnswer(Sys.inotify_init1(0), "inotify_init1");
        Assert.InRange(Sys.inotify_add_watch(notify.Value, "/proc/locks", IN.OPEN), 1, int.MaxValue); // where one looks that has found it taken
        Task adoption = Task.Run(container.Adopt);
        Assert.Equal(1, Sys.poll([new pollfd { fd = notify.Value, events = POLL.IN }], (int)TestContainer.Patience.TotalMilliseconds));
        folder.Dispose();
        await adoption;
        using SupervisorConnection client = container.Connect();
        Assert.Equal(ContainerStatus.Running, client.State().Status);
    }

    [Fact]
    public void One_that_has_ended_is_not_adopted()
    {
        using TestContainer container = TestContainer.Run("while :; do sleep 1000; done");
        using OwnedFd init = OwnedFd.FromAnswer(Sys.pidfd_open(container.Pid), "pidfd_open");
        container.KillSupervisor();
        Assert.Equal(0, Sys.pidfd_send_signal(init.Value, SIG.KILL));
        TestContainer.WaitForEnd(init);

        Assert.Equal(ContainerErrorKind.NotFound, Assert.Throws<ContainerException>(container.Adopt).Kind);
        Cgroup.FromPaths(container.State.Cgroups).Remove(kill: true); // what the engine does next
    }

    [Fact]
    public void A_terminal_is_gone_and_the_container_knows_it()
    {
        using TestContainer container = TestContainer.Run("trap '' HUP; while :; do sleep 0.05; done", new(Terminal: true));
        container.KillSupervisor();
        container.Adopt();

        using SupervisorConnection client = container.Connect();
        Assert.Contains("terminal", Assert.Throws<ContainerException>(() => client.Attach(true, true, true)).Message);
        Assert.Equal(ContainerStatus.Running, client.State().Status);
    }

    private static void UntilTheLogHas(TestContainer container, int records)
    {
        using FileSystemWatcher watcher = new(container.ContainerFolder, "container.log") { EnableRaisingEvents = true };
        for (int turn = 0; turn < 200 && JsonFileLogTests.Records(container.LogPath).Count < records; turn++)
            watcher.WaitForChanged(WatcherChangeTypes.All, 200);
    }
}
