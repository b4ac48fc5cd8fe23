using Rundlet.Engine.Options;
using Rundlet.Engine.Specs;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Engine.Tests;

public sealed class FlagSpecTests
{
    private static readonly ContainerOptions s_plain = new() { Image = "hello", Command = ["/bin/true"] };

    [Fact]
    public void Limits_of_cpu_and_memory_reach_the_spec()
    {
        Resources resources = Build(s_plain with
        {
            Resources = new ResourceOptions
            {
                CpuPeriod = 50_000,
                CpuQuota = 25_000,
                CpuRealtimePeriod = 1000,
                CpuRealtimeRuntime = 500,
                CpusetCpus = "0",
                CpusetMems = "0",
                MemoryReservation = 8 << 20,
                MemorySwappiness = 10,
                OomKillDisable = true,
                BlkioWeight = 300,
            },
        }).Linux!.Resources!;
        Assert.Equal((50_000UL, 25_000L, 1000UL, 500L, "0", "0"), (resources.Cpu!.Period, resources.Cpu.Quota, resources.Cpu.RealtimePeriod, resources.Cpu.RealtimeRuntime, resources.Cpu.Cpus, resources.Cpu.Mems));
        Assert.Equal((8L << 20, 10UL, true), (resources.Memory!.Reservation, resources.Memory.Swappiness, resources.Memory.DisableOomKiller));
        Assert.Equal((ushort)300, resources.BlockIo!.Weight);
    }

    [Fact]
    public void Limits_that_nobody_asked_for_are_not_in_the_spec()
    {
        Resources resources = Build(s_plain).Linux!.Resources!;
        Assert.Null(resources.Cpu);
        Assert.Null(resources.Memory);
        Assert.Null(resources.BlockIo);
    }

    [Fact]
    public void Rates_are_of_block_devices_alone()
    {
        ContainerOptions With(string path) => s_plain with { Resources = new ResourceOptions { DeviceReadBps = [new(path, 1000)], BlkioWeightDevices = [new(path, 200)] } };
        Assert.Contains("no block device", Assert.Throws<ContainerException>(() => Build(With("/dev/null"))).Message);
        Assert.Equal(ContainerErrorKind.NotFound, Assert.Throws<ContainerException>(() => Build(With("/dev/no-such-disk"))).Kind);
        string? disk = Directory.EnumerateFiles("/dev").FirstOrDefault(path => path.StartsWith("/dev/loop", StringComparison.Ordinal) && path != "/dev/loop-control");
        if (disk is null)
            Assert.Skip("needs a loop device");
        BlockIoResources io = Build(With(disk)).Linux!.Resources!.BlockIo!;
        Assert.Equal((7L, 1000UL), (io.ThrottleReadBpsDevice![0].Major, io.ThrottleReadBpsDevice[0].Rate));
        Assert.Equal((7L, (ushort)200), (io.WeightDevice![0].Major, io.WeightDevice[0].Weight!.Value));
    }

    [Fact]
    public void A_ulimit_takes_the_place_of_the_usual_one()
    {
        List<Rlimit> limits = Build(s_plain with { Ulimits = [UlimitOption.Parse("nofile=5:6"), UlimitOption.Parse("core=0")] }).Process!.Rlimits!;
        Assert.Equal(["RLIMIT_NOFILE 5 6", "RLIMIT_CORE 0 0"], limits.Select(limit => $"{limit.Type} {limit.Soft} {limit.Hard}"));
    }

    [Fact]
    public void A_device_gets_a_node_and_a_rule_that_allows_what_was_asked_for()
    {
        Spec spec = Build(s_plain with { Devices = new DeviceOptions { Nodes = [new("/dev/null", "/dev/nothing", "r")], Rules = ["c 99:* rw"] } });
        Device node = Assert.Single(spec.Linux!.Devices!);
        Assert.Equal(("/dev/nothing", "c", 1L, 3L), (node.Path, node.Type, node.Major, node.Minor));
        List<DeviceRule> rules = spec.Linux.Resources!.Devices!;
        Assert.Contains(rules, rule => rule is { Allow: true, Type: "c", Major: 1, Minor: 3, Access: "r" });
        Assert.Contains(rules, rule => rule is { Allow: true, Type: "c", Major: 99, Minor: null, Access: "rw" });
    }

    [Fact]
    public void A_folder_of_devices_gives_all_that_is_in_it_and_a_file_none()
    {
        Assert.Contains("no device", Assert.Throws<ContainerException>(() => Build(With("/etc/hostname"))).Message);
        Assert.Contains("no device", Assert.Throws<ContainerException>(() => Build(With("/etc"))).Message);
        Assert.Equal(ContainerErrorKind.NotFound, Assert.Throws<ContainerException>(() => Build(With("/dev/no-such-device"))).Kind);
        string folder = ((string[])["/dev/mapper", "/dev/net", "/dev/snd", "/dev/dri", "/dev/vfio"]).FirstOrDefault(path => Directory.Exists(path) && Directory.EnumerateFiles(path).Any())
            ?? Skip("needs a folder of devices");
        Assert.All(Build(With(folder)).Linux!.Devices!, node => Assert.StartsWith(folder + "/", node.Path));

        static ContainerOptions With(string path) => s_plain with { Devices = new DeviceOptions { Nodes = [DeviceOption.Parse(path)] } };
    }

