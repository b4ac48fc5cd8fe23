using Rundlet.Engine.Options;
using Rundlet.Engine.Specs;
using Rundlet.Linux;
using Rundlet.Linux.Capabilities;
using Rundlet.Oci;

namespace Rundlet.Engine.Tests;

public sealed class SpecBuilderTests
{
    private static readonly ContainerOptions s_plain = new() { Image = "hello", Command = ["/bin/true"] };

    [Fact]
    public void A_plain_container_has_fourteen_capabilities_and_none_to_inherit()
    {
        Oci.Capabilities capabilities = Build(s_plain).Process!.Capabilities!;
        Assert.Equal(14, capabilities.Bounding!.Count);
        Assert.Equal(capabilities.Bounding, capabilities.Effective!);
        Assert.Equal(capabilities.Bounding, capabilities.Permitted!);
        Assert.Empty(capabilities.Inheritable!);
        Assert.Empty(capabilities.Ambient!);
        Assert.DoesNotContain("CAP_SYS_ADMIN", capabilities.Bounding);
    }

    [Fact]
    public void Capabilities_are_added_and_dropped_by_name_in_any_spelling()
    {
        List<string> names = CapabilitiesOf(new SecurityOptions { CapAdd = ["net_admin"], CapDrop = ["CAP_CHOWN"] });
        Assert.Contains("CAP_NET_ADMIN", names);
        Assert.DoesNotContain("CAP_CHOWN", names);
        Assert.Equal(["CAP_NET_ADMIN"], CapabilitiesOf(new SecurityOptions { CapAdd = ["NET_ADMIN"], CapDrop = ["all"] }));
        Assert.Equal(Capability.Count - 1, CapabilitiesOf(new SecurityOptions { CapAdd = ["ALL"], CapDrop = ["NET_RAW"] }).Count);
    }

