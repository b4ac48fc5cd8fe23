using System.Diagnostics;
using Rundlet.Linux.Cgroups;
using Rundlet.Linux.Cgroups.Controllers;
using Rundlet.Syscalls;

namespace Rundlet.Linux.Tests.Cgroups;

public class CgroupOnThisMachineTests
{
    [Fact]
    public void Created_cgroups_are_in_every_hierarchy_and_hold_a_joined_process()
    {
        using var test = new TestCgroup();
        int pid = test.StartChild();
        foreach (string path in test.Cgroup.Paths.Values)
            Assert.Contains(pid.ToString(), File.ReadAllLines($"{path}/cgroup.procs"));
        Assert.Equal([pid], test.Cgroup.Pids());
    }

    [Fact]
    public void Memory_limit_of_v1_and_v2_is_what_was_asked_for()
    {
        using var test = new TestCgroup();
        test.Require("memory");
        test.Cgroup.Apply(new CgroupSettings { Memory = new MemorySettings { Limit = 64 << 20, Swap = 128 << 20 } });
        MemoryStats memory = test.Cgroup.Stats().Memory!;
        Assert.Equal(64ul << 20, memory.Limit);
        Assert.Equal(64ul << 20, memory.SwapLimit);
    }

    [Fact]
    public void Memory_and_swap_can_be_raised_and_lowered_in_one_step_each()
    {
        using var test = new TestCgroup();
        test.Require("memory");
        foreach (int mebibytes in (int[])[64, 256, 32])
        {
            test.Cgroup.Apply(new CgroupSettings { Memory = new MemorySettings { Limit = (long)mebibytes << 20, Swap = (long)mebibytes << 20 } });
            Assert.Equal((ulong)mebibytes << 20, test.Cgroup.Stats().Memory!.Limit);
        }
        test.Cgroup.Apply(new CgroupSettings { Memory = new MemorySettings { Limit = -1 } });
        Assert.Equal(ulong.MaxValue, test.Cgroup.Stats().Memory!.Limit);
    }

    [Fact]
    public void Memory_below_what_is_in_use_is_refused_with_both_numbers()
    {
        using var test = new TestCgroup();
        test.Require("memory");
        using TestCgroup.Shell shell = test.StartShell("x=$(head -c 300000 /dev/zero | tr '\\0' x)");
        shell.Go();
        shell.WaitUntilDone();
        ContainerException refused = Assert.Throws<ContainerException>(
            () => test.Cgroup.Apply(new CgroupSettings { Memory = new MemorySettings { Limit = 4096, CheckBeforeUpdate = true } }));
        Assert.Equal(ContainerErrorKind.Conflict, refused.Kind);
        Assert.Matches("^memory limit: 4096 is below the [0-9]+ bytes in use now$", refused.Message);
    }

    [Fact]
    public void Processes_killed_for_want_of_memory_are_counted()
    {
        using var test = new TestCgroup();
        test.Require("memory");
        test.Cgroup.Apply(new CgroupSettings { Memory = new MemorySettings { Limit = 2 << 20, Swap = 2 << 20 } });
        Assert.Equal(0ul, test.Cgroup.OomKillCount());
        Assert.NotEqual(0, test.ExitOf("x=$(head -c 30000000 /dev/zero | tr '\\0' x)"));
        Assert.True(test.Cgroup.OomKillCount() > 0);
    }

    [Fact]
    public void Cpu_time_is_counted()
    {
        using var test = new TestCgroup();
        Assert.Equal(0, test.ExitOf("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"));
        if (test.Cgroup.Stats().Cpu is not { } cpu)
            Assert.Skip("no cpu accounting is mounted");
        else
            Assert.True(cpu.Total > 1_000_000);
    }

    [Fact]
    public void Device_program_of_v2_is_taken_by_the_kernel_and_decides()
    {
        using var test = new TestCgroup();
        if (test.Cgroup.PathOf("") is not { } unified)
        {
            Assert.Skip("no cgroup v2 is mounted");
            return;
        }
        using var folder = new CgroupFolder(unified, isV2: true, []);
        DeviceAccessRule[] rules =
        [
            new(false, DeviceType.Any, null, null, DeviceAccess.All),
            new(true, DeviceType.Character, 1, null, DeviceAccess.All),
            new(false, DeviceType.Character, 1, 5, DeviceAccess.Write),
            new(false, DeviceType.Character, 1, 9, DeviceAccess.Read | DeviceAccess.Mknod),
        ];
        DeviceProgram.Attach(folder, []);
        Assert.NotEqual(0, test.ExitOf("echo > /dev/null"));
        DeviceProgram.Attach(folder, rules); // takes the place of the first
        Assert.Equal(0, test.ExitOf("echo > /dev/null"));
        Assert.Equal(0, test.ExitOf("head -c 1 < /dev/zero"));
        Assert.NotEqual(0, test.ExitOf("echo > /dev/zero"));
        Assert.NotEqual(0, test.ExitOf("head -c 1 < /dev/urandom"));
        Assert.NotEqual(0, test.ExitOf("exec 3< /dev/tty0"));
    }

