namespace Rundlet.Runcs.Tests;

public sealed partial class ConformanceTests
{
    private static readonly (string Row, Action<ConformanceTests> Probe)[] s_cgroups =
    [
        ("linux.cgroupsPath.absolute", t =>
        {
            TestContainer container = Created(t.Container());
            Assert.EndsWith($"/rundlet-test-{container.Id}/cgroup.procs", TestContainer.CgroupFile(container.Pid(), "pids", "cgroup.procs"), StringComparison.Ordinal);
        }),
        ("linux.cgroupsPath.relative", t =>
        {
            TestContainer container = t.Container();
            container.LinuxPart["cgroupsPath"] = $"rundlet-test-{container.Id}";
            Assert.Contains($"rundlet-test-{container.Id}", TestContainer.CgroupFile(Created(container).Pid(), "pids", "cgroup.procs"), StringComparison.Ordinal);
        }),
        ("linux.cgroupsPath.absent", t =>
        {
            TestContainer container = t.Container();
            container.LinuxPart.Remove("cgroupsPath");
            Assert.Contains(container.Id, TestContainer.CgroupFile(Created(container).Pid(), "pids", "cgroup.procs"), StringComparison.Ordinal);
        }),
        ("linux.cgroupsPath.invalid", t =>
        {
            // An error, or a path that stays beneath its parent.
            TestContainer container = t.Container();
            container.LinuxPart["cgroupsPath"] = $"/../../rundlet-test-{container.Id}/..";
            if (container.Create().Status == 0)
                Assert.DoesNotContain("..", TestContainer.CgroupFile(container.Pid(), "pids", "cgroup.procs"), StringComparison.Ordinal);
        }),
    ];

    private static readonly (string Row, Action<ConformanceTests> Probe)[] s_resources =
    [
        ("linux.resources.devices", t =>
        {
            TestContainer container = t.With("linux.resources", """{"devices": [{"allow": false, "access": "rwm"}, {"allow": true, "type": "c", "major": 1, "minor": 5, "access": "r"}]}""").Capabilities("CAP_MKNOD");
            Assert.Equal("0 1", container.Script("mknod /tmp/zero c 1 5; mknod /tmp/full c 1 7; mknod /tmp/mem c 1 1; head -c1 /dev/zero >/dev/null 2>&1; a=$?; head -c1 /tmp/mem >/dev/null 2>&1; echo $a $?").Output());
        }),
        ("linux.resources.memory.limit", t => t.Resource("""{"memory": {"limit": 67108864}}""", "memory", "memory.limit_in_bytes", "67108864", "memory.max", "67108864")),
        ("linux.resources.memory.reservation", t => t.Resource("""{"memory": {"reservation": 33554432}}""", "memory", "memory.soft_limit_in_bytes", "33554432", "memory.low", "33554432")),
        ("linux.resources.memory.swap", t => t.Resource("""{"memory": {"limit": 67108864, "swap": 100663296}}""", "memory", "memory.memsw.limit_in_bytes", "100663296", "memory.swap.max", "33554432")),
        ("linux.resources.memory.kernel", t => Assert.Equal("on", t.Says("linux.resources.memory", """{"kernel": 67108864}""", "echo on"))),
        ("linux.resources.memory.kernelTCP", t => t.Resource("""{"memory": {"kernelTCP": 67108864}}""", "memory", "memory.kmem.tcp.limit_in_bytes", "67108864", "", "")),
        ("linux.resources.memory.swappiness", t => t.Resource("""{"memory": {"swappiness": 33}}""", "memory", "memory.swappiness", "33", "", "")),
        ("linux.resources.memory.disableOOMKiller", t => t.Resource("""{"memory": {"limit": 67108864, "disableOOMKiller": true}}""", "memory", "memory.oom_control", @"oom_kill_disable 1[\s\S]*", "", "")),
        ("linux.resources.memory.useHierarchy", t => t.Resource("""{"memory": {"useHierarchy": true}}""", "memory", "memory.use_hierarchy", "1", "memory.max", "max")),
        ("linux.resources.memory.checkBeforeUpdate", t => t.Resource("""{"memory": {"limit": 67108864, "checkBeforeUpdate": true}}""", "memory", "memory.limit_in_bytes", "67108864", "memory.max", "67108864")),
        ("linux.resources.cpu.shares", t => t.Resource("""{"cpu": {"shares": 512}}""", "cpu", "cpu.shares", "512", "cpu.weight", "(20|59)")),
        ("linux.resources.cpu.quota", t => t.Resource("""{"cpu": {"quota": 50000}}""", "cpu", "cpu.cfs_quota_us", "50000", "cpu.max", "50000 100000")),
        ("linux.resources.cpu.period", t => t.Resource("""{"cpu": {"quota": 20000, "period": 50000}}""", "cpu", "cpu.cfs_period_us", "50000", "cpu.max", "20000 50000")),
        ("linux.resources.cpu.burst", t => t.Resource("""{"cpu": {"quota": 50000, "period": 100000, "burst": 10000}}""", "cpu", "cpu.cfs_burst_us", "10000", "cpu.max.burst", "10000")),
        ("linux.resources.cpu.realtimeRuntime", t => t.Realtime("""{"cpu": {"realtimeRuntime": 2000, "realtimePeriod": 1000000}}""", "cpu.rt_runtime_us", "2000")),
        ("linux.resources.cpu.realtimePeriod", t => t.Realtime("""{"cpu": {"realtimeRuntime": 2000, "realtimePeriod": 500000}}""", "cpu.rt_period_us", "500000")),
        ("linux.resources.cpu.cpus", t => t.Resource("""{"cpu": {"cpus": "0"}}""", "cpuset", "cpuset.cpus", "0", "cpuset.cpus", "0")),
        ("linux.resources.cpu.mems", t => t.Resource("""{"cpu": {"mems": "0"}}""", "cpuset", "cpuset.mems", "0", "cpuset.mems", "0")),
        ("linux.resources.cpu.idle", t => t.Resource("""{"cpu": {"idle": 1}}""", "cpu", "cpu.idle", "1", "cpu.idle", "1")),
        ("linux.resources.blockIO.weight", t => t.BlockWeight()),
        ("linux.resources.blockIO.weightDevice", t => t.BlockDeviceWeight()),
        ("linux.resources.blockIO.leafWeight", t =>
        {
            if (CgroupMounts.IsLegacy("blkio") && File.Exists($"{CgroupMounts.Find("blkio")}/blkio.leaf_weight"))
                t.Resource("""{"blockIO": {"leafWeight": 300}}""", "blkio", "blkio.leaf_weight", "300", "", "");
            else
                Assert.Skip("needs a kernel with the CFQ scheduler, before 5.0");
        }),
        ("linux.resources.blockIO.throttleReadBpsDevice", t => t.Throttled("throttleReadBpsDevice", "read_bps_device", "rbps")),
        ("linux.resources.blockIO.throttleWriteBpsDevice", t => t.Throttled("throttleWriteBpsDevice", "write_bps_device", "wbps")),
        ("linux.resources.blockIO.throttleReadIOPSDevice", t => t.Throttled("throttleReadIOPSDevice", "read_iops_device", "riops")),
        ("linux.resources.blockIO.throttleWriteIOPSDevice", t => t.Throttled("throttleWriteIOPSDevice", "write_iops_device", "wiops")),
        ("linux.resources.hugepageLimits", t => t.Resource("""{"hugepageLimits": [{"pageSize": "2MB", "limit": 4194304}]}""", "hugetlb", "hugetlb.2MB.limit_in_bytes", "4194304", "hugetlb.2MB.max", "4194304")),
        ("linux.resources.network.classID", t => t.Resource("""{"network": {"classID": 1048577}}""", "net_cls", "net_cls.classid", "1048577", "", "")),
        ("linux.resources.network.priorities", t => t.Resource("""{"network": {"priorities": [{"name": "lo", "priority": 5}]}}""", "net_prio", "net_prio.ifpriomap", @"[\s\S]*lo 5[\s\S]*", "", "")),
        ("linux.resources.pids.limit", t => t.Resource("""{"pids": {"limit": 77}}""", "pids", "pids.max", "77", "pids.max", "77")),
        ("linux.resources.rdma", t =>
        {
            if (!Directory.Exists("/sys/class/infiniband/mlx5_1"))
                Assert.Skip("needs an RDMA device");
            t.Resource("""{"rdma": {"mlx5_1": {"hcaHandles": 3}}}""", "rdma", "rdma.max", @"[\s\S]*hca_handle=3[\s\S]*", "rdma.max", @"[\s\S]*hca_handle=3[\s\S]*");
        }),
        ("linux.resources.unified", t => t.Resource("""{"unified": {"pids.max": "77"}}""", "pids", "", "", "pids.max", "77")),
    ];

