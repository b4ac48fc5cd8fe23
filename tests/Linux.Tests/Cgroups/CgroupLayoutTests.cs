using System.Text;
using Rundlet.Linux.Cgroups;

namespace Rundlet.Linux.Tests.Cgroups;

public class CgroupLayoutTests
{
    private const string HybridMounts = """
        25 1 0:22 / /sys rw - sysfs sysfs rw
        31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
        33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
        35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:10 - cgroup cgroup rw,memory
        40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd
        41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw

        """;

    private const string HybridOwn = """
        9:name=systemd:/init.scope
        7:blkio:/
        4:memory:/agent/7f
        1:cpu,cpuacct:/
        0::/

        """;

    [Fact]
    public void Hybrid_has_v1_controllers_where_they_are_mounted_and_the_rest_in_v2()
    {
        CgroupLayout layout = Parse(HybridMounts, HybridOwn, "hugetlb misc\n");
        Assert.Equal(CgroupMode.Hybrid, layout.Mode);
        Assert.Equal(["name=systemd", "memory", "cpu,cpuacct", "hugetlb,misc"], layout.Hierarchies.Select(one => string.Join(',', one.Names)));
        Assert.Equal("/sys/fs/cgroup/unified", layout.Unified!.MountPoint);
        Assert.Equal(CgroupControllers.Cpu | CgroupControllers.Cpuacct, layout.Hierarchies[2].Controllers);
    }

    [Fact]
    public void Hierarchies_that_are_not_mounted_are_passed_over()
    {
        Assert.DoesNotContain(Parse(HybridMounts, HybridOwn).Hierarchies, one => one.Names.Contains("blkio"));
    }

    [Fact]
    public void Each_controller_has_a_place_of_its_own_for_the_caller()
    {
        using Cgroup cgroup = Cgroup.At(Parse(HybridMounts, HybridOwn), null, "web");
        Assert.Equal("/sys/fs/cgroup/memory/agent/7f/web", cgroup.PathOf("memory"));
        Assert.Equal("/sys/fs/cgroup/cpu,cpuacct/web", cgroup.PathOf("cpuacct"));
        Assert.Equal("/sys/fs/cgroup/systemd/init.scope/web", cgroup.PathOf("name=systemd"));
        Assert.Equal("/sys/fs/cgroup/unified/web", cgroup.PathOf(""));
    }

    [Fact]
    public void Absolute_paths_start_where_the_hierarchy_is_mounted()
    {
        using Cgroup cgroup = Cgroup.At(Parse(HybridMounts, HybridOwn), "/pods//./one/", "web");
        Assert.Equal("/sys/fs/cgroup/memory/pods/one", cgroup.PathOf("memory"));
    }

    [Theory]
    [InlineData("../up")]
    [InlineData("/a/../../b")]
    [InlineData("/")]
    [InlineData(".")]
    [InlineData("a\nb")]
    public void Paths_that_leave_or_name_nothing_are_refused(string path)
    {
        ContainerException refused = Assert.Throws<ContainerException>(() => Cgroup.At(Parse(HybridMounts, HybridOwn), path, "web"));
        Assert.Equal(ContainerErrorKind.InvalidArgument, refused.Kind);
    }

    [Fact]
    public void The_root_of_a_mount_is_taken_off_the_callers_path()
    {
        const string Mounts = "35 31 0:32 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";
        Assert.Equal("", Parse(Mounts, "4:memory:/docker/abc\n").Hierarchies[0].OwnPath);
        Assert.Equal("/x", Parse(Mounts, "4:memory:/docker/abc/x\n").Hierarchies[0].OwnPath);
        Assert.Equal("", Parse(Mounts, "4:memory:/docker/abcd\n").Hierarchies[0].OwnPath);
        Assert.Equal("", Parse(Mounts, "4:memory:/../elsewhere\n").Hierarchies[0].OwnPath);
    }

    [Fact]
    public void Of_two_mounts_the_one_that_shows_the_caller_is_taken()
    {
        const string Mounts = """
            35 31 0:32 /other /mnt/memory rw - cgroup cgroup rw,memory
            36 31 0:32 / /sys/fs/cgroup/memory\040two rw - cgroup cgroup rw,memory

            """;
        Assert.Equal("/sys/fs/cgroup/memory two", Parse(Mounts, "4:memory:/mine\n").Hierarchies[0].MountPoint);
    }

    [Fact]
    public void On_v2_a_relative_path_is_beside_the_caller_who_keeps_its_own_cgroup_busy()
    {
        CgroupLayout layout = Parse("30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n", "0::/user.slice/shell.scope\n", "cpu memory pids\n");
        Assert.Equal(CgroupMode.V2, layout.Mode);
        using Cgroup cgroup = Cgroup.At(layout, "box/web", "web");
        Assert.Equal("/sys/fs/cgroup/user.slice/box/web", cgroup.PathOf(""));
        Assert.Equal(cgroup.PathOf(""), cgroup.PathOf("memory"));
    }

    [Fact]
    public void Nothing_mounted_is_no_layout_and_an_empty_cgroup()
    {
        CgroupLayout layout = Parse("", "0::/\n");
        Assert.Equal(CgroupMode.None, layout.Mode);
        using Cgroup cgroup = Cgroup.At(layout, null, "web");
        Assert.True(cgroup.IsEmpty);
        cgroup.Create();
        Assert.Equal("memory limit: no memory controller is mounted",
            Assert.Throws<ContainerException>(() => cgroup.Apply(new CgroupSettings { Memory = new MemorySettings { Limit = 1 } })).Message);
    }

    private static CgroupLayout Parse(string mounts, string own, string controllers = "") =>
        CgroupLayout.Parse(Encoding.UTF8.GetBytes(mounts), Encoding.UTF8.GetBytes(own), _ => Encoding.UTF8.GetBytes(controllers));
}