    [Fact]
    public void Impossible_cpu_quota_names_setting_value_and_reason()
    {
        using var test = new TestCgroup();
        test.Require("cpu");
        ContainerException refused = Assert.Throws<ContainerException>(() => test.Cgroup.Apply(new CgroupSettings { Cpu = new CpuSettings { Quota = 1 } }));
        Assert.Equal(ContainerErrorKind.InvalidArgument, refused.Kind);
        Assert.StartsWith("cpu quota: write '1' to '", refused.Message);
        Assert.EndsWith("EINVAL (Invalid argument)", refused.Message);
    }

    [Fact]
    public void Cpu_quota_period_and_shares_are_written()
    {
        using var test = new TestCgroup();
        test.Require("cpu");
        test.Cgroup.Apply(new CgroupSettings { Cpu = new CpuSettings { Shares = 512, Quota = 20_000, Period = 50_000 } });
        test.Cgroup.Apply(new CgroupSettings { Cpu = new CpuSettings { Quota = 900_000, Period = 1_000_000 } });
        if (test.Layout.Mode == CgroupMode.V2)
        {
            Assert.Equal("900000 1000000", test.Read("cpu", "cpu.max"));
            Assert.Equal("59", test.Read("cpu", "cpu.weight"));
        }
        else
        {
            Assert.Equal("900000", test.Read("cpu", "cpu.cfs_quota_us"));
            Assert.Equal("1000000", test.Read("cpu", "cpu.cfs_period_us"));
            Assert.Equal("512", test.Read("cpu", "cpu.shares"));
        }
    }

    [Fact]
    public void New_cpusets_can_be_joined_at_once_however_deep_they_are()
    {
        using var test = new TestCgroup("rundlet-test-deep/a");
        try
        {
            int pid = test.StartChild();
            Assert.Equal([pid], test.Cgroup.Pids());
        }
        finally
        {
            test.Cgroup.Remove(kill: true);
            foreach (string path in test.Cgroup.Paths.Values)
            {
                for (string? parent = Path.GetDirectoryName(path); parent!.Contains("rundlet-test-deep"); parent = Path.GetDirectoryName(parent))
                {
                    if (Directory.Exists(parent))
                        LinuxException.ThrowIfError(Sys.unlinkat(Sys.AT_FDCWD, parent, AT.REMOVEDIR), "rmdir", parent);
                }
            }
        }
    }

    [Fact]
    public void Pids_limit_is_written_and_counted()
    {
        using var test = new TestCgroup();
        test.Require("pids");
        test.Cgroup.Apply(new CgroupSettings { PidsLimit = 17 });
        test.StartChild();
        Assert.Equal(new PidsStats(1, 17), test.Cgroup.Stats().Pids);
        test.Cgroup.Apply(new CgroupSettings { PidsLimit = -1 });
        Assert.Equal(new PidsStats(1, ulong.MaxValue), test.Cgroup.Stats().Pids);
    }

    [Fact]
    public void Frozen_processes_stand_still_until_thawed()
    {
        using var test = new TestCgroup();
        test.StartChild();
        Assert.False(test.Cgroup.IsFrozen);
        test.Cgroup.Freeze();
        Assert.True(test.Cgroup.IsFrozen);
        test.Cgroup.Thaw();
        Assert.False(test.Cgroup.IsFrozen);
    }

    [Fact]
    public void Kill_ends_every_process_of_a_frozen_cgroup_too()
    {
        using var test = new TestCgroup();
        int first = test.StartChild(), second = test.StartChild();
        test.Cgroup.Freeze();
        test.Cgroup.Kill();
        test.Cgroup.Thaw();
        Assert.Equal(SIG.KILL, test.Reap(first).si_status);
        Assert.Equal(SIG.KILL, test.Reap(second).si_status);
    }

    [Fact]
    public void A_signal_reaches_every_process()
    {
        using var test = new TestCgroup();
        int first = test.StartChild(), second = test.StartChild();
        test.Cgroup.Signal(SIG.TERM);
        Assert.Equal(SIG.TERM, test.Reap(first).si_status);
        Assert.Equal(SIG.TERM, test.Reap(second).si_status);
    }

