using Rundlet.Engine.Options;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Engine.Tests;

public sealed class FlagOptionTests
{
    [Theory]
    [InlineData("nofile=1024", 1024UL, 1024UL)]
    [InlineData("NOFILE=1024:4096", 1024UL, 4096UL)]
    [InlineData("nofile=-1", ulong.MaxValue, ulong.MaxValue)]
    [InlineData("nofile=10:unlimited", 10UL, ulong.MaxValue)]
    public void A_ulimit_has_a_soft_and_a_hard_limit(string text, ulong soft, ulong hard)
    {
        Rlimit limit = UlimitOption.Parse(text).ToSpec();
        Assert.Equal(("RLIMIT_NOFILE", soft, hard), (limit.Type, limit.Soft, limit.Hard));
    }

    [Theory]
    [InlineData("nofile")]
    [InlineData("nofile=")]
    [InlineData("nofile=x")]
    [InlineData("nofile=-2")]
    [InlineData("nofile=20:10")]
    [InlineData("nofile=-1:10")]
    [InlineData("nofile=1:2:3")]
    [InlineData("nofiles=1")]
    [InlineData("=1")]
    public void A_wrong_ulimit_is_refused(string text) => Refused(() => UlimitOption.Parse(text));

    [Theory]
    [InlineData("/dev/fuse", "/dev/fuse", "/dev/fuse", "rwm")]
    [InlineData("/dev/fuse:r", "/dev/fuse", "/dev/fuse", "r")]
    [InlineData("/dev/fuse:/dev/x", "/dev/fuse", "/dev/x", "rwm")]
    [InlineData("/dev/fuse:/dev/x:mr", "/dev/fuse", "/dev/x", "mr")]
    [InlineData("/dev/../dev/fuse", "/dev/fuse", "/dev/fuse", "rwm")]
    public void A_device_has_a_place_on_both_sides_and_an_access(string text, string source, string target, string access) =>
        Assert.Equal(new DeviceOption(source, target, access), DeviceOption.Parse(text));

    [Theory]
    [InlineData("fuse")]
    [InlineData("/dev/fuse:x:r")]
    [InlineData("/dev/fuse:/dev/x:rr")]
    [InlineData("/dev/fuse:/dev/x:rx")]
    [InlineData("/dev/fuse:/dev/x:r:w")]
    [InlineData("/")]
    public void A_wrong_device_is_refused(string text) => Refused(() => DeviceOption.Parse(text));

    [Fact]
    public void A_device_with_a_vendor_is_one_of_the_container_device_interface()
    {
        DeviceOptions devices = new DeviceOptions().With(["/dev/fuse", "vendor.com/net=eth0", "/dev/a=b"]);
        Assert.Equal(["/dev/fuse", "/dev/a=b"], devices.Nodes.Select(node => node.Source));
        Assert.Equal(["vendor.com/net=eth0"], devices.CdiNames);
    }

    [Theory]
    [InlineData("c 10:* rwm", "c", 10L, null, "rwm")]
    [InlineData("b *:3 r", "b", null, 3L, "r")]
    [InlineData("a *:* rw", "a", null, null, "rw")]
    public void A_device_rule_allows(string text, string type, long? major, long? minor, string access)
    {
        DeviceRule rule = DeviceRuleOption.Parse(text);
        Assert.Equal((true, type, major, minor, access), (rule.Allow, rule.Type, rule.Major, rule.Minor, rule.Access));
    }

    [Theory]
    [InlineData("")]
    [InlineData("d 1:2 r")]
    [InlineData("c 1 r")]
    [InlineData("c 1:2")]
    [InlineData("c 1:2 q")]
    [InlineData("c -1:2 r")]
    [InlineData("c 1:2:3 r")]
    [InlineData("c 4294967296:2 r")]
    public void A_wrong_device_rule_is_refused(string text) => Refused(() => DeviceRuleOption.Parse(text));

    [Fact]
    public void Rates_of_devices_are_sizes_or_numbers()
    {
        Assert.Equal(new DeviceRateOption("/dev/sda", 1 << 20), DeviceRateOption.ParseBytes("/dev/sda:1mb"));
        Assert.Equal(new DeviceRateOption("/dev/sda", 100), DeviceRateOption.ParseNumber("/dev/sda:100"));
        foreach (string wrong in (string[])["/dev/sda", "sda:1", "/dev/sda:", "/dev/sda:x", ":5"])
        {
            Refused(() => DeviceRateOption.ParseBytes(wrong));
            Refused(() => DeviceRateOption.ParseNumber(wrong));
        }
    }

    [Theory]
    [InlineData("--ipc", "shared")]
    [InlineData("--ipc", "container:")]
    [InlineData("--pid", "none")]
    [InlineData("--uts", "shareable")]
    [InlineData("--cgroupns", "")]
    [InlineData("--userns", "private")]
    public void A_mode_of_a_namespace_that_there_is_not_is_refused(string flag, string mode)
    {
        NamespaceOptions options = flag switch
        {
            "--ipc" => new() { Ipc = mode },
            "--pid" => new() { Pid = mode },
            "--uts" => new() { Uts = mode },
            "--cgroupns" => new() { Cgroup = mode },
            _ => new() { User = mode },
        };
        Assert.Contains(flag, Refused(options.Validate).Message);
    }

