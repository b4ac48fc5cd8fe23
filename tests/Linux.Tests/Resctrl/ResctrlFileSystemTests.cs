using System.Text;
using Rundlet.Linux.Proc;
using Rundlet.Linux.Resctrl;

namespace Rundlet.Linux.Tests.Resctrl;

/// <summary>What is read of resctrl, from a plain folder.</summary>
public sealed class ResctrlFileSystemTests : IDisposable
{
    private const string Mounts = "25 1 0:23 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n31 25 0:30 /web /tmp/part rw - resctrl resctrl rw\n32 25 0:30 / /sys/fs/resctrl rw - resctrl resctrl rw";

    private readonly string _folder = Directory.CreateTempSubdirectory("rundlet-resctrl-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void It_is_found_where_all_of_it_is_mounted()
    {
        Assert.Equal("/sys/fs/resctrl", ResctrlFileSystem.FindIn(MountInfo.Parse(Encoding.UTF8.GetBytes(Mounts + "\n")))!.Path);
        Assert.Null(ResctrlFileSystem.FindIn(MountInfo.Parse("25 1 0:23 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"u8)));
    }

    [Theory]
    [InlineData("", 10)]
    [InlineData(",mba_MBps", 1)]
    public void Bandwidth_in_megabytes_is_not_rounded(string option, ulong step)
    {
        Write("info/MB/bandwidth_gran", "10\n");
        string mounts = Mounts.Replace("/sys/fs/resctrl", _folder, StringComparison.Ordinal) + option + "\n";
        ResctrlFileSystem system = ResctrlFileSystem.FindIn(MountInfo.Parse(Encoding.UTF8.GetBytes(mounts)))!;
        Assert.Equal(step, system.StepOf("MB"));
        Assert.Equal(1UL, system.StepOf("L3"));
    }

    [Fact]
    public void A_machine_that_can_only_measure_has_no_resources()
    {
        ResctrlFileSystem system = new(_folder);
        Assert.Empty(system.Resources());
        Assert.False(system.CanMonitor);
        Assert.Empty(system.MonitorFeatures());
        ResctrlStats stats = ResctrlStats.Read(system, system.Group("/"), system.Group("/"));
        Assert.True(stats is { Cache: null, Bandwidth: null, MeasuresOccupancy: false, MeasuresTraffic: false, Caches: [] });
    }

    [Fact]
    public void Code_and_data_may_have_lines_of_their_own()
    {
        Write("schemata", "L3CODE:0=fff\nL3DATA:0=fff\n");
        Write("web/schemata", "L3CODE:0=f\nL3DATA:0=f0\n");
        Write("info/L3CODE/cbm_mask", "fff\n");
        Write("info/L3_MON/mon_features", "llc_occupancy\n");
        Write("web/mon_data/mon_L3_01/llc_occupancy", "2\n");
        Write("web/mon_data/mon_L3_00/llc_occupancy", "Unavailable\n");
        ResctrlFileSystem system = new(_folder);
        ResctrlStats stats = ResctrlStats.Read(system, system.Group("web"), system.Group("web"));
        Assert.Equal(["L3CODE", "L3DATA"], system.Resources());
        Assert.Equal(("fff", "L3CODE:0=f\nL3DATA:0=f0"), (stats.Cache!.Mask, stats.Cache.Own));
        Assert.Equal([0UL, 2UL], stats.Caches.Select(cache => cache.Occupancy));
        Assert.True(stats is { MeasuresOccupancy: true, MeasuresTraffic: false });
    }

    [Fact]
    public void What_a_group_refuses_is_told_with_the_last_words_of_the_kernel()
    {
        Write("info/last_cmd_status", "Out of CLOSIDs\n");
        ResctrlFileSystem system = new(_folder);
        ContainerException refused = Assert.Throws<ContainerException>(() => system.Group("nosuch").Add(1));
        Assert.Equal($"the kernel says 'Out of CLOSIDs': open '{_folder}/nosuch/tasks': ENOENT (No such file or directory)", refused.Message);
        Assert.Equal(ContainerErrorKind.NotFound, refused.Kind);
        Assert.True(system.Group("new").Make());
        Assert.False(system.Group("new").Make());
        system.Group("new").Remove();
        system.Group("new").Remove();
    }

    [Fact]
    public void Tasks_that_have_ended_do_not_use_a_group()
    {
        ResctrlGroup group = new ResctrlFileSystem(_folder).Group("web");
        Write("web/tasks", $"{int.MaxValue}\n");
        Assert.False(group.HasTasks());
        Write("web/tasks", $"{int.MaxValue}\n{Environment.ProcessId}\n");
        Assert.True(group.HasTasks());
        Assert.False(group.HasMonitors());
        Directory.CreateDirectory($"{_folder}/web/mon_groups/one");
        Assert.True(group.HasMonitors());
    }

    private void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName($"{_folder}/{file}")!);
        File.WriteAllText($"{_folder}/{file}", text);
    }
}