    [Fact]
    public void Removing_a_cgroup_in_use_fails_at_once_and_names_the_process()
    {
        using var test = new TestCgroup();
        int pid = test.StartChild();
        long start = Stopwatch.GetTimestamp();
        ContainerException refused = Assert.Throws<ContainerException>(() => test.Cgroup.Remove());
        Assert.True(Stopwatch.GetElapsedTime(start).TotalSeconds < 5);
        Assert.Equal(ContainerErrorKind.Conflict, refused.Kind);
        Assert.Contains(pid.ToString(), refused.Message);
    }

    [Fact]
    public async Task Removing_ends_what_is_left_where_somebody_else_has_removed_the_freezer_meanwhile()
    {
        using var test = new TestCgroup();
        int pid = test.StartChild();
        using Cgroup other = Cgroup.FromPaths(test.Cgroup.Paths.ToDictionary(one => one.Key, one => one.Key == "freezer" ? one.Value + "-gone" : one.Value));
        Task removed = Task.Run(() => other.Remove(kill: true));
        Assert.Equal(SIG.KILL, test.Reap(pid).si_status);
        await removed;
    }

    [Fact]
    public void Removing_takes_sub_cgroups_along_and_kills_when_asked()
    {
        using var test = new TestCgroup();
        test.StartChild();
        foreach (string path in test.Cgroup.Paths.Values)
            Directory.CreateDirectory($"{path}/inner/innermost");
        test.Cgroup.Remove(kill: true);
        foreach (string path in test.Cgroup.Paths.Values)
            Assert.False(Directory.Exists(path));
    }

    [Fact]
    public void Removing_twice_is_no_error()
    {
        using var test = new TestCgroup();
        test.Cgroup.Remove();
        test.Cgroup.Remove();
    }

    [Fact]
    public void Creating_over_a_cgroup_in_use_is_a_conflict_and_over_an_empty_one_is_not()
    {
        using var test = new TestCgroup();
        using (Cgroup early = Cgroup.At(test.Layout, null, test.Name))
            Assert.Contains("is being taken", Assert.Throws<ContainerException>(early.Create).Message, StringComparison.Ordinal);
        test.Cgroup.Dispose(); // who made it has let go of it
        using (Cgroup again = Cgroup.At(test.Layout, null, test.Name))
            again.Create();
        test.StartChild();
        using Cgroup inUse = Cgroup.At(test.Layout, null, test.Name);
        ContainerException refused = Assert.Throws<ContainerException>(inUse.Create);
        Assert.Equal(ContainerErrorKind.Conflict, refused.Kind);
        Assert.Contains("is in use by 1 process", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cgroup_taken_up_from_its_paths_is_the_same()
    {
        using var test = new TestCgroup();
        int pid = test.StartChild();
        using Cgroup same = Cgroup.FromPaths(test.Cgroup.Paths);
        Assert.Equal([pid], same.Pids());
        Assert.Equal(test.Cgroup.Paths.OrderBy(pair => pair.Key), same.Paths.OrderBy(pair => pair.Key));
        same.Freeze();
        same.Thaw();
    }

    [Fact]
    public void A_limit_without_its_controller_is_an_error_that_names_both()
    {
        using var test = new TestCgroup();
        if (test.Cgroup.PathOf("net_cls") is not null)
            Assert.Skip("net_cls is mounted here");
        ContainerException missing = Assert.Throws<ContainerException>(() => test.Cgroup.Apply(new CgroupSettings { NetworkClassId = 1 }));
        Assert.Equal(ContainerErrorKind.Unsupported, missing.Kind);
        Assert.Equal("network class id: no net_cls controller is mounted", missing.Message);
    }

    [Fact]
    public void Joining_with_no_such_process_is_not_found()
    {
        using var test = new TestCgroup();
        int pid = test.StartChild(join: false);
        LinuxException.ThrowIfError(Sys.kill(pid, SIG.KILL), "kill");
        test.Reap(pid);
        Assert.Equal(ContainerErrorKind.NotFound, Assert.Throws<ContainerException>(() => test.Cgroup.Join(pid)).Kind);
    }

    [Fact]
    public void Device_rules_decide_who_opens_what()
    {
        using var test = new TestCgroup();
        test.Cgroup.Apply(new CgroupSettings
        {
            Devices =
            [
                new(false, DeviceType.Any, null, null, DeviceAccess.All),
                new(true, DeviceType.Character, 1, 3, DeviceAccess.All),
                new(true, DeviceType.Character, 1, 5, DeviceAccess.Read),
            ],
        });
        Assert.Equal(0, test.ExitOf("head -c 1 /dev/null"));
        Assert.Equal(0, test.ExitOf("echo > /dev/null"));
        Assert.Equal(0, test.ExitOf("head -c 1 < /dev/zero"));
        Assert.NotEqual(0, test.ExitOf("echo 2>&1 > /dev/zero"));
        Assert.NotEqual(0, test.ExitOf("head -c 1 < /dev/urandom"));
    }
}
