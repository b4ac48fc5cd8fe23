using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests;

/// <summary>Each member of <c>linux.resources</c>, read back from the kernel's files.</summary>
public sealed class CgroupFieldTests : ContainerTest
{
    private const long MiB = 1 << 20;

    [Theory]
    [InlineData("memory", """{"limit":67108864,"reservation":33554432}""", "memory.soft_limit_in_bytes", "33554432", "memory.low", "33554432")]
    [InlineData("memory", """{"limit":67108864,"swap":100663296}""", "memory.memsw.limit_in_bytes", "100663296", "memory.swap.max", "33554432")]
    [InlineData("memory", """{"limit":67108864,"swap":-1}""", "memory.memsw.limit_in_bytes", "9223372036854771712", "memory.swap.max", "max")]
    [InlineData("memory", """{"limit":-1}""", "memory.limit_in_bytes", "9223372036854771712", "memory.max", "max")]
    [InlineData("memory", """{"limit":67108864,"kernel":33554432,"useHierarchy":true,"disableOOMKiller":false}""", "memory.limit_in_bytes", "67108864", "memory.max", "67108864")]
    [InlineData("cpu", """{"quota":-1,"period":50000}""", "cpu.cfs_period_us", "50000", "cpu.max", "max 50000")]
    [InlineData("cpu", """{"period":40000}""", "cpu.cfs_period_us", "40000", "cpu.max", "max 40000")]
    [InlineData("cpu", """{"quota":20000,"period":40000,"burst":10000}""", "cpu.cfs_burst_us", "10000", "cpu.max.burst", "10000")]
    [InlineData("cpu", """{"idle":1}""", "cpu.idle", "1", "cpu.idle", "1")]
    [InlineData("cpu", """{"shares":2}""", "cpu.shares", "2", "cpu.weight", "1")]
    [InlineData("cpuset", """{"cpus":"0","mems":"0"}""", "cpuset.mems", "0", "cpuset.mems", "0")]
    [InlineData("pids", """{"limit":-1}""", "pids.max", "max", "pids.max", "max")]
    [SpecRow("linux.resources.memory.reservation", "linux.resources.memory.swap", "linux.resources.cpu.burst", "linux.resources.cpu.idle", "linux.resources.cpu.mems")]
    public void A_member_is_in_its_file(string controller, string value, string legacyFile, string legacyText, string file, string text)
    {
        bool legacy = CgroupMounts.IsLegacy(controller);
        TestContainer container = With(controller == "cpuset" ? "cpu" : controller, JsonNode.Parse(value)!);
        container.Create().Good();
        if (!legacy && file == "memory.swap.max" && !File.Exists(PathOf(container, controller, file)))
            Assert.Skip("the kernel does not account swap");
        Assert.Equal(legacy ? legacyText : text, Read(container, controller, legacy ? legacyFile : file));
    }

    [Theory]
    [InlineData("""{"swappiness":10}""", "memory.swappiness", "10")]
    [InlineData("""{"kernelTCP":33554432}""", "memory.kmem.tcp.limit_in_bytes", "33554432")]
    [InlineData("""{"limit":67108864,"disableOOMKiller":true}""", "memory.oom_control", "oom_kill_disable 1")]
    [SpecRow("linux.resources.memory.swappiness", "linux.resources.memory.kernelTCP", "linux.resources.memory.disableOOMKiller")]
    public void What_only_v1_has_is_in_its_file_there_and_an_error_on_v2(string value, string file, string text)
    {
        bool legacy = CgroupMounts.IsLegacy("memory");
        TestContainer container = With("memory", JsonNode.Parse(value)!);
        if (!legacy)
        {
            if (RuntimeProgram.IsOurs)
                container.Create().Refused(1, "cgroup v2 has no such setting");
            return;
        }
        container.Create().Good();
        Assert.StartsWith(text, Read(container, "memory", file), StringComparison.Ordinal);
    }

    [Fact]
    [SpecRow("linux.resources.memory.checkBeforeUpdate")]
    public void A_limit_below_what_is_in_use_is_refused_where_that_is_asked_for()
    {
        RuntimeProgram.SkipUnlessOurs("runc of Debian does not know the member");
        CgroupMounts.IsLegacy("memory");
        TestContainer container = With("memory", new JsonObject { ["limit"] = 128 * MiB, ["checkBeforeUpdate"] = true });
        container.Script("x=$(head -c 20000000 /dev/zero | tr '\\0' x); echo up; sleep 1000; echo $x").Up();
        container.AwaitText(container.OutputFile, "up");
        container.Runtime("update", "--memory", "4M", container.Id).Refused(1, "is below the");
        Assert.Equal("running", container.Status());
    }

    [Fact]
    [SpecRow("linux.resources.blockIO.throttleReadBpsDevice", "linux.resources.blockIO.throttleWriteBpsDevice", "linux.resources.blockIO.throttleReadIOPSDevice", "linux.resources.blockIO.throttleWriteIOPSDevice")]
    public void Rates_of_a_disk_are_in_their_files()
    {
        bool legacy = CgroupMounts.IsLegacy(CgroupMounts.Find("blkio") is null ? "io" : "blkio");
        if (Disk() is not var (major, minor))
            return;
        JsonArray Rate(int rate) => new(new JsonObject { ["major"] = major, ["minor"] = minor, ["rate"] = rate });
        TestContainer container = With("blockIO", new JsonObject
        {
            ["throttleReadBpsDevice"] = Rate(1048576),
            ["throttleWriteBpsDevice"] = Rate(2097152),
            ["throttleReadIOPSDevice"] = Rate(300),
            ["throttleWriteIOPSDevice"] = Rate(400),
        });
        container.Create().Good();
        if (!legacy)
        {
            Assert.Equal($"{major}:{minor} rbps=1048576 wbps=2097152 riops=300 wiops=400", Read(container, "io", "io.max"));
            return;
        }
        Assert.Equal($"{major}:{minor} 1048576", Read(container, "blkio", "blkio.throttle.read_bps_device"));
        Assert.Equal($"{major}:{minor} 2097152", Read(container, "blkio", "blkio.throttle.write_bps_device"));
        Assert.Equal($"{major}:{minor} 300", Read(container, "blkio", "blkio.throttle.read_iops_device"));
        Assert.Equal($"{major}:{minor} 400", Read(container, "blkio", "blkio.throttle.write_iops_device"));
    }