    [Fact]
    public void Shared_namespaces_are_left_out_or_named()
    {
        Spec spec = Build(s_plain with { Network = "container:one", Namespaces = new NamespaceOptions { Ipc = "host", Pid = "container:two", Uts = "host", Cgroup = "host" } });
        Assert.Equal(["mount ", "pid /.rundlet-container/two/pid", "network /.rundlet-container/one/network"], spec.Linux!.Namespaces!.Select(item => $"{item.Type} {item.Path}"));
        Assert.Null(spec.Hostname);
        Assert.Equal("bind", MountAt(spec, "/dev/shm").Type);
        Assert.Equal("mqueue", MountAt(spec, "/dev/mqueue").Type); // of the namespace that it is mounted in
        Assert.Contains("HOSTNAME=machine", spec.Process!.Env!);
    }

    [Fact]
    public void The_memory_of_an_ipc_namespace_goes_with_it()
    {
        Assert.Contains("size=4096", MountAt(Build(s_plain with { SharedMemory = 4096 }), "/dev/shm").Options!);
        Assert.Contains($"size={64 << 20}", MountAt(Build(s_plain), "/dev/shm").Options!);
        Spec none = Build(s_plain with { Namespaces = new NamespaceOptions { Ipc = "none" } });
        Assert.DoesNotContain(none.Mounts!, mount => mount.Destination == "/dev/shm");
        Assert.Contains(none.Linux!.Namespaces!, item => item is { Type: "ipc", Path: null });
        Spec joined = Build(s_plain with { Namespaces = new NamespaceOptions { Ipc = "container:one" } });
        Assert.Equal(("bind", "/.rundlet-container/one/shm"), (MountAt(joined, "/dev/shm").Type, MountAt(joined, "/dev/shm").Source));
    }

    [Theory]
    [InlineData("net.ipv4.ip_forward")]
    [InlineData("net/ipv4/ip_forward")]
    [InlineData("kernel.shmmax")]
    [InlineData("kernel.domainname")]
    [InlineData("fs.mqueue.msg_max")]
    public void A_parameter_of_a_namespace_of_its_own_may_be_set(string key) => Assert.Equal("1", Sysctl(s_plain, key).Linux!.Sysctl![key]);

    [Theory]
    [InlineData("kernel.panic")]
    [InlineData("vm.overcommit_memory")]
    [InlineData("kernel.core_pattern")]
    [InlineData("net../kernel.panic")]
    [InlineData("")]
    public void A_parameter_of_the_host_may_not(string key) => Assert.Throws<ContainerException>(() => Sysctl(s_plain, key));

    [Fact]
    public void A_parameter_of_a_shared_namespace_may_not_be_set_either()
    {
        foreach (string network in (string[])["host", "container:one"])
            Assert.Throws<ContainerException>(() => Sysctl(s_plain with { Network = network }, "net.ipv4.ip_forward"));
        foreach (string ipc in (string[])["host", "container:one"])
            Assert.Throws<ContainerException>(() => Sysctl(s_plain with { Namespaces = new NamespaceOptions { Ipc = ipc } }, "kernel.shmmax"));
        Assert.Throws<ContainerException>(() => Sysctl(s_plain with { Namespaces = new NamespaceOptions { Uts = "host" } }, "kernel.domainname"));
        Assert.Throws<ContainerException>(() => Build(s_plain with { Sysctls = new Dictionary<string, string> { ["net.ipv4.ip_forward"] = "1\n2" } }));
    }

    [Fact]
    public void Paths_are_masked_and_unmasked()
    {
        LinuxSpec linux = Build(s_plain with { Security = new SecurityOptions().With(["mask=/secret", "unmask=/proc/k*:/proc/sys"]) }).Linux!;
        Assert.Contains("/secret", linux.MaskedPaths!);
        Assert.DoesNotContain("/proc/kcore", linux.MaskedPaths!);
        Assert.Contains("/proc/acpi", linux.MaskedPaths!);
        Assert.DoesNotContain("/proc/sys", linux.ReadonlyPaths!);
        Assert.Contains("/proc/bus", linux.ReadonlyPaths!);
        LinuxSpec open = Build(s_plain with { Security = new SecurityOptions().With(["systempaths=unconfined", "mask=/secret"]) }).Linux!;
        Assert.Equal(["/secret"], open.MaskedPaths);
        Assert.Empty(open.ReadonlyPaths!);
    }

