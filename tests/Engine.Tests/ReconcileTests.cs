using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Operations;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Linux.Proc;
using Rundlet.Oci;
using Rundlet.Runtime;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;
using static Rundlet.Engine.Tests.Remnants;

namespace Rundlet.Engine.Tests;

/// <summary>What a crash leaves, made by hand; then an engine is opened as any command does.</summary>
public sealed class ReconcileTests
{
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

    [Theory]
    [InlineData("copy", true)]
    [InlineData("copy", false)]
    [InlineData("rename", true)]
    public void A_container_from_which_a_dead_command_copied_or_that_it_renamed_stays(string purpose, bool autoRemove)
    {
        using TestRoot root = Root();
        ContainerEngine.Open(root.Paths, null).Dispose();
        ContainerRecord record = Make(root, autoRemove);
        Directory.Delete(root.Paths.Live(record.Id));
        Claim(root, NoPid, 1, purpose);
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, null);
        Assert.Null(engine.Containers.Find(record.Id)!.Claim);
        Assert.True(Directory.Exists(root.Paths.Container(record.Id)));
    }

    [Fact]
    public void One_that_removes_itself_goes_when_it_has_ended_while_a_dead_command_copied()
    {
        using TestRoot root = Root();
        ContainerRecord record = Make(root, autoRemove: true);
        Claim(root, NoPid, 1, "copy");
        WriteState(root, record, NoPid, 1);
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, null);
        Assert.Null(engine.Containers.Find(record.Id));
    }

    [Fact]
    public void After_an_interrupted_rename_the_supervisor_is_told_the_name_in_the_row()
    {
        using TestRoot root = Root();
        ContainerRecord record = Make(root, autoRemove: false);
        File.WriteAllBytes($"{root.Paths.Container(record.Id)}/{SupervisorConfig.FileName}", new SupervisorConfig
        {
            Id = record.Id,
            Events = new EventConfig { Path = root.Paths.EventFile, Attributes = new Dictionary<string, string> { ["name"] = "old", ["tier"] = "front" } },
        }.ToBytes());
        Claim(root, NoPid, 1, "rename");
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, null);
        Assert.Null(engine.Containers.Find(record.Id)!.Claim);
        Assert.Equal(("web", "front"), (Attribute("name"), Attribute("tier")));

        string Attribute(string key) => SupervisorConfig.TryReadIn(root.Paths.Container(record.Id))!.Events!.Attributes[key];
    }

    [Fact]
    public void After_an_interrupted_update_the_spec_has_the_limits_in_the_row()
    {
        using TestRoot root = Root();
        ContainerRecord record = Make(root, autoRemove: false);
        root.Database.Run("UPDATE containers SET options = '{\"image\":\"hello\",\"resources\":{\"memory\":100663296,\"pidsLimit\":33}}'");
        File.WriteAllText($"{root.Paths.Container(record.Id)}/config.json", """{"ociVersion":"1.2.0","linux":{"resources":{"memory":{"limit":67108864},"cpu":{"shares":5}}}}""");
        Claim(root, NoPid, 1, "update");
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, null);
        Assert.Null(engine.Containers.Find(record.Id)!.Claim);
        Resources resources = InspectContainer.SpecOf(engine, record).Linux!.Resources!;
        Assert.Equal((100_663_296, 33, 5UL), (resources.Memory!.Limit, resources.Pids!.Limit, resources.Cpu!.Shares));
    }

    [Fact]
    public void An_end_that_nobody_saw_counts_as_exit_255_and_leaves_nothing_behind_in_run()
    {
        using TestRoot root = Root();
        ContainerRecord record = Make(root, autoRemove: false);
        Unclaim(root);
        WriteState(root, record, NoPid, 1);
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, null);
        ContainerStanding standing = engine.StandingOf(record);
        Assert.Equal((ContainerPhase.Exited, 255), (standing.Phase, standing.Exit!.ExitCode));
        Assert.NotNull(standing.Exit.Error);
        Assert.False(Directory.Exists(root.Paths.Live(record.Id)));
    }

    [Fact]
    public void A_container_whose_supervisor_alone_was_killed_runs_on_even_when_there_is_no_program_to_supervise_it()
    {
        using TestRoot root = Root();
        ContainerRecord record = Make(root, autoRemove: true);
        Unclaim(root);
        using System.Diagnostics.Process program = System.Diagnostics.Process.Start("/bin/sleep", ["600"]);
        WriteState(root, record, NoPid, 1, pid: program.Id, pidStart: ProcStat.Read(program.Id).StartTime);
        using (ContainerEngine engine = ContainerEngine.Open(root.Paths, null))
            Assert.Equal((ContainerPhase.Running, true), (engine.StandingOf(record).Phase, engine.StandingOf(record).NeedsRepair));
        Assert.Contains("rundlet-supervisor", File.ReadAllText($"{root.Paths.Live(record.Id)}/supervisor.log"));
        program.Kill();
        program.WaitForExit();
        using ContainerEngine after = ContainerEngine.Open(root.Paths, null);
        Assert.Null(after.Containers.Find(record.Id));
    }

    [Theory]
    [InlineData("always", true)]
    [InlineData("unless-stopped", true)]
    [InlineData("on-failure", true)]
    [InlineData("on-failure:5", true)]
    [InlineData("on-failure:4", false)]
    [InlineData("no", false)]
    public void A_container_that_ended_with_its_supervisor_is_started_again_if_its_policy_says_so(string policy, bool again)
    {
        using TestRoot root = Root();
        ContainerRecord record = Make(root, autoRemove: false);
        Unclaim(root);
        WriteConfig(root, record, policy);
        WriteState(root, record, NoPid, 1, restarts: 4);
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, "/no/such/program");
        ContainerStanding standing = engine.StandingOf(record);
        // The start fails here, and is an end of its own.
        Assert.Equal((ContainerPhase.Exited, again ? 125 : 255, again ? 5 : 4), (standing.Phase, standing.Exit!.ExitCode, standing.RestartCount));
        Assert.Contains(again ? "/no/such/program" : "not known", standing.Exit.Error);
        Assert.Null(engine.Containers.Find(record.Id)!.Claim);
        Assert.False(Directory.Exists(root.Paths.Live(record.Id)));
    }

    [Fact]
    public void A_start_again_that_was_interrupted_is_done()
    {
        using TestRoot root = Root();
        ContainerRecord record = Make(root, autoRemove: false);
        WriteConfig(root, record, "always");
        Claim(root, NoPid, 1, "start again 3");
        File.WriteAllBytes($"{root.Paths.Container(record.Id)}/{ExitRecord.FileName}", new ExitRecord { ExitCode = 7, RestartCount = 2, FinishedAt = DateTimeOffset.UtcNow }.ToBytes());
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, "/no/such/program");
        Assert.Equal((125, 3), (engine.StandingOf(record).Exit!.ExitCode, engine.StandingOf(record).RestartCount));
    }

    [Fact]
    public void A_start_again_that_had_been_done_when_its_command_was_killed_is_not_done_twice()
    {
        using TestRoot root = Root();
        ContainerRecord record = Make(root, autoRemove: false);
        Directory.Delete(root.Paths.Live(record.Id));
        WriteConfig(root, record, "on-failure");
        Claim(root, NoPid, 1, "start again 3");
        File.WriteAllBytes($"{root.Paths.Container(record.Id)}/{ExitRecord.FileName}", new ExitRecord { ExitCode = 0, RestartCount = 3, FinishedAt = DateTimeOffset.UtcNow }.ToBytes());
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, "/no/such/program");
        Assert.Equal((0, 3), (engine.StandingOf(record).Exit!.ExitCode, engine.StandingOf(record).RestartCount));
        Assert.Null(engine.Containers.Find(record.Id)!.Claim);
    }

    [Theory]
    [InlineData("kill and remove")]
    [InlineData("kill and remove with volumes")]
    public void A_removal_by_force_that_was_interrupted_is_done_whatever_the_restart_policy_says(string purpose)
    {
        using TestRoot root = Root();
        ContainerRecord record = Make(root, autoRemove: false);
        WriteConfig(root, record, "always");
        WriteState(root, record, NoPid, 1);
        Claim(root, NoPid, 1, purpose);
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, "/no/such/program");
        Assert.Null(engine.Containers.Find(record.Id));
        Assert.False(Directory.Exists(root.Paths.Live(record.Id)));
    }

    [Fact]
    public void One_that_waited_for_its_restart_is_restarting_until_somebody_does_it()
    {
        using TestRoot root = Root();
        ContainerRecord record = Make(root, autoRemove: false);
        Unclaim(root);
        WriteConfig(root, record, "always");
        WriteState(root, record, NoPid, 1, restarts: 2, ended: new ExitRecord { ExitCode = 3, RestartCount = 1, FinishedAt = DateTimeOffset.UtcNow });
        ContainerStanding before = ContainerStanding.Read(root.Paths, record.Id);
        Assert.Equal((ContainerPhase.Restarting, 3, true), (before.Phase, before.Exit!.ExitCode, before.NeedsRepair));
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, "/no/such/program");
        Assert.Equal((ContainerPhase.Exited, 2), (engine.StandingOf(record).Phase, engine.StandingOf(record).RestartCount));
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
    public void A_container_that_removes_itself_and_was_never_started_stays_until_the_machine_starts_again()
    {
        using TestRoot root = Root();
        ContainerEngine.Open(root.Paths, null).Dispose();
        ContainerRecord record = Make(root, autoRemove: true);
        Directory.Delete(root.Paths.Live(record.Id));
        Unclaim(root);
        using (ContainerEngine engine = ContainerEngine.Open(root.Paths, null))
            Assert.Equal(ContainerPhase.Created, engine.StandingOf(engine.Containers.Find(record.Id)!).Phase);
        root.Database.Run("UPDATE facts SET value = 'another' WHERE name = 'boot_id'");
        using ContainerEngine again = ContainerEngine.Open(root.Paths, null);
        Assert.Null(again.Containers.Find(record.Id));
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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_run_folder_without_a_row_gives_its_ports_back(bool isKnown) => InOwnNetwork((root, firewall) =>
    {
        ContainerRecord record = Make(root, autoRemove: true);
        Unclaim(root);
        Publish(firewall, record);
        WriteState(root, record, NoPid, 1);
        if (!isKnown)
            root.Database.Run("DELETE FROM containers");
        ContainerEngine.Open(root.Paths, null).Dispose();
        Assert.Empty(firewall.List());
        Assert.False(Directory.Exists(root.Paths.Live(record.Id)));
    });

    [Fact]
    public void Of_a_container_that_its_supervisor_removed_nothing_is_left_when_its_end_was_seen() => InOwnNetwork((root, firewall) =>
    {
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, null);
        ContainerRecord record = Make(root, autoRemove: true);
        Unclaim(root);
        Publish(firewall, record);
        Directory.Delete(root.Paths.Container(record.Id), recursive: true);
        Directory.Delete(root.Paths.Live(record.Id));
        Ended.Collect(engine, record);
        Assert.Empty(firewall.List());
        Assert.Null(engine.Containers.Find(record.Id));
    });

    [Fact]
    public void One_that_removes_itself_and_was_never_started_stays_when_it_is_stopped()
    {
        using TestRoot root = Root();
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, null);
        ContainerRecord record = Make(root, autoRemove: true);
        Directory.Delete(root.Paths.Live(record.Id));
        Unclaim(root);
        StopContainer.Run(engine, record, seconds: null);
        Assert.NotNull(engine.Containers.Find(record.Id));
        Assert.True(Directory.Exists(root.Paths.Container(record.Id)));
    }

    [Fact]
    public void A_supervisor_that_still_undoes_a_start_is_waited_for()
    {
        using TestRoot root = Root();
        ContainerRecord record = Make(root, autoRemove: false);
        Claim(root, NoPid, 1, "run");
        using System.Diagnostics.Process supervisor = System.Diagnostics.Process.Start("/bin/sleep", ["0.5"]);
        WriteState(root, record, supervisor.Id, ProcStat.Read(supervisor.Id).StartTime, status: ContainerStatus.Created);
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, null);
        Assert.Null(engine.Containers.Find(record.Id));
        Assert.False(Directory.Exists(root.Paths.Live(record.Id)));
    }
}