    private void Realtime(string json, string file, string value)
    {
        if (!CgroupMounts.IsLegacy("cpu") || !File.Exists($"{CgroupMounts.Find("cpu")}/{file}"))
            Assert.Skip("needs cgroup v1 and a kernel with real-time groups");
        Resource(json, "cpu", file, value, "", "");
    }

    private void BlockWeight()
    {
        const string Json = """{"blockIO": {"weight": 300}}""";
        if (CgroupMounts.Find("blkio") is { } point)
            Resource(Json, "blkio", File.Exists($"{point}/blkio.weight") ? "blkio.weight" : "blkio.bfq.weight", "300", "", "");
        else if (Directory.Exists("/sys/module/bfq"))
            Resource(Json, "io", "", "", "io.bfq.weight", "(default )?300");
        else
            Resource(Json, "io", "", "", "io.weight", "default 2930"); // 10 to 1000 of v1 are 1 to 10000 of v2
    }

    // Of a disk whose scheduler knows weights.
    private void BlockDeviceWeight()
    {
        const string Wanted = "needs a block device with the scheduler bfq";
        string? queue = Directory.EnumerateDirectories("/sys/block").FirstOrDefault(folder => Contains($"{folder}/queue/scheduler", "[bfq]"));
        if (queue is null)
            Assert.Skip(Wanted);
        string name = File.ReadAllText($"{queue}/dev").Trim();
        string[] number = name.Split(':');
        string file = CgroupMounts.Find("blkio") is { } point ? ((string[])["blkio.weight_device", "blkio.bfq.weight_device"]).FirstOrDefault(file => File.Exists($"{point}/{file}")) ?? "" : "";
        string json = "{\"blockIO\": {\"weightDevice\": [{\"major\": " + number[0] + ", \"minor\": " + number[1] + ", \"weight\": 300}]}}";
        Resource(json, file.Length == 0 ? "io" : "blkio", file, $@"[\s\S]*{name} 300[\s\S]*", "io.bfq.weight", $@"[\s\S]*{name} 300[\s\S]*");
    }

    private static bool Contains(string file, string text) => File.Exists(file) && File.ReadAllText(file).Contains(text, StringComparison.Ordinal);

    private void Throttled(string member, string legacy, string unified)
    {
        (string name, string major, string minor) = BlockDevice();
        Resource("{\"blockIO\": {\"" + member + "\": [{\"major\": " + major + ", \"minor\": " + minor + ", \"rate\": 1048576}]}}", CgroupMounts.Find("blkio") is null ? "io" : "blkio", $"blkio.throttle.{legacy}", $"{name} 1048576", "io.max", $"{name} .*{unified}=1048576.*");
    }
}
