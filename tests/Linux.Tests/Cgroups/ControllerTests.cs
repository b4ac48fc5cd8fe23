using Rundlet.Linux.Cgroups;
using Rundlet.Linux.Cgroups.Controllers;

namespace Rundlet.Linux.Tests.Cgroups;

public class ControllerTests
{
    [Theory]
    [InlineData(2UL, 1UL)]
    [InlineData(3UL, 2UL)]
    [InlineData(512UL, 59UL)]
    [InlineData(1000UL, 99UL)]
    [InlineData(1024UL, 100UL)]
    [InlineData(2048UL, 174UL)]
    [InlineData(262143UL, 10000UL)]
    [InlineData(262144UL, 10000UL)]
    [InlineData(1UL, 1UL)]
    [InlineData(ulong.MaxValue, 10000UL)]
    public void Shares_become_weights(ulong shares, ulong weight) => Assert.Equal(weight, CpuController.WeightOf(shares));

    [Theory]
    [InlineData(10, 1u)]
    [InlineData(500, 4950u)]
    [InlineData(1000, 10000u)]
    public void Block_io_weights_become_those_of_v2(int weight, uint expected) => Assert.Equal(expected, BlockIoController.WeightOf((ushort)weight));

    [Theory]
    [InlineData(100L, 0L, null)]
    [InlineData(100L, -1L, -1L)]
    [InlineData(-1L, 0L, -1L)]
    [InlineData(100L, 100L, 0L)]
    [InlineData(100L, 250L, 150L)]
    public void Swap_of_v2_is_without_memory(long limit, long both, long? swap) => Assert.Equal(swap, MemoryController.SwapOnly(limit, both));

