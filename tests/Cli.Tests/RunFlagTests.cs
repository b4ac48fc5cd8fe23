using Rundlet.Cli.CommandLine;
using Rundlet.Cli.Commands;
using Rundlet.Cli.Commands.RunFlags;
using Rundlet.Engine.Options;
using Rundlet.Linux;

namespace Rundlet.Cli.Tests;

public sealed class RunFlagTests
{
    [Fact]
    public void No_two_flags_have_the_same_name_and_each_has_a_heading()
    {
        List<string> names = [.. RunOptions.All.SelectMany(option => option.Aliases.Prepend(option.Name).Concat(option.Short is { } letter ? [$"-{letter}"] : []))];
        Assert.Equal(names.Distinct(), names);
        Assert.All(RunOptions.All, option => Assert.NotEqual("Options", option.Group));
    }

    [Fact]
    public void Flags_become_options()
    {
        ContainerOptions options = Read(
            "--ipc=shareable", "--pid", "host", "--shm-size", "1g", "--ulimit", "nofile=1:2", "--ulimit", "nofile=3", "--sysctl", "net.ipv4.ip_forward=1", "--group-add", "77",
            "--dns", "9.9.9.9", "--dns-opt", "ndots:2", "--dns-search", "example.org", "--add-host", "a:1.2.3.4", "--expose", "80", "-P", "--net", "host", "--annotation", "a=b",
            "--cgroup-parent", "mine/", "--oom-score-adj", "-5", "--device-read-bps", "/dev/sda:1kb", "--memory-swappiness", "-1", "-a", "STDOUT", "--cidfile", "id");
        Assert.Equal(("shareable", "host"), (options.Namespaces.Ipc, options.Namespaces.Pid));
        Assert.Equal(1L << 30, options.SharedMemory);
        Assert.Equal(new UlimitOption("nofile", 3, 3), Assert.Single(options.Ulimits));
        Assert.Equal("1", options.Sysctls["net.ipv4.ip_forward"]);
        Assert.Equal(["77"], options.Groups);
        Assert.Equal(("9.9.9.9", "ndots:2", "example.org", "a:1.2.3.4"), (options.Dns.Servers[0], options.Dns.Options[0], options.Dns.Search[0], options.Dns.Hosts[0]));
        Assert.Equal((true, "host", "/mine", -5), (options.PublishAll, options.Network, options.CgroupParent, options.OomScoreAdj));
        Assert.Equal(new DeviceRateOption("/dev/sda", 1024), options.Resources.DeviceReadBps![0]);
        Assert.Null(options.Resources.MemorySwappiness);
        Assert.Equal(["stdout"], options.Attached);
        Assert.Equal("id", options.IdFile);
    }

    [Theory]
    [InlineData("--link", "by name")]
    [InlineData("--link-local-ip", "addresses")]
    [InlineData("--isolation", "Windows")]
    [InlineData("--kernel-memory", "kernels")]
    public void A_flag_of_dockers_that_cannot_work_says_why(string flag, string reason)
    {
        ContainerException refused = Assert.Throws<ContainerException>(() => Read(flag, "x"));
        Assert.Equal(ContainerErrorKind.Unsupported, refused.Kind);
        Assert.Contains(reason, refused.Message);
        Assert.DoesNotContain(flag[2..] + " ", HelpOfRun(), StringComparison.Ordinal);
    }

    [Fact]
    public void Networks_are_several_and_the_older_flags_are_about_the_first()
    {
        ContainerOptions options = Read("--network", "front:alias=www", "--net", "name=back,ip=10.1.0.5", "--network-alias", "site", "--ip6", "fd00::5", "--mac-address", "02:00:00:00:00:01");
        Assert.Equal("front", options.Network);
        Assert.Equal(["front", "back"], options.Networks.Select(network => network.Network));
        Assert.Equal(["www", "site"], options.Networks[0].Aliases);
        Assert.Equal(("fd00::5", "02:00:00:00:00:01", "10.1.0.5"), (options.Networks[0].Address6, options.Networks[0].Mac, options.Networks[1].Address));
    }

    [Fact]
    public void The_default_network_alone_needs_no_rows()
    {
        Assert.Empty(Read().Networks);
        ContainerOptions options = Read("--network", "default", "--ip", "10.1.0.5");
        Assert.Equal(("bridge", "10.1.0.5"), (options.Network, options.Address));
        Assert.Empty(options.Networks);
        Assert.Single(Read("--network", "bridge:interface_name=lan0").Networks);
    }

    [Theory]
    [InlineData("goes with no other", "--network", "host", "--network", "front")]
    [InlineData("cannot be chosen with network 'none'", "--network", "none", "--ip", "10.1.0.5")]
    [InlineData("exclude each other", "--network", "front:ip=10.1.0.5", "--ip", "10.1.0.6")]
    public void Networks_that_contradict_each_other_are_refused(string reason, params string[] words) =>
        Assert.Contains(reason, Assert.Throws<ContainerException>(() => Read(words)).Message);

    [Theory]
    [InlineData("--nmae", "--name")]
    [InlineData("--sysctls", "--sysctl")]
    [InlineData("--dns-optoin", "--dns-option")]
    public void A_misspelt_flag_brings_what_was_meant(string flag, string meant) =>
        Assert.Contains($"'{meant}'", Assert.Throws<ContainerException>(() => Read(flag, "x")).Hint);

    [Fact]
    public void What_update_changes_is_among_the_flags_of_run()
    {
        Assert.All(ResourceFlags.Changeable, option => Assert.Contains(option, RunOptions.All));
        Assert.DoesNotContain(RunOptions.Create, option => option.Name is "detach" or "sig-proxy" or "detach-keys");
    }

    private static string HelpOfRun() => HelpText.Of("rundlet run", new RunCommand(), new CommandTable([], []));

    private static ContainerOptions Read(params string[] words) => RunOptions.Read(Arguments.Parse([.. words, "image"], RunOptions.All, "rundlet run", 1));
}
