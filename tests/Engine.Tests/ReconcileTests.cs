using System.Net;
using System.Runtime.ExceptionServices;
using Rundlet.Engine.Lifecycle;
using Rundlet.Engine.Operations;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Linux.Proc;
using Rundlet.Network.Firewall;
using Rundlet.Network.Ports;
using Rundlet.Oci;
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

    [Theory]
    [InlineData("")]
    [InlineData("remove")]
    [InlineData("start again 1")]
    public void On_a_full_disk_ports_are_given_back_too(string purpose) => InOwnNetwork((root, firewall) =>
    {
        LinuxException.ThrowIfError(Sys.mount("tmpfs", root.Paths.Containers, "tmpfs", 0, "size=64k"), "mount", root.Paths.Containers);
        ContainerRecord record = Make(root, autoRemove: false);
        WriteConfig(root, record, "no");
        if (purpose.Length > 0)
            Claim(root, NoPid, 1, purpose);
        else
            Unclaim(root);
        WriteState(root, record, NoPid, 1);
        Publish(firewall, record);
        Fill($"{root.Paths.Containers}/filler");
        using (ContainerEngine full = ContainerEngine.Open(root.Paths, "/no/such/program"))
        {
            Assert.Empty(firewall.List());
            // Where the exit could not be put on record, the run folder still tells it.
            Assert.Equal((purpose != "remove", purpose.Length == 0), (full.Containers.Find(record.Id) is not null, Directory.Exists(root.Paths.Live(record.Id))));
        }
        File.Delete($"{root.Paths.Containers}/filler");
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, "/no/such/program");
        if (purpose.Length == 0)
            Assert.Equal(255, engine.StandingOf(record).Exit!.ExitCode);
        Assert.False(Directory.Exists(root.Paths.Live(record.Id)));
    });

    [Fact]
    public void The_reserve_knows_a_disk_without_space() => InOwnNetwork((root, _) =>
    {
        string folder = Directory.CreateDirectory($"{root.Paths.Root}/small").FullName;
        LinuxException.ThrowIfError(Sys.mount("tmpfs", folder, "tmpfs", 0, "size=256k"), "mount", folder);
        Assert.False(new DiskReserve(folder).IsSpaceShort());
        Fill($"{folder}/filler");
        Assert.True(new DiskReserve(folder).IsSpaceShort());
    });

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

    [Theory]
    [InlineData(ContainerRuntimeState.FileName, "settle")]
    [InlineData(ContainerRuntimeState.FileName, null)]
    public void A_container_whose_state_file_is_damaged_is_in_nobodys_way_and_goes_by_force_alone(string file, string? purpose)
    {
        using TestRoot root = Root();
        ContainerRecord record = Make(root, autoRemove: false);
        if (purpose is null)
            Unclaim(root);
        else
            Claim(root, NoPid, 1, purpose);
        File.WriteAllText($"{root.Paths.Live(record.Id)}/{file}", "{\"id\":");
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, null);
        Exception warning = Assert.Single(engine.Warnings);
        Assert.Contains("'web' cannot be settled", warning.Message);
        Assert.Contains(file, warning.Message);
        Assert.Contains("rm -f web", ContainerException.HintOf(warning));
        Assert.Equal(ContainerPhase.Dead, Assert.Single(ListContainers.Run(engine, all: false)).Standing.Phase);
        Refused(() => Operations.StartContainer.Run(engine, record));
        Refused(() => StopContainer.Run(engine, record, seconds: 0));
        Refused(() => RemoveContainer.Run(engine, record, force: false));
        Assert.Empty(RemoveContainer.Run(engine, record, force: true));
        Assert.Null(engine.Containers.Find(record.Id));
        Assert.False(Directory.Exists(root.Paths.Live(record.Id)));
        using ContainerEngine again = ContainerEngine.Open(root.Paths, null);
        Assert.Empty(again.Warnings);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_exit_record_that_is_damaged_is_an_end_with_a_code_that_is_not_known(bool isLive)
    {
        using TestRoot root = Root();
        ContainerRecord record = Make(root, autoRemove: false);
        Unclaim(root);
        if (isLive)
            WriteState(root, record, NoPid, 1);
        string folder = isLive ? root.Paths.Live(record.Id) : root.Paths.Container(record.Id);
        File.WriteAllText($"{folder}/{ExitRecord.FileName}", "");
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, null);
        Assert.Empty(engine.Warnings);
        ContainerStanding standing = engine.StandingOf(record);
        Assert.Equal((ContainerPhase.Exited, 255), (standing.Phase, standing.Exit!.ExitCode));
        Assert.Contains(ExitRecord.FileName, standing.Exit.Error);
        Assert.InRange(standing.Exit.FinishedAt, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(1));
        Assert.False(Directory.Exists(root.Paths.Live(record.Id)));
    }

    [Fact]
    public void A_container_whose_cgroup_cannot_be_removed_is_in_nobodys_way_and_goes_by_force()
    {
        using TestRoot root = Root();
        ContainerRecord record = Make(root, autoRemove: false), other = TestRoot.Record("other", 'f') with { Options = """{"image":"web","network":"none"}""" };
        new ContainerTable(root.Database).Insert(other, "create");
        Directory.CreateDirectory(root.Paths.Container(other.Id));
        Directory.CreateDirectory(root.Paths.Live(other.Id));
        Unclaim(root);
        // Nobody can rmdir a folder with a file in it.
        string busy = Directory.CreateDirectory($"{root.Paths.Root}/cgroup").FullName;
        File.WriteAllText($"{busy}/file", "");
        WriteState(root, record, NoPid, 1, cgroup: busy);
        WriteState(root, other, NoPid, 1);
        long began = Environment.TickCount64;
        for (int i = 0; i < 3; i++)
        {
            using ContainerEngine failing = ContainerEngine.Open(root.Paths, null);
            Assert.Contains($"'web' cannot be settled: remove cgroup: rmdir '{busy}'", Assert.Single(failing.Warnings).Message);
            Assert.Equal(255, failing.StandingOf(other).Exit!.ExitCode);
        }
        Assert.InRange(Environment.TickCount64 - began, 0, 8000);
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, null);
        Assert.Contains(ListContainers.Run(engine, all: true), container => container.Record.Name == "web");
        Refused(() => Operations.StartContainer.Run(engine, record));
        Assert.Contains(busy, Assert.Single(RemoveContainer.Run(engine, record, force: true)));
        Assert.Null(engine.Containers.Find(record.Id));
        Assert.False(Directory.Exists(root.Paths.Container(record.Id)));
        Assert.False(Directory.Exists(root.Paths.Live(record.Id)));
    }

    [Fact]
    public void A_container_whose_volume_cannot_be_detached_is_in_nobodys_way_and_goes_by_force() => InOwnNetwork((root, _) =>
    {
        ContainerRecord record = Make(root, autoRemove: false);
        Unclaim(root);
        root.Database.Run("INSERT INTO volumes (name, created, anonymous, labels, options) VALUES ('data', 0, 0, '{}', '{\"type\":\"tmpfs\",\"device\":\"tmpfs\"}')");
        root.Database.Run($"INSERT INTO container_volumes (container, volume, anonymous) VALUES ('{record.Id}', 'data', 0)");
        Directory.CreateDirectory(root.Paths.Volumes);
        File.WriteAllText(root.Paths.Volume("data"), ""); // no folder: nothing below it can be opened
        WriteState(root, record, NoPid, 1);
        using ContainerEngine engine = ContainerEngine.Open(root.Paths, null);
        Assert.Contains("'web' cannot be settled", Assert.Single(engine.Warnings).Message);
        Assert.Single(RemoveContainer.Run(engine, record, force: true));
        Assert.Null(engine.Containers.Find(record.Id));
    });

    private static void Refused(Action work)
    {
        var error = Assert.Throws<ContainerException>(work);
        Assert.Equal(ContainerErrorKind.Conflict, error.Kind);
        Assert.Contains("rm -f web", ContainerException.HintOf(error));
    }

    // Networks and mounts of a thread of its own.
    private static void InOwnNetwork(Action<TestRoot, FirewallTable> work)
    {
        using TestRoot root = Root();
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                LinuxException.ThrowIfError(Sys.unshare(CLONE.NEWNET | CLONE.NEWNS), "unshare", "network and mounts");
                LinuxException.ThrowIfError(Sys.mount("none", "/", default, MS.REC | MS.PRIVATE, default), "make private", "/");
                using FirewallTable firewall = FirewallTable.Open();
                work(root, firewall);
            }
            catch (Exception error) // carried to the test below
            {
                failure = ExceptionDispatchInfo.Capture(error);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    private static void Publish(FirewallTable firewall, ContainerRecord record)
    {
        firewall.Ensure("bridge0");
        firewall.Publish(_ => [new PublishedPort(PortProtocol.Tcp, null, 8080, IPAddress.Parse("172.30.0.2"), 80, record.Id)]);
        Assert.Single(firewall.List());
    }

    private static void Fill(string path)
    {
        using OwnedFd file = FileIo.Open(Sys.AT_FDCWD, path, O.WRONLY | O.CREAT, 0x180);
        byte[] block = new byte[4096];
        while (Sys.write(file.Value, block) > 0)
        {
        }
    }

    private static TestRoot Root()
    {
        if (Sys.geteuid() != 0)
            Assert.Skip("needs root");
        return new TestRoot();
    }

    private static ContainerRecord Make(TestRoot root, bool autoRemove)
    {
        ContainerRecord record = TestRoot.Record("web", 'e') with { AutoRemove = autoRemove, Options = """{"image":"web","network":"none"}""" };
        new ContainerTable(root.Database).Insert(record, "create");
        Directory.CreateDirectory($"{root.Paths.Container(record.Id)}/upper");
        Directory.CreateDirectory(root.Paths.Live(record.Id));
        return record;
    }

    private static void Claim(TestRoot root, int pid, long start, string purpose) =>
        root.Database.Run($"UPDATE containers SET claim_pid = {pid}, claim_start = {start}, claim_purpose = '{purpose}'");

    private static void Unclaim(TestRoot root) => root.Database.Run("UPDATE containers SET claim_pid = NULL, claim_start = NULL, claim_purpose = NULL");

    private static void WriteConfig(TestRoot root, ContainerRecord record, string policy) =>
        File.WriteAllBytes($"{root.Paths.Container(record.Id)}/{SupervisorConfig.FileName}", new SupervisorConfig { Id = record.Id, Restart = RestartPolicy.Parse(policy) }.ToBytes());

    private static void WriteState(
        TestRoot root, ContainerRecord record, int supervisor, ulong start, int? pid = null, ulong? pidStart = null, int restarts = 0, ExitRecord? ended = null,
        ContainerStatus? status = null, string? cgroup = null)
    {
        var state = new ContainerRuntimeState
        {
            Id = record.Id,
            Status = status ?? (ended is null ? ContainerStatus.Running : ContainerStatus.Stopped),
            Pid = pid ?? supervisor,
            PidStartTime = pidStart ?? start,
            SupervisorPid = supervisor,
            SupervisorStartTime = start,
            StartedAt = status == ContainerStatus.Created ? null : DateTimeOffset.UtcNow,
            RestartCount = restarts,
            LastExit = ended,
            Cgroups = cgroup is null ? [] : new Dictionary<string, string> { ["pids"] = cgroup },
        };
        File.WriteAllBytes($"{root.Paths.Live(record.Id)}/{ContainerRuntimeState.FileName}", state.ToBytes());
    }
}