    [Theory]
    [InlineData(100L, 50L)]
    [InlineData(0L, 50L)]
    [InlineData(-1L, 50L)]
    public void Swap_that_cannot_be_is_refused(long limit, long both) =>
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => MemoryController.SwapOnly(limit, both)).Kind);

    [Fact]
    public void Memory_of_v2_is_written_without_the_words_of_v1()
    {
        using var fake = new FakeCgroup(true, ["memory"], "memory.max", "memory.swap.max", "memory.low");
        fake.Cgroup.Apply(new CgroupSettings { Memory = new MemorySettings { Limit = 1000, Swap = -1, Reservation = 500 } });
        Assert.Equal(("1000", "max", "500"), (fake["memory.max"], fake["memory.swap.max"], fake["memory.low"]));
    }

    [Fact]
    public void No_swap_file_matters_only_when_swap_is_to_be_had()
    {
        using var fake = new FakeCgroup(true, ["memory"], "memory.max");
        fake.Cgroup.Apply(new CgroupSettings { Memory = new MemorySettings { Limit = 1000, Swap = 1000 } });
        ContainerException refused = Assert.Throws<ContainerException>(
            () => fake.Cgroup.Apply(new CgroupSettings { Memory = new MemorySettings { Limit = 1000, Swap = 2000 } }));
        Assert.StartsWith("memory and swap limit: write '1000' to '", refused.Message);
        Assert.NotNull(refused.Hint);
    }

    [Fact]
    public void What_only_v1_has_is_refused_on_v2_by_name()
    {
        using var fake = new FakeCgroup(true, ["memory", "cpu", "io"]);
        Assert.Equal("memory swappiness: cgroup v2 has no such setting", Message(fake, new CgroupSettings { Memory = new MemorySettings { Swappiness = 1 } }));
        Assert.Equal("oom killer: cgroup v2 has no such setting", Message(fake, new CgroupSettings { Memory = new MemorySettings { DisableOomKiller = true } }));
        Assert.Equal("realtime limits: cgroup v2 has no such setting", Message(fake, new CgroupSettings { Cpu = new CpuSettings { RealtimeRuntime = 1 } }));
        Assert.Equal("block io leaf weight: cgroup v2 has no such setting", Message(fake, new CgroupSettings { BlockIo = new BlockIoSettings { LeafWeight = 10 } }));
    }

    [Fact]
    public void Nothing_asked_for_needs_no_controller()
    {
        using var fake = new FakeCgroup(false, ["freezer"]);
        fake.Cgroup.Apply(new CgroupSettings
        {
            Memory = new MemorySettings { Limit = 0, DisableOomKiller = false },
            Cpu = new CpuSettings { Shares = 0, Quota = 0, Period = 0 },
            BlockIo = new BlockIoSettings { Weight = 0 },
            PidsLimit = 0,
        });
        Assert.Equal(ContainerErrorKind.Unsupported, Assert.Throws<ContainerException>(() => fake.Cgroup.Apply(new CgroupSettings { PidsLimit = 5 })).Kind);
    }

    [Fact]
    public void Cpu_of_v1()
    {
        using var fake = new FakeCgroup(false, ["cpu", "cpuacct"], "cpu.shares", "cpu.cfs_quota_us", "cpu.cfs_period_us", "cpu.cfs_burst_us", "cpu.rt_period_us", "cpu.rt_runtime_us", "cpu.idle");
        fake.Cgroup.Apply(new CgroupSettings { Cpu = new CpuSettings { Shares = 7, Quota = -1, Period = 100, Burst = 9, RealtimePeriod = 5, RealtimeRuntime = 4, Idle = 0 } });
        Assert.Equal("7 -1 100 9 5 4 0", string.Join(' ', fake["cpu.shares"], fake["cpu.cfs_quota_us"], fake["cpu.cfs_period_us"], fake["cpu.cfs_burst_us"], fake["cpu.rt_period_us"], fake["cpu.rt_runtime_us"], fake["cpu.idle"]));
    }

    [Theory]
    [InlineData(-1L, null, "max")]
    [InlineData(500L, null, "500")]
    [InlineData(500L, 1000UL, "500 1000")]
    [InlineData(null, 1000UL, "70000 1000")]
    public void Cpu_maximum_of_v2_keeps_what_is_not_given(long? quota, ulong? period, string expected)
    {
        using var fake = new FakeCgroup(true, ["cpu"], "cpu.max=70000 100000\n");
        fake.Cgroup.Apply(new CgroupSettings { Cpu = new CpuSettings { Quota = quota, Period = period } });
        Assert.StartsWith(expected, fake["cpu.max"]);
    }

    [Fact]
    public void An_idle_cgroup_gets_no_weight()
    {
        using var fake = new FakeCgroup(true, ["cpu"], "cpu.idle", "cpu.weight=100");
        fake.Cgroup.Apply(new CgroupSettings { Cpu = new CpuSettings { Idle = 1, Shares = 512 } });
        Assert.Equal(("1", "100"), (fake["cpu.idle"], fake["cpu.weight"]));
    }

    [Fact]
    public void Block_io_goes_to_the_scheduler_that_is_there()
    {
        using var bfq = new FakeCgroup(true, ["io"], "io.bfq.weight", "io.max");
        bfq.Cgroup.Apply(new CgroupSettings { BlockIo = new BlockIoSettings { Weight = 500, ReadBytes = [new(8, 16, 1024)] } });
        Assert.Equal(("500", "8:16 rbps=1024"), (bfq["io.bfq.weight"], bfq["io.max"]));
        using var other = new FakeCgroup(true, ["io"], "io.weight", "io.max");
        other.Cgroup.Apply(new CgroupSettings { BlockIo = new BlockIoSettings { DeviceWeights = [new(8, 0, 1000)], WriteOperations = [new(8, 0, 0)] } });
        Assert.Equal(("8:0 10000", "8:0 wiops=max"), (other["io.weight"], other["io.max"]));
        using var old = new FakeCgroup(false, ["blkio"], "blkio.bfq.weight", "blkio.throttle.write_iops_device");
        old.Cgroup.Apply(new CgroupSettings { BlockIo = new BlockIoSettings { Weight = 10, WriteOperations = [new(8, 0, 5)] } });
        Assert.Equal(("10", "8:0 5"), (old["blkio.bfq.weight"], old["blkio.throttle.write_iops_device"]));
    }

    [Theory]
    [InlineData("2MB", true)]
    [InlineData("64KB", true)]
    [InlineData("../2MB", false)]
    [InlineData("MB", false)]
    [InlineData("02MB", false)]
    [InlineData("2mb", false)]
    public void Page_sizes_cannot_leave_the_folder(string size, bool good) => Assert.Equal(good, HugetlbController.IsPageSize(size));

    [Fact]
    public void Huge_pages_and_their_reservations_are_limited_together()
    {
        using var fake = new FakeCgroup(true, ["hugetlb"], "hugetlb.2MB.max", "hugetlb.2MB.rsvd.max");
        fake.Cgroup.Apply(new CgroupSettings { Hugetlb = [new("2MB", 4096)] });
        Assert.Equal(("4096", "4096"), (fake["hugetlb.2MB.max"], fake["hugetlb.2MB.rsvd.max"]));
    }

    [Fact]
    public void Rdma_network_and_cpuset_are_written_as_the_kernel_reads_them()
    {
        using var fake = new FakeCgroup(false, ["rdma", "net_cls", "net_prio", "cpuset"], "rdma.max", "net_cls.classid", "net_prio.ifpriomap", "cpuset.cpus", "cpuset.mems");
        fake.Cgroup.Apply(new CgroupSettings { Rdma = [new("mlx5_1", 3, null)], NetworkClassId = 0x100001, NetworkPriorities = [new("eth0", 5)], CpusetCpus = "0-1", CpusetMems = "0" });
        Assert.Equal("mlx5_1 hca_handle=3 hca_object=max", fake["rdma.max"]);
        Assert.Equal(("1048577", "eth0 5", "0-1", "0"), (fake["net_cls.classid"], fake["net_prio.ifpriomap"], fake["cpuset.cpus"], fake["cpuset.mems"]));
    }

    [Theory]
    [InlineData("../memory.max")]
    [InlineData("memory")]
    [InlineData("cgroup.procs")]
    [InlineData("cgroup.subtree_control")]
    public void Unified_names_only_files_of_controllers(string file)
    {
        using var fake = new FakeCgroup(true, ["memory"], "cgroup.procs", "cgroup.subtree_control");
        ContainerException refused = Assert.Throws<ContainerException>(() => fake.Cgroup.Apply(new CgroupSettings { Unified = new Dictionary<string, string> { [file] = "1" } }));
        Assert.Equal(ContainerErrorKind.InvalidArgument, refused.Kind);
    }

    [Fact]
    public void Figures_of_v2_are_read()
    {
        using var fake = new FakeCgroup(true, ["cpu", "memory", "io", "pids", "rdma"],
            "cpu.stat=usage_usec 5\nuser_usec 3\nsystem_usec 2\nnr_periods 9\nnr_throttled 4\nthrottled_usec 7\n",
            "cpu.pressure=some avg10=1.25 avg60=0.00 avg300=0.00 total=11\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=12\n",
            "memory.current=4096\n", "memory.max=max\n", "memory.peak=8192\n", "memory.swap.current=1\n", "memory.swap.max=2\n",
            "memory.events=low 0\nhigh 0\nmax 6\noom 1\noom_kill 3\n",
            "memory.stat=anon 10\nfile 20\nkernel 30\nactive_file 4\ninactive_file 5\npgfault 8\npgmajfault 1\n",
            "io.stat=8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n8:16 \n",
            "pids.current=2\n", "pids.max=9\n", "rdma.current=mlx4_0 hca_handle=1 hca_object=20\n");
        CgroupStats stats = fake.Cgroup.Stats();
        Assert.Equal((5000ul, 3000ul, 2000ul, 9ul, 4ul, 7000ul), (stats.Cpu!.Total, stats.Cpu.User, stats.Cpu.System, stats.Cpu.Periods, stats.Cpu.ThrottledPeriods, stats.Cpu.ThrottledTime));
        Assert.Equal(new PressureStats(new PressureLine(125, 0, 0, 11), new PressureLine(0, 0, 0, 12)), stats.Cpu.Pressure);
        Assert.Equal((4096ul, ulong.MaxValue, 8192ul, 6ul, 10ul, 20ul, 30ul, 9ul, 5ul),
            (stats.Memory!.Usage, stats.Memory.Limit, stats.Memory.MaxUsage, stats.Memory.FailCount, stats.Memory.Anonymous, stats.Memory.Cache, stats.Memory.Kernel, stats.Memory.File, stats.Memory.InactiveFile));
        Assert.Equal(8ul, stats.Memory.Raw["pgfault"]);
        Assert.Equal(3ul, fake.Cgroup.OomKillCount());
        Assert.Equal([(8u, 0u, 1ul, 4ul), (8u, 16u, 0ul, 0ul)], stats.BlockIo.Select(one => (one.Major, one.Minor, one.ReadBytes, one.Writes)));
        Assert.Equal(new PidsStats(2, 9), stats.Pids);
        Assert.Equal([new RdmaStats("mlx4_0", 1, 20)], stats.Rdma);
    }

    [Fact]
    public void Figures_of_v1_are_read()
    {
        using var fake = new FakeCgroup(false, ["cpu", "cpuacct", "memory", "blkio"],
            "cpuacct.usage=77\n", "cpuacct.stat=user 3\nsystem 2\n", "cpuacct.usage_percpu=40 37 \n", "cpu.stat=nr_periods 9\nnr_throttled 4\nthrottled_time 7\n",
            "memory.usage_in_bytes=4096\n", "memory.limit_in_bytes=9223372036854771712\n", "memory.memsw.limit_in_bytes=9223372036854771712\n", "memory.max_usage_in_bytes=8192\n",
            "memory.failcnt=6\n", "memory.kmem.usage_in_bytes=1\n", "memory.oom_control=oom_kill_disable 0\nunder_oom 0\noom_kill 3\n",
            "memory.stat=cache 1\ntotal_cache 20\ntotal_rss 10\ntotal_swap 2\ntotal_active_file 4\ntotal_inactive_file 5\n",
            "blkio.bfq.io_service_bytes_recursive=Total 0\n", "blkio.throttle.io_service_bytes_recursive=8:0 Read 1\n8:0 Write 2\n8:0 Sync 3\nTotal 3\n", "blkio.throttle.io_serviced_recursive=8:0 Read 4\n8:0 Write 5\nTotal 9\n");
        CgroupStats stats = fake.Cgroup.Stats();
        Assert.Equal((77ul, 30_000_000ul, 20_000_000ul, 7ul), (stats.Cpu!.Total, stats.Cpu.User, stats.Cpu.System, stats.Cpu.ThrottledTime));
        Assert.Equal([40ul, 37ul], stats.Cpu.PerCpu);
        Assert.Equal((ulong.MaxValue, ulong.MaxValue, 20ul, 10ul, 2ul, 9ul), (stats.Memory!.Limit, stats.Memory.SwapLimit, stats.Memory.Cache, stats.Memory.Anonymous, stats.Memory.Swap, stats.Memory.File));
        Assert.Equal([(1ul, 2ul, 4ul, 5ul)], stats.BlockIo.Select(one => (one.ReadBytes, one.WrittenBytes, one.Reads, one.Writes)));
        Assert.Equal(3ul, fake.Cgroup.OomKillCount());
    }

    [Fact]
    public void A_folder_that_is_on_no_cgroup_file_system_is_never_written_to()
    {
        string path = Directory.CreateTempSubdirectory("rundlet-cgroup-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(path, "pids.max"), "");
            using Cgroup cgroup = Cgroup.FromPaths(new Dictionary<string, string> { ["pids"] = path });
            Assert.Contains("EXDEV", Assert.ThrowsAny<Exception>(() => cgroup.Apply(new CgroupSettings { PidsLimit = 5 })).Message);
            Assert.Equal("", File.ReadAllText(Path.Combine(path, "pids.max")));
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }

    private static string Message(FakeCgroup fake, CgroupSettings settings) => Assert.Throws<ContainerException>(() => fake.Cgroup.Apply(settings)).Message;
}
