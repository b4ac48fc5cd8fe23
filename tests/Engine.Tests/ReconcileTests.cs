using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.State;
using Rundlet.Linux.Proc;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Tests;

/// <summary>What a crash leaves, made by hand; then an engine is opened as any command does.</summary>
public sealed class ReconcileTests
{
    private const int NoPid = 0x3FFFFFFF; // above what the kernel gives out

    [Theory]
    [InlineData("create")]
    [InlineData("run")]
    [InlineData("remove")]
    public void What_a_dead_command_was_making_or_removing_is_gone(string purpose)
    {
        using TestRoot root = Root();
        ContainerRecord record = Make(root, autoRemove: false);
        Claim(root, NoPid, 1, purpose);
        using (ContainerEngine engine = ContainerEngine.Open(root.Paths, null))
            Assert.Null(engine.Containers.Find(record.Id));
        Assert.False(Directory.Exists(root.Paths.Container(record.Id)));
        Assert.False(Directory.Exists(root.Paths.Live(record.Id)));
    }

    [Fact]
    public void What_a_live_command_is_making_is_left_alone()
    {
        using TestRoot root = Root();
        ContainerRecord record = Make(root, autoRemove: false);
        Claim(root, 1, (long)ProcStat.Read(1).StartTime, "create");
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, null);
        Assert.NotNull(engine.Containers.Find(record.Id));
        Assert.True(Directory.Exists(root.Paths.Container(record.Id)));
    }

    [Fact]
    public void A_container_whose_start_was_interrupted_stays_and_can_be_started_again()
    {
        using TestRoot root = Root();
        ContainerRecord record = Make(root, autoRemove: false);
        Claim(root, NoPid, 1, "start");
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, null);
        Assert.Null(engine.Containers.Find(record.Id)!.Claim);
        Assert.Equal(ContainerPhase.Created, engine.StandingOf(record).Phase);
    }

    [Fact]
    public void A_killed_supervisor_counts_as_exit_137_and_leaves_nothing_behind_in_run()
    {
        using TestRoot root = Root();
        ContainerRecord record = Make(root, autoRemove: false);
        Unclaim(root);
        WriteState(root, record, NoPid, 1);
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, null);
        ContainerStanding standing = engine.StandingOf(record);
        Assert.Equal((ContainerPhase.Exited, 137), (standing.Phase, standing.Exit!.ExitCode));
        Assert.NotNull(standing.Exit.Error);
        Assert.False(Directory.Exists(root.Paths.Live(record.Id)));
    }

    [Fact]
    public void An_exit_that_nobody_collected_is_kept()
    {
        using TestRoot root = Root();
        ContainerRecord record = Make(root, autoRemove: false);
        Unclaim(root);
        WriteState(root, record, NoPid, 1);
        File.WriteAllBytes($"{root.Paths.Live(record.Id)}/{ExitRecord.FileName}", new ExitRecord { ExitCode = 7, FinishedAt = DateTimeOffset.UtcNow }.ToBytes());
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, null);
        Assert.Equal(7, engine.StandingOf(record).Exit!.ExitCode);
        Assert.False(Directory.Exists(root.Paths.Live(record.Id)));
    }

    [Fact]
    public void A_container_that_was_to_remove_itself_is_removed_when_it_has_ended()
    {
        using TestRoot root = Root();
        ContainerRecord record = Make(root, autoRemove: true);
        Unclaim(root);
        WriteState(root, record, NoPid, 1);
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, null);
        Assert.Null(engine.Containers.Find(record.Id));
        Assert.False(Directory.Exists(root.Paths.Container(record.Id)));
    }

    [Fact]
    public void A_running_container_is_left_alone()
    {
        using TestRoot root = Root();
        ContainerRecord record = Make(root, autoRemove: true);
        Unclaim(root);
        WriteState(root, record, Sys.getpid(), ProcStat.Read(Sys.getpid()).StartTime);
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, null);
        Assert.Equal(ContainerPhase.Running, engine.StandingOf(record).Phase);
        Assert.True(Directory.Exists(root.Paths.Live(record.Id)));
    }

    [Fact]
    public void A_pid_that_another_process_has_now_is_not_taken_for_the_supervisor()
    {
        using TestRoot root = Root();
        ContainerRecord record = Make(root, autoRemove: false);
        Unclaim(root);
        WriteState(root, record, Sys.getpid(), ProcStat.Read(Sys.getpid()).StartTime + 1);
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, null);
        Assert.Equal(ContainerPhase.Exited, engine.StandingOf(record).Phase);
    }

    [Fact]
    public void A_run_folder_and_after_a_reboot_a_container_folder_without_a_row_are_removed()
    {
        using TestRoot root = Root();
        string stray = new('d', 64);
        Directory.CreateDirectory($"{root.Paths.Container(stray)}/upper/deep");
        Directory.CreateDirectory(root.Paths.Live(stray));
        ContainerEngine.Open(root.Paths, null).Dispose();
        Assert.False(Directory.Exists(root.Paths.Container(stray)));
        Assert.False(Directory.Exists(root.Paths.Live(stray)));
    }

    private static TestRoot Root()
    {
        if (Sys.geteuid() != 0)
            Assert.Skip("needs root");
        return new TestRoot();
    }

    private static ContainerRecord Make(TestRoot root, bool autoRemove)
    {
        ContainerRecord record = TestRoot.Record("web", 'e') with { AutoRemove = autoRemove };
        new ContainerTable(root.Database).Insert(record, "create");
        Directory.CreateDirectory($"{root.Paths.Container(record.Id)}/upper");
        Directory.CreateDirectory(root.Paths.Live(record.Id));
        return record;
    }

    private static void Claim(TestRoot root, int pid, long start, string purpose) =>
        root.Database.Run($"UPDATE containers SET claim_pid = {pid}, claim_start = {start}, claim_purpose = '{purpose}'");

    private static void Unclaim(TestRoot root) => root.Database.Run("UPDATE containers SET claim_pid = NULL, claim_start = NULL, claim_purpose = NULL");

    private static void WriteState(TestRoot root, ContainerRecord record, int supervisor, ulong start)
    {
        var state = new ContainerRuntimeState
        {
            Id = record.Id,
            Status = ContainerStatus.Running,
            Pid = supervisor,
            PidStartTime = start,
            SupervisorPid = supervisor,
            SupervisorStartTime = start,
            StartedAt = DateTimeOffset.UtcNow,
        };
        File.WriteAllBytes($"{root.Paths.Live(record.Id)}/{ContainerRuntimeState.FileName}", state.ToBytes());
    }
}