    [Fact]
    public void A_container_whose_namespaces_are_joined_is_kept_by_its_id()
    {
        NamespaceOptions options = new() { Pid = "container:web", Ipc = "host", Uts = "container:web" };
        options.Validate();
        NamespaceOptions kept = options.WithContainers(name => name + "-id");
        Assert.Equal(new NamespaceOptions { Pid = "container:web-id", Ipc = "host", Uts = "container:web-id" }, kept);
        Assert.Equal([("pid", "web-id"), ("uts", "web-id")], kept.Joined);
    }

    [Fact]
    public void Security_options_are_read_word_by_word()
    {
        SecurityOptions security = new SecurityOptions().With(
            ["no-new-privileges=false", "mask=/a:/b", "unmask=/proc/kcore", "proc-opts=hidepid=2,gid=5", "seccomp=builtin", "label=disable", "apparmor=unconfined"]);
        Assert.False(security.NoNewPrivileges);
        Assert.Equal(["/a", "/b"], security.Masked);
        Assert.Equal(["/proc/kcore"], security.Unmasked);
        Assert.Equal(["hidepid=2", "gid=5"], security.ProcOptions);
        Assert.Null(security.Seccomp);
        Assert.True(security.Selinux.Disable);
        Assert.Equal(7, security.Written.Count);
        Assert.Equal(["ALL"], new SecurityOptions().With(["systempaths=unconfined"]).Unmasked);
    }

    [Theory]
    [InlineData("mask=")]
    [InlineData("mask=a")]
    [InlineData("unmask=proc")]
    [InlineData("proc-opts=suid")]
    [InlineData("proc-opts")]
    [InlineData("systempaths=none")]
    [InlineData("no-new-privileges=maybe")]
    [InlineData("nonsense")]
    public void A_wrong_security_option_is_refused(string text) => Refused(() => new SecurityOptions().With([text]));

    [Fact]
    public void Labels_of_selinux_are_put_together_from_their_parts()
    {
        SelinuxOptions options = new() { Type = "web_t", Level = "s0:c1,c2" };
        Assert.Equal("system_u:system_r:web_t:s0:c1,c2", options.ProcessLabel);
        Assert.Equal("system_u:object_r:container_file_t:s0:c1,c2", options.MountLabel);
        Assert.Equal("system_u:object_r:container_file_t:s0", options.SharedLabel);
        Assert.Null((options with { Disable = true }).ProcessLabel);
        Assert.Equal("staff_u:sysadm_r:container_t", new SelinuxOptions { User = "staff_u", Role = "sysadm_r", Level = "" }.ProcessLabel);
        Assert.Null(new SelinuxOptions().MountLabel);
    }

    [Fact]
    public void Keys_and_values_come_from_flags_and_files()
    {
        Assert.Equal(new Dictionary<string, string> { ["a"] = "2=3", ["b"] = "" }, KeyValueOption.Parse(["a=1", "b", "a=2=3"], "label"));
        Refused(() => KeyValueOption.Parse(["b"], "sysctl", valueNeeded: true));
        Refused(() => KeyValueOption.Parse(["=1"], "label"));
        using TestFile file = new("# a comment\n\n  a=1\r\nb\n");
        Assert.Equal(["a=1", "b"], KeyValueOption.ReadFile(file.Path, "label"));
        Assert.Equal(ContainerErrorKind.NotFound, Assert.Throws<ContainerException>(() => KeyValueOption.ReadFile(file.Path + "x", "label").ToList()).Kind);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("0-1,0")]
    public void A_list_of_processors_that_the_machine_has_is_taken(string list) => CpuSet.Validate(list, "processors", "0-3");

    [Theory]
    [InlineData("")]
    [InlineData("4")]
    [InlineData("0-4")]
    [InlineData("1-0")]
    [InlineData("0,,1")]
    [InlineData("a")]
    [InlineData("0-1-2")]
    [InlineData("0-99999999999")]
    [InlineData("-1")]
    public void Another_list_of_processors_is_refused(string list) => Refused(() => CpuSet.Validate(list, "processors", "0-3"));

    [Fact]
    public void Limits_that_contradict_each_other_are_refused()
    {
        foreach (ResourceOptions wrong in (ResourceOptions[])
            [
                new() { NanoCpus = 1_000_000_000, CpuQuota = 5000 },
                new() { NanoCpus = 1_000_000_000, CpuPeriod = 5000 },
                new() { CpuPeriod = 999 },
                new() { CpuQuota = 10 },
                new() { CpuRealtimePeriod = 1000, CpuRealtimeRuntime = 2000 },
                new() { Memory = 10 << 20, MemoryReservation = 20 << 20 },
                new() { MemorySwappiness = 101 },
                new() { BlkioWeight = 9 },
                new() { BlkioWeight = 1001 },
                new() { BlkioWeightDevices = [new("/dev/sda", 5)] },
            ])
            Refused(wrong.Validate);
        new ResourceOptions { CpuPeriod = 50_000, CpuQuota = -1, BlkioWeight = 0, MemorySwappiness = 0 }.Validate();
    }

    private static ContainerException Refused(Action action)
    {
        ContainerException refused = Assert.Throws<ContainerException>(action);
        Assert.Equal(ContainerErrorKind.InvalidArgument, refused.Kind);
        return refused;
    }

    private sealed class TestFile : IDisposable
    {
        public TestFile(string text) => File.WriteAllText(Path, text);

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
