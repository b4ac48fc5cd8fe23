using Rundlet.Hello.Report;

namespace Rundlet.Hello.Tests;

public sealed class CgroupSectionTests
{
    private static Dictionary<string, string> Facts(TemporaryRoot root)
    {
        SystemFiles files = root.Files;
        return CgroupSection.Build(files, MountEntry.ReadAll(files)).Facts.ToDictionary(fact => fact.Key, fact => fact.Value.Display);
    }

    [Fact]
    public void Version_2_limits_are_read_from_the_unified_hierarchy()
    {
        using TemporaryRoot root = new TemporaryRoot()
            .With("/proc/self/cgroup", "0::/box\n")
            .With("/proc/self/mountinfo", "30 24 0:26 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw\n")
            .With("/sys/fs/cgroup/box/memory.max", "134217728\n")
            .With("/sys/fs/cgroup/box/memory.current", "1048576\n")
            .With("/sys/fs/cgroup/box/memory.swap.max", "max\n")
            .With("/sys/fs/cgroup/box/cpu.weight", "20\n")
            .With("/sys/fs/cgroup/box/cpu.max", "max 100000\n")
            .With("/sys/fs/cgroup/box/pids.max", "100\n")
            .With("/sys/fs/cgroup/box/pids.current", "3\n");
        Dictionary<string, string> facts = Facts(root);
        Assert.Equal("128 MiB", facts["memoryLimit"]);
        Assert.Equal("1 MiB", facts["memoryUsage"]);
        Assert.Equal("no limit", facts["swapLimit"]);
        Assert.Equal("20", facts["cpuWeight"]);
        Assert.Equal("no limit", facts["cpuLimit"]);
        Assert.Equal("100", facts["pidsLimit"]);
        Assert.Equal("3", facts["pids"]);
    }

    [Fact]
    public void Version_1_limits_are_read_from_the_hierarchy_that_has_the_controller()
    {
        using TemporaryRoot root = new TemporaryRoot()
            .With("/proc/self/cgroup", "9:name=systemd:/a\n4:memory:/outside/box\n2:cpu,cpuacct:/\n")
            .With("/proc/self/mountinfo",
                """
                31 30 0:27 /outside/box /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory
                32 30 0:28 / /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct
                """)
            .With("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n")
            .With("/sys/fs/cgroup/memory/memory.usage_in_bytes", "1536\n")
            .With("/sys/fs/cgroup/cpu,cpuacct/cpu.shares", "512\n")
            .With("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "150000\n")
            .With("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
        Dictionary<string, string> facts = Facts(root);
        Assert.Equal("no limit", facts["memoryLimit"]);
        Assert.Equal("1.5 KiB", facts["memoryUsage"]);
        Assert.Equal("512", facts["cpuShares"]);
        Assert.Equal("1.5 CPUs", facts["cpuLimit"]);
        Assert.Equal("unknown: controller not mounted", facts["pidsLimit"]);
    }

    [Fact]
    public void On_a_hybrid_host_each_controller_is_read_where_it_is()
    {
        using TemporaryRoot root = new TemporaryRoot()
            .With("/proc/self/cgroup", "3:pids:/box\n0::/box\n")
            .With("/proc/self/mountinfo",
                """
                31 30 0:27 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids
                32 30 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup rw
                """)
            .With("/sys/fs/cgroup/pids/box/pids.max", "max\n")
            .With("/sys/fs/cgroup/pids/box/pids.current", "7\n")
            .With("/sys/fs/cgroup/unified/box/memory.max", "4096\n");
        Dictionary<string, string> facts = Facts(root);
        Assert.Equal("no limit", facts["pidsLimit"]);
        Assert.Equal("7", facts["pids"]);
        Assert.Equal("4 KiB", facts["memoryLimit"]);
    }

    [Fact]
    public void The_root_cgroup_is_told_from_a_controller_that_is_not_mounted()
    {
        using TemporaryRoot root = new TemporaryRoot()
            .With("/proc/self/cgroup", "3:pids:/\n")
            .With("/proc/self/mountinfo", "31 30 0:27 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n");
        Dictionary<string, string> facts = Facts(root);
        Assert.Equal("none: this is the root cgroup", facts["pidsLimit"]);
        Assert.Equal("unknown: controller not mounted", facts["memoryLimit"]);
    }

    [Fact]
    public void A_path_above_the_mount_does_not_lead_out_of_it()
    {
        using TemporaryRoot root = new TemporaryRoot()
            .With("/proc/self/cgroup", "0::/../../other\n")
            .With("/proc/self/mountinfo", "30 24 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup rw\n")
            .With("/sys/fs/cgroup/pids.max", "5\n");
        Assert.Equal("5", Facts(root)["pidsLimit"]);
    }
}
