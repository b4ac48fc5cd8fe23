using Rundlet.Linux.Cgroups;

namespace Rundlet.Linux.Tests.Cgroups;

public sealed class UsageTests
{
    public static TheoryData<bool> Versions => [false, true];

    [Theory]
    [MemberData(nameof(Versions))]
    public void What_is_watched_all_the_time_is_alike_in_v1_and_v2(bool isV2)
    {
        using FakeCgroup recorded = isV2 ? RecordedCgroup.V2() : RecordedCgroup.V1();
        CgroupStats usage = recorded.Cgroup.Usage();
        Assert.Equal((210ul, 40ul, 1_900_000_000ul, 2_010_000_000ul), (usage.Cpu!.Periods, usage.Cpu.ThrottledPeriods, usage.Cpu.ThrottledTime, usage.Cpu.User));
        Assert.InRange(usage.Cpu.Total, 2_777_820_000ul, 2_777_820_999ul);
        MemoryStats memory = usage.Memory!;
        Assert.Equal((20971520ul, 67108864ul, 67108864ul), (memory.Usage, memory.Limit, memory.MaxUsage));
        Assert.Equal((12406784ul, 8388608ul, 4194304ul, 176128ul), (memory.Anonymous, memory.Cache, memory.InactiveFile, memory.Kernel));
        Assert.Equal((17ul, 1ul, 4096ul, 5500ul, 3ul), (memory.FailCount, memory.OomKills, memory.Swap, memory.PageFaults, memory.MajorPageFaults));
        Assert.Equal(new PidsStats(2, 50), usage.Pids);
        Assert.Equal([(8192ul, 4096ul, 2ul, 1ul)], usage.BlockIo.Select(device => (device.ReadBytes, device.WrittenBytes, device.Reads, device.Writes)));
    }

    [Fact]
    public void Slabs_and_pressure_are_told_where_the_kernel_tells_them()
    {
        using FakeCgroup old = RecordedCgroup.V1(), now = RecordedCgroup.V2();
        CgroupStats first = old.Cgroup.Usage(), second = now.Cgroup.Usage();
        Assert.Equal((null, 81920ul), (first.Memory!.Slab, second.Memory!.Slab));
        Assert.Equal((null, null, null), (first.Cpu!.Pressure, first.Memory.Pressure, first.IoPressure));
        Assert.Equal((50253ul, 1200000ul, 731ul), (second.Cpu!.Pressure!.Value.Some.Total, second.Memory.Pressure!.Value.Full.Total, second.IoPressure!.Value.Some.Total));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void All_figures_are_those_and_more(bool isV2)
    {
        using FakeCgroup recorded = isV2 ? RecordedCgroup.V2() : RecordedCgroup.V1();
        CgroupStats usage = recorded.Cgroup.Usage(), all = recorded.Cgroup.Stats();
        Assert.Equal((usage.Cpu!.Total, usage.Memory!.Usage, usage.Memory.Anonymous), (all.Cpu!.Total, all.Memory!.Usage, all.Memory.Anonymous));
        Assert.Empty(usage.Memory.Raw);
        Assert.Equal(5500ul, all.Memory.Raw[isV2 ? "pgfault" : "total_pgfault"]);
        Assert.Equal(67108864ul, all.Memory.SwapLimit);
        Assert.Equal(isV2 ? 0 : 2, all.Cpu.PerCpu.Count);
    }

    [Fact]
    public void A_cgroup_without_controllers_says_nothing_instead_of_zero()
    {
        using var empty = new FakeCgroup(false, ["freezer"]);
        CgroupStats usage = empty.Cgroup.Usage();
        Assert.Equal((null, null, null), (usage.Cpu, usage.Memory, usage.Pids));
        Assert.Empty(usage.BlockIo);
    }
}