    [Fact]
    public void An_unknown_capability_is_refused() =>
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => CapabilitiesOf(new SecurityOptions { CapAdd = ["NET_ADMN"] })).Kind);

    [Theory]
    [InlineData("/proc/kcore")]
    [InlineData("/proc/keys")]
    [InlineData("/proc/timer_list")]
    [InlineData("/proc/sched_debug")]
    [InlineData("/proc/latency_stats")]
    [InlineData("/proc/acpi")]
    [InlineData("/proc/scsi")]
    [InlineData("/proc/interrupts")]
    [InlineData("/proc/asound")]
    [InlineData("/sys/firmware")]
    [InlineData("/sys/devices/virtual/powercap")]
    public void What_tells_about_the_host_is_masked(string path) => Assert.Contains(path, Build(s_plain).Linux!.MaskedPaths!);

    [Fact]
    public void What_changes_the_host_is_read_only() =>
        Assert.Equal(["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"], Build(s_plain).Linux!.ReadonlyPaths!);

    [Fact]
    public void The_kernels_file_systems_are_read_only_unless_privileged()
    {
        Assert.Contains("ro", MountAt(Build(s_plain), "/sys").Options!);
        Assert.Contains("ro", MountAt(Build(s_plain), "/sys/fs/cgroup").Options!);
        Spec privileged = Build(s_plain with { Security = new SecurityOptions { Privileged = true } });
        Assert.Contains("rw", MountAt(privileged, "/sys").Options!);
        Assert.Contains("rw", MountAt(privileged, "/sys/fs/cgroup").Options!);
    }

    [Fact]
    public void Privileged_lifts_masks_filter_and_device_rules()
    {
        Spec spec = Build(s_plain with { Security = new SecurityOptions { Privileged = true } });
        Assert.Empty(spec.Linux!.MaskedPaths!);
        Assert.Empty(spec.Linux.ReadonlyPaths!);
        Assert.Null(spec.Linux.Seccomp);
        DeviceRule only = Assert.Single(spec.Linux.Resources!.Devices!);
        Assert.True(only.Allow);
        Assert.Equal(Capability.Count, spec.Process!.Capabilities!.Bounding!.Count);
    }

    [Fact]
    public void Devices_are_denied_first_and_every_rule_behind_it_allows()
    {
        List<DeviceRule> rules = Build(s_plain).Linux!.Resources!.Devices!;
        Assert.False(rules[0].Allow);
        Assert.All(rules.Skip(1), rule => Assert.True(rule.Allow));
        // a rule without a number would allow all of its kind: only making nodes and terminals may
        Assert.All(rules.Skip(1), rule => Assert.True(rule.Major is not null || rule.Access == "m"));
    }

    [Fact]
    public void The_default_filter_denies_and_says_so_for_capabilities_that_are_missing()
    {
        Oci.Seccomp filter = Build(s_plain).Linux!.Seccomp!;
        Assert.Equal("SCMP_ACT_ERRNO", filter.DefaultAction);
        Assert.DoesNotContain(filter.Syscalls!, rule => rule.Names.Contains("mount") && rule.Action == "SCMP_ACT_ALLOW");
        Oci.Seccomp wider = Build(s_plain with { Security = new SecurityOptions { CapAdd = ["SYS_ADMIN"] } }).Linux!.Seccomp!;
        Assert.Contains(wider.Syscalls!, rule => rule.Names.Contains("mount") && rule.Action == "SCMP_ACT_ALLOW");
    }

    [Fact]
    public void A_filter_of_the_user_is_taken_as_it_is_and_a_wrong_one_is_refused()
    {
        var security = new SecurityOptions { Seccomp = """{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO","errnoRet":13}]}""" };
        Assert.Equal("mkdir", Build(s_plain with { Security = security }).Linux!.Seccomp!.Syscalls![0].Names[0]);
        foreach (string wrong in (string[])["", "[]", "{", "{}", """{"defaultAction":1}""", """{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["x"],"action":"SCMP_ACT_ALLOW","includes":{"colour":["blue"]}}]}"""])
            Assert.Throws<ContainerException>(() => Build(s_plain with { Security = new SecurityOptions { Seccomp = wrong } }));
    }

    [Fact]
    public void No_new_privileges_is_set_only_when_asked_for()
    {
        Assert.False(Build(s_plain).Process!.NoNewPrivileges);
        Assert.True(Build(s_plain with { Security = new SecurityOptions().With(["no-new-privileges"]) }).Process!.NoNewPrivileges);
    }

    [Fact]
    public void A_deeper_mount_comes_after_the_one_that_it_lies_in_and_the_users_replaces_ours()
    {
        Spec spec = Build(s_plain with { Mounts = [MountOption.ParseVolume("/a:/b/c/d"), MountOption.ParseTmpfs("/b"), MountOption.ParseTmpfs("/dev/shm:size=1m")] });
        List<string> order = [.. spec.Mounts!.Select(mount => mount.Destination)];
        Assert.True(order.IndexOf("/b") < order.IndexOf("/b/c/d"));
        Assert.True(order.IndexOf("/dev") < order.IndexOf("/dev/pts"));
        Assert.Contains("size=1m", MountAt(spec, "/dev/shm").Options!);
        Assert.Equal(order.Count, order.Distinct().Count());
    }

    [Theory]
    [InlineData(null, null, "image entry,image command")]
    [InlineData(null, "user", "image entry,user")]
    [InlineData("tool", null, "tool")]
    [InlineData("tool", "user", "tool,user")]
    [InlineData("", "user", "user")]
    public void What_is_run_follows_from_image_and_user(string? entrypoint, string? command, string expected)
    {
        var image = new ContainerConfig { Entrypoint = ["image entry"], Cmd = ["image command"] };
        var options = new ContainerOptions { Image = "i", Entrypoint = entrypoint is null ? null : entrypoint.Length == 0 ? [] : [entrypoint], Command = command is null ? [] : [command] };
        Assert.Equal(expected, string.Join(',', SpecBuilder.ArgumentsOf(options, image)));
    }

    [Fact]
    public void Nothing_to_run_is_an_error_with_a_hint() =>
        Assert.NotNull(Assert.Throws<ContainerException>(() => SpecBuilder.ArgumentsOf(new ContainerOptions { Image = "i" }, new ContainerConfig())).Hint);

    [Fact]
    public void The_environment_is_ours_then_the_images_then_the_users()
    {
        var options = s_plain with { Environment = ["A=user"], Terminal = true };
        List<string> variables = Build(options, new ContainerConfig { Env = ["A=image", "PATH=/image", "B=image"] }).Process!.Env!;
        Assert.Equal(["PATH=/image", "HOSTNAME=0123456789ab", "HOME=/root", "TERM=xterm", "A=user", "B=image"], variables);
    }

    [Fact]
    public void Host_network_has_no_network_namespace_and_the_hosts_name()
    {
        Spec spec = Build(s_plain with { Network = "host" });
        Assert.DoesNotContain(spec.Linux!.Namespaces!, space => space.Type == "network");
        Assert.Equal("machine", spec.Hostname);
        Assert.Contains(Build(s_plain).Linux!.Namespaces!, space => space.Type == "cgroup");
    }

    [Fact]
    public void Limits_of_the_caller_do_not_reach_the_container()
    {
        Process process = Build(s_plain).Process!;
        Assert.Equal(0x12u, process.User.Umask);
        Assert.Contains(process.Rlimits!, limit => limit.Type == "RLIMIT_NOFILE");
    }

    private static List<string> CapabilitiesOf(SecurityOptions security) => Build(s_plain with { Security = security }).Process!.Capabilities!.Bounding!;

    private static Mount MountAt(Spec spec, string path) => spec.Mounts!.Single(mount => mount.Destination == path);

    private static Spec Build(ContainerOptions options, ContainerConfig? image = null) => SpecBuilder.Build(new SpecInputs
    {
        Id = "0123456789abcdef" + new string('0', 48),
        Options = options,
        Image = image ?? new ContainerConfig(),
        User = new User(),
        Home = "/root",
        HostName = "machine",
    });
}
