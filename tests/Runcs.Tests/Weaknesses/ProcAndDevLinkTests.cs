namespace Rundlet.Runcs.Tests.Weaknesses;

/// <summary>
/// /proc, /sys or /dev of the image is a link: masks, labels and nodes go elsewhere (CVE-2019-16884, CVE-2019-19921, CVE-2023-27561,
/// CVE-2023-28642, CVE-2025-54867, CVE-2025-62161, CVE-2026-41579, CVE-2026-47766).
/// </summary>
public sealed class ProcAndDevLinkTests : ContainerTest
{
    [Theory]
    [InlineData("/tmp")]
    [InlineData("tmp/deep")]
    public void A_link_in_place_of_proc_stops_the_start(string target)
    {
        TestContainer container = Container().Script("cat /proc/kcore | head -c 4 | wc -c");
        Directory.CreateDirectory($"{container.Rootfs}/tmp/deep");
        Directory.Delete($"{container.Rootfs}/proc");
        File.CreateSymbolicLink($"{container.Rootfs}/proc", target);
        container.LinuxPart["maskedPaths"] = TestContainer.Texts("/proc/kcore");
        Assert.NotEqual(0, container.Run().Status);
    }

    [Fact]
    public void A_link_in_place_of_sys_stops_the_start()
    {
        TestContainer container = Container().Script("true").Mount("/sys", "sysfs", "sysfs", "ro");
        Directory.Delete($"{container.Rootfs}/sys");
        File.CreateSymbolicLink($"{container.Rootfs}/sys", "tmp");
        Assert.NotEqual(0, container.Run().Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_link_in_place_of_dev_makes_no_node_outside(bool climbs)
    {
        string outside = Directory.CreateDirectory($"{Scratch}/outside").FullName;
        TestContainer container = Container().Script("true");
        container.Mounts.RemoveAt(1);
        Directory.Delete($"{container.Rootfs}/dev");
        File.CreateSymbolicLink($"{container.Rootfs}/dev", climbs ? $"../../../../../../../../..{outside}" : outside);
        _ = container.Run(); // it may refuse, or make them inside
        Assert.Empty(Directory.GetFileSystemEntries(outside));
    }
}
