using Rundlet.Linux;
using Rundlet.Linux.Cgroups;
using Rundlet.Oci;
using Rundlet.Runtime.Planning;

namespace Rundlet.Runtime.Tests;

public sealed class CgroupPlanTests
{
    [Fact]
    public void No_resources_set_nothing()
    {
        CgroupSettings settings = CgroupPlan.SettingsOf(null, bestEffort: true);
        Assert.True(settings.BestEffort);
        Assert.Null(settings.Memory);
        Assert.Null(settings.Cpu);
        Assert.Null(settings.PidsLimit);
        Assert.Null(settings.BlockIo);
        Assert.Null(settings.Devices);
        Assert.Null(settings.Unified);
        Assert.Empty(settings.Hugetlb);
    }

    [Fact]
    public void Memory_goes_over_member_by_member()
    {
        MemoryResources memory = new() { Limit = 1, Reservation = 2, Swap = 3, KernelTcp = 4, Swappiness = 5, DisableOomKiller = true, CheckBeforeUpdate = true };
        MemorySettings settings = CgroupPlan.SettingsOf(new Resources { Memory = memory }, false).Memory!;
        Assert.Equal((1L, 2L, 3L, 4L, 5UL, true, true),
            (settings.Limit, settings.Reservation, settings.Swap, settings.KernelTcp, settings.Swappiness, settings.DisableOomKiller, settings.CheckBeforeUpdate));
        Assert.False(CgroupPlan.SettingsOf(new Resources { Memory = new() }, false).Memory!.CheckBeforeUpdate);
    }

    [Fact]
    public void Cpu_goes_over_member_by_member()
    {
        CpuResources cpu = new() { Shares = 1, Quota = 2, Period = 3, Burst = 4, Idle = 1, RealtimeRuntime = 5, RealtimePeriod = 6, Cpus = "0-1", Mems = "0" };
        CgroupSettings settings = CgroupPlan.SettingsOf(new Resources { Cpu = cpu }, false);
        Assert.Equal((1UL, 2L, 3UL, 4UL, 1L, 5L, 6UL),
            (settings.Cpu!.Shares, settings.Cpu.Quota, settings.Cpu.Period, settings.Cpu.Burst, settings.Cpu.Idle, settings.Cpu.RealtimeRuntime, settings.Cpu.RealtimePeriod));
        Assert.Equal(("0-1", "0"), (settings.CpusetCpus, settings.CpusetMems));
    }

    [Fact]
    public void Block_io_goes_over_member_by_member()
    {
        BlockIoResources io = new()
        {
            Weight = 500,
            LeafWeight = 300,
            WeightDevice = [new() { Major = 8, Minor = 0, Weight = 100, LeafWeight = 50 }, new() { Major = 8, Minor = 16, LeafWeight = 70 }],
            ThrottleReadBpsDevice = [new() { Major = 1, Minor = 2, Rate = 3 }],
            ThrottleWriteBpsDevice = [new() { Major = 4, Minor = 5, Rate = 6 }],
            ThrottleReadIopsDevice = [new() { Major = 7, Minor = 8, Rate = 9 }],
            ThrottleWriteIopsDevice = [new() { Major = 10, Minor = 11, Rate = 12 }],
        };
        BlockIoSettings settings = CgroupPlan.SettingsOf(new Resources { BlockIo = io }, false).BlockIo!;
        Assert.Equal(((ushort)500, (ushort)300), (settings.Weight, settings.LeafWeight));
        Assert.Equal([new DeviceWeight(8, 0, 100, 50), new DeviceWeight(8, 16, 0, 70)], settings.DeviceWeights);
        Assert.Equal([new DeviceRate(1, 2, 3)], settings.ReadBytes);
        Assert.Equal([new DeviceRate(4, 5, 6)], settings.WriteBytes);
        Assert.Equal([new DeviceRate(7, 8, 9)], settings.ReadOperations);
        Assert.Equal([new DeviceRate(10, 11, 12)], settings.WriteOperations);
    }

    [Fact]
    public void The_rest_goes_over_member_by_member()
    {
        Resources resources = new()
        {
            Pids = new() { Limit = 100 },
            HugepageLimits = [new() { PageSize = "2MB", Limit = 7 }],
            Rdma = new() { ["mlx5"] = new() { HcaHandles = 3 } },
            Network = new() { ClassId = 9, Priorities = [new() { Name = "eth0", Priority = 2 }] },
            Unified = new() { ["memory.high"] = "1" },
        };
        CgroupSettings settings = CgroupPlan.SettingsOf(resources, false);
        Assert.Equal(100, settings.PidsLimit);
        Assert.Equal([new HugetlbSetting("2MB", 7)], settings.Hugetlb);
        Assert.Equal([new RdmaSetting("mlx5", 3, null)], settings.Rdma);
        Assert.Equal(9u, settings.NetworkClassId);
        Assert.Equal([new NetworkPriority("eth0", 2)], settings.NetworkPriorities);
        Assert.Equal("1", settings.Unified!["memory.high"]);
    }

    [Fact]
    public void Device_rules_keep_their_order_and_end_with_what_every_program_needs()
    {
        Resources resources = new()
        {
            Devices =
            [
                new() { Allow = false, Access = "rwm" },
                new() { Allow = true, Type = "c", Major = 10, Minor = 229, Access = "rw" },
                new() { Allow = true, Type = "b", Major = 8, Minor = -1 },
            ],
        };
        IReadOnlyList<DeviceAccessRule> rules = CgroupPlan.SettingsOf(resources, false).Devices!;
        Assert.Equal(
            ["deny a *:* rwm", "allow c 10:229 rw", "allow b 8:* rwm", "allow c 1:3 rwm", "allow c 1:5 rwm", "allow c 1:7 rwm", "allow c 1:8 rwm", "allow c 1:9 rwm", "allow c 5:0 rwm", "allow c 5:2 rwm", "allow c 136:* rwm", "allow a *:* m"],
            rules.Select(rule => rule.ToString()));
    }

    [Fact]
    public void No_device_rules_leave_the_devices_alone() =>
        Assert.Null(CgroupPlan.SettingsOf(new Resources { Devices = [] }, false).Devices);

    public static TheoryData<Resources> OutOfRange =>
    [
        new Resources { Devices = [new() { Allow = true, Type = "x" }] },
        new Resources { Devices = [new() { Allow = true, Type = "c", Major = -2 }] },
        new Resources { Devices = [new() { Allow = true, Type = "c", Minor = 1L << 32 }] },
        new Resources { Devices = [new() { Allow = true, Type = "c", Access = "rwx" }] },
        new Resources { BlockIo = new() { WeightDevice = [new() { Major = -1, Minor = 0 }] } },
        new Resources { BlockIo = new() { ThrottleReadBpsDevice = [new() { Major = 0, Minor = -1, Rate = 1 }] } },
    ];

    [Theory]
    [MemberData(nameof(OutOfRange), DisableDiscoveryEnumeration = true)]
    public void Numbers_out_of_range_are_refused(Resources resources) =>
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => CgroupPlan.SettingsOf(resources, false)).Kind);
}