    [Fact]
    [SpecRow("linux.resources.hugepageLimits")]
    public void A_limit_of_huge_pages_is_in_both_of_its_files()
    {
        bool legacy = CgroupMounts.IsLegacy("hugetlb");
        if (!Directory.Exists("/sys/kernel/mm/hugepages/hugepages-2048kB"))
            Assert.Skip("the kernel has no huge pages of 2 MB");
        TestContainer container = Container().Script("sleep 1000");
        container.LinuxPart["resources"] = new JsonObject { ["hugepageLimits"] = new JsonArray(new JsonObject { ["pageSize"] = "2MB", ["limit"] = 4194304 }) };
        container.Create().Good();
        string suffix = legacy ? "limit_in_bytes" : "max";
        Assert.Equal("4194304", Read(container, "hugetlb", $"hugetlb.2MB.{suffix}"));
        Assert.Equal("4194304", Read(container, "hugetlb", $"hugetlb.2MB.rsvd.{suffix}"));
        TestContainer other = Container().Script("sleep 1000");
        other.LinuxPart["resources"] = new JsonObject { ["hugepageLimits"] = new JsonArray(new JsonObject { ["pageSize"] = "3MB", ["limit"] = 4194304 }) };
        other.Create().Refused(1, "3MB");
    }

    [Fact]
    [SpecRow("linux.resources.unified")]
    public void Files_of_v2_are_written_as_they_are_named()
    {
        if (CgroupMounts.Find("memory") is not null)
            Assert.Skip("needs cgroup v2 alone");
        TestContainer container = With("unified", JsonNode.Parse("""{"memory.high":"50331648","memory.oom.group":"1","cpu.max":"30000 60000","pids.max":"33"}""")!);
        container.Create().Good();
        Assert.Equal(["50331648", "1", "30000 60000", "33"], ((string[])["memory.high", "memory.oom.group", "cpu.max", "pids.max"]).Select(file => Read(container, "memory", file)));
        With("unified", JsonNode.Parse("""{"nothing.max":"1"}""")!).Create().Refused(1, "nothing.max");
    }

    [Fact]
    public void A_controller_that_is_not_there_is_named()
    {
        RuntimeProgram.SkipUnlessOurs("runc passes it over");
        if (CgroupMounts.Find("net_cls") is not null)
            Assert.Skip("this machine has net_cls");
        With("network", new JsonObject { ["classID"] = 1048577 }).Create().Refused(1, "network class id: no net_cls controller is mounted");
    }

    [Theory]
    [InlineData("blockIO", """{"weightDevice":[{"major":8,"minor":0}]}""", "neither a weight nor a leafWeight")]
    [InlineData("rdma", """{"mlx5_1":{}}""", "neither hcaHandles nor hcaObjects")]
    [InlineData("memory", """{"limit":33554432,"swap":16777216}""", "memory")]
    [InlineData("cpu", """{"quota":10000,"period":20000,"burst":30000}""", "cpu")]
    [InlineData("cpu", """{"cpus":"9999"}""", "cpuset cpus")]
    [InlineData("hugepageLimits", """[{"pageSize":"../x","limit":1}]""", "page size '../x'")]
    public void What_contradicts_itself_is_refused_and_leaves_nothing(string member, string value, string words)
    {
        RuntimeProgram.SkipUnlessOurs("others say it in other words, or not at all");
        TestContainer container = With(member, JsonNode.Parse(value)!);
        container.Create().Refused(1, words);
        Assert.False(Directory.Exists($"{container.StateRoot}/{container.Id}"));
    }

    private TestContainer With(string member, JsonNode value)
    {
        TestContainer container = Container().Script("sleep 1000");
        container.LinuxPart["resources"] = new JsonObject { [member] = value };
        return container;
    }

    /// <summary>A whole disk with a queue of requests; skips where there is none.</summary>
    private static (int Major, int Minor)? Disk()
    {
        foreach (string folder in Directory.EnumerateDirectories("/sys/block"))
        {
            string name = Path.GetFileName(folder);
            if (!name.StartsWith("loop", StringComparison.Ordinal) && !name.StartsWith("ram", StringComparison.Ordinal) && !name.StartsWith("zram", StringComparison.Ordinal))
            {
                string[] numbers = File.ReadAllText($"{folder}/dev").Trim().Split(':');
                return (int.Parse(numbers[0], System.Globalization.CultureInfo.InvariantCulture), int.Parse(numbers[1], System.Globalization.CultureInfo.InvariantCulture));
            }
        }
        Assert.Skip("there is no disk");
        return null;
    }

    private static string PathOf(TestContainer container, string controller, string file) => TestContainer.CgroupFile(container.Pid(), controller, file);

    private static string Read(TestContainer container, string controller, string file) => File.ReadAllText(PathOf(container, controller, file)).Trim();
}