    [Fact]
    public void Labels_of_selinux_and_options_of_proc_reach_the_spec()
    {
        SecurityOptions security = new() { Selinux = new SelinuxOptions { Level = "s0:c7" }, ProcOptions = ["hidepid=2"] };
        Spec spec = Build(s_plain with { Security = security });
        Assert.Equal("system_u:system_r:container_t:s0:c7", spec.Process!.SelinuxLabel);
        Assert.Equal("system_u:object_r:container_file_t:s0:c7", spec.Linux!.MountLabel);
        Assert.Contains("hidepid=2", MountAt(spec, "/proc").Options!);
        Assert.Null(Build(s_plain with { Security = security with { Selinux = security.Selinux with { Disable = true } } }).Process!.SelinuxLabel);
    }

    [Fact]
    public void The_rest_reaches_the_spec()
    {
        Spec spec = Build(
            s_plain with
            {
                Domainname = "example.org",
                OomScoreAdj = 500,
                CgroupParent = "/mine",
                Annotations = new Dictionary<string, string> { ["k"] = "v" },
                Labels = new Dictionary<string, string> { ["label"] = "of the user" },
                ReadOnly = true,
                ReadOnlyTmpfs = true,
                UnsetEnvironment = ["GONE"],
            },
            new ContainerConfig { Labels = new() { ["run.oci.handler"] = "of the image" }, Env = ["GONE=1", "GONERS=2"] });
        Assert.Equal(("example.org", 500), (spec.Domainname, spec.Process!.OomScoreAdj));
        Assert.StartsWith("/mine/0123456789ab", spec.Linux!.CgroupsPath);
        // what an image or a user calls a label means nothing to a runtime
        Assert.Equal(["k"], spec.Annotations!.Keys);
        Assert.All((string[])["/run", "/tmp", "/var/tmp"], path => Assert.Equal("tmpfs", MountAt(spec, path).Type));
        Assert.DoesNotContain("GONE=1", spec.Process.Env!);
        Assert.Contains("GONERS=2", spec.Process.Env!);
    }

    [Theory]
    [InlineData("container:x", "web", null, null)]
    [InlineData("container:x", null, "9.9.9.9", null)]
    [InlineData("none", null, null, "a:host-gateway")]
    [InlineData("bridge", null, "nameserver", null)]
    [InlineData("bridge", null, null, "a:b")]
    [InlineData("bridge", null, null, "a\nb:1.2.3.4")]
    public void Names_that_cannot_be_found_that_way_are_refused(string network, string? hostname, string? dns, string? host)
    {
        ContainerOptions options = s_plain with { Network = network, Hostname = hostname, Dns = new DnsOptions { Servers = dns is null ? [] : [dns], Hosts = host is null ? [] : [host] } };
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => OptionConflicts.Validate(options)).Kind);
    }

    [Theory]
    [InlineData("/a/../b")]
    [InlineData("/a//b")]
    [InlineData("a")]
    [InlineData("/machine.slice")]
    [InlineData("/a b")]
    [InlineData("/")]
    public void A_cgroup_that_lies_elsewhere_is_refused(string parent) => Assert.Throws<ContainerException>(() => OptionConflicts.Validate(s_plain with { CgroupParent = parent }));

    [Fact]
    public void Addresses_are_those_of_the_bridge_network()
    {
        foreach (ContainerOptions wrong in (ContainerOptions[])
            [
                s_plain with { Network = "none", Address = "10.0.0.5" },
                s_plain with { Network = "host", MacAddress = "02:11:22:33:44:55" },
                s_plain with { Address = "::1" },
                s_plain with { MacAddress = "02:11" },
                s_plain with { Network = "none", PublishAll = true },
                s_plain with { Namespaces = new NamespaceOptions { Uts = "host" }, Hostname = "x" },
                s_plain with { Namespaces = new NamespaceOptions { Uts = "container:x" }, Domainname = "x" },
                s_plain with { OomScoreAdj = 1001 },
                s_plain with { Exposed = ["99999"] },
                s_plain with { Exposed = ["80:80"] },
            ])
            Assert.Throws<ContainerException>(() => OptionConflicts.Validate(wrong));
        OptionConflicts.Validate(s_plain with { Address = "10.0.0.5", MacAddress = "02:11:22:33:44:55", Exposed = ["80", "53/udp", "7000-7010"], PublishAll = true });
    }

    private static Mount MountAt(Spec spec, string path) => spec.Mounts!.Single(mount => mount.Destination == path);

    private static Spec Sysctl(ContainerOptions options, string key) => Build(options with { Sysctls = new Dictionary<string, string> { [key] = "1" } });

    private static string Skip(string reason)
    {
        Assert.Skip(reason);
        return "";
    }

    private static Spec Build(ContainerOptions options, ContainerConfig? image = null) => SpecBuilder.Build(new SpecInputs
    {
        Id = "0123456789abcdef" + new string('0', 48),
        Options = options,
        Image = image ?? new ContainerConfig(),
        User = new User(),
        HostName = "machine",
    });
}
