using Rundlet.Engine.State;
using Rundlet.Engine.Stats;
using Rundlet.Linux.Cgroups;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Linux.Tests.Cgroups;

namespace Rundlet.Engine.Tests.Stats;

public sealed class StatsTests
{
    private static readonly long s_second = TimeProvider.System.TimestampFrequency;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Memory_is_counted_as_docker_counts_it(bool isV2)
    {
        using FakeCgroup recorded = isV2 ? RecordedCgroup.V2() : RecordedCgroup.V1();
        ContainerStats stats = Reading(0, recorded.Cgroup.Usage());
        Assert.Equal(20971520ul - 4194304, stats.Memory);
        Assert.Equal(25, stats.MemoryPercent);
        Assert.Equal((2ul, 8192ul, 4096ul), (stats.Tasks, stats.BlockRead, stats.BlockWritten));
    }

    [Fact]
    public void Idle_cache_beyond_the_usage_leaves_no_negative_memory()
    {
        using var odd = new FakeCgroup(true, ["memory"], "memory.current=10\n", "memory.stat=inactive_file 20\n");
        Assert.Equal(0ul, Reading(0, odd.Cgroup.Usage()).Memory);
    }

    [Fact]
    public void Rates_are_differences_over_the_time_between()
    {
        ContainerStats before = Reading(0, Used(cpu: 1_000_000, read: 100, written: 50), received: 10, sent: 1000);
        ContainerStats after = Reading(2, Used(cpu: 4_000_000, read: 300, written: 50), received: 30, sent: 5000);
        Assert.Equal(new StatsRates(150, 10, 2000, 100, 0), StatsRates.Between(before, after));
    }

    [Fact]
    public void The_first_reading_has_no_rates()
    {
        ContainerStats stats = Reading(0, Used(cpu: 1_000_000, read: 1, written: 1));
        Assert.Equal(default, StatsRates.Between(null, stats));
        Assert.Equal(default, StatsRates.Between(stats, null));
        Assert.Equal(default, StatsRates.Between(stats, stats));
    }

    [Fact]
    public void A_new_life_has_no_rates_even_where_its_counters_are_higher()
    {
        ContainerStats before = Reading(0, Used(cpu: 1_000, read: 1, written: 1));
        ContainerStats after = Reading(1, Used(cpu: 9_000_000, read: 500, written: 500)) with { Process = new ProcessIdentity(7, 2) };
        Assert.Equal(default, StatsRates.Between(before, after));
    }

    [Fact]
    public void Counters_that_began_again_give_nothing_instead_of_a_negative_rate()
    {
        ContainerStats before = Reading(0, Used(cpu: 5_000_000, read: 500, written: 1), received: 100);
        ContainerStats after = Reading(1, Used(cpu: 1_000, read: 2, written: 11), received: 0);
        Assert.Equal(new StatsRates(0, 0, 0, 0, 10), StatsRates.Between(before, after));
    }

    private static CgroupStats Used(ulong cpu, ulong read, ulong written)
    {
        using var fake = new FakeCgroup(true, ["cpu", "io"], $"cpu.stat=usage_usec {cpu}\n", $"io.stat=8:0 rbytes={read} wbytes={written} rios=1 wios=1 dbytes=0 dios=0\n");
        return fake.Cgroup.Usage();
    }

    private static ContainerStats Reading(long second, CgroupStats used, ulong received = 0, ulong sent = 0) => new()
    {
        Timestamp = second * s_second,
        Process = new ProcessIdentity(7, 1),
        Cgroup = used,
        MemoryLimit = used.Memory?.Limit ?? 0,
        Interfaces = [new InterfaceTraffic("eth0", new LinkStatistics(1, 1, received, sent, 0, 0, 0, 0))],
    };
}
