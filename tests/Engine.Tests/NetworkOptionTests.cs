using Rundlet.Engine.Networks;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Linux;

namespace Rundlet.Engine.Tests;

/// <summary>What people write about networks.</summary>
public sealed class NetworkOptionTests
{
    [Fact]
    public void All_forms_of_network_are_read()
    {
        Assert.Equal("front", EndpointOptions.Parse("front").Network);
        Assert.Equal("container:web", EndpointOptions.Parse("container:web").Network);
        EndpointOptions podman = EndpointOptions.Parse("front:alias=db,alias=sql,ip=10.1.0.5,mac=02:00:00:00:00:01,interface_name=net0");
        Assert.Equal(("front", "10.1.0.5", "02:00:00:00:00:01", "net0"), (podman.Network, podman.Address, podman.Mac, podman.Interface));
        Assert.Equal(["db", "sql"], podman.Aliases);
        EndpointOptions docker = EndpointOptions.Parse("name=front,alias=db,ip6=fd00::5,mac-address=02:00:00:00:00:01,gw-priority=-3,driver-opt=com.docker.network.endpoint.ifname=net1");
        Assert.Equal(("front", "fd00::5", -3, "net1"), (docker.Network, docker.Address6, docker.GatewayPriority, docker.Interface));
        Assert.Empty(docker.DriverOptions);
        Assert.True(EndpointOptions.Parse("front").IsPlain);
        Assert.False(docker.IsPlain);
    }

    [Theory]
    [InlineData("10mbit", 10_000_000)]
    [InlineData("1.5GBit", 1_500_000_000)]
    [InlineData("100kbps", 800_000)]
    [InlineData("2Mibit", 2_097_152)]
    [InlineData("4000000", 4_000_000)]
    [InlineData("1k", 0)]
    [InlineData("0", 0)]
    public void Rates_are_read_as_tc_reads_them(string text, ulong bits)
    {
        if (bits == 0 && text != "0")
            Assert.Contains($"invalid rate '{text}'", Assert.Throws<ContainerException>(() => NetworkRate.ParseOne(text)).Message);
        else
            Assert.Equal(bits, NetworkRate.ParseOne(text));
    }

    [Fact]
    public void Each_way_has_its_rate()
    {
        Assert.Equal(new NetworkRate(1_000_000, 1_000_000), NetworkRate.Parse("1mbit"));
        Assert.Equal(new NetworkRate(null, 2_000_000), NetworkRate.Parse("out=2mbit"));
        Assert.Equal(new NetworkRate(0, 2_000_000), NetworkRate.Parse("out=2mbit, in=0"));
        EndpointOptions bounded = EndpointOptions.Parse("front:rate=8mbit,rate-out=2mbit");
        Assert.Equal((8_000_000UL, 2_000_000UL, false), (bounded.RateIn, bounded.RateOut, bounded.IsPlain));
        Assert.Null(bounded.With(NetworkRate.Parse("in=0")).RateIn);
    }

    [Fact]
    public void No_bound_of_a_network_is_kept_where_others_get_one()
    {
        EndpointOptions free = EndpointOptions.Parse("front:rate-in=0").WithDefault(NetworkRate.Parse("8mbit"));
        Assert.Equal((null, 8_000_000UL), (free.RateIn, free.RateOut));
        free = EndpointOptions.Parse("front:rate=0").WithDefault(NetworkRate.Parse("8mbit"));
        Assert.True(free.IsPlain);
        Assert.Equal(new NetworkRate(8_000_000, 2_000_000), new NetworkRate(
            EndpointOptions.Parse("front").WithDefault(NetworkRate.Parse("in=8mbit")).RateIn, EndpointOptions.Parse("front:rate-out=2mbit").WithDefault(default).RateOut));
    }

    [Theory]
    [InlineData("")]
    [InlineData("fast")]
    [InlineData("-1mbit")]
    [InlineData("1mb")]
    [InlineData("1 2mbit")]
    [InlineData("500bit")]
    [InlineData("99999999999999999999999999mbit")]
    [InlineData("in=1mbit,in=2mbit")]
    [InlineData("up=1mbit")]
    [InlineData("in=1mbit,")]
    public void What_is_no_rate_is_refused(string text) =>
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => NetworkRate.Parse(text)).Kind);

    [Theory]
    [InlineData("alias=db", "it has no name")]
    [InlineData("front:alais=db", "unknown key 'alais'")]
    [InlineData("front:alias", "is not KEY=VALUE")]
    [InlineData("front:gw-priority=high", "not a number")]
    public void What_is_no_network_is_refused(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<ContainerException>(() => EndpointOptions.Parse(text)).Message);

    [Theory]
    [InlineData("front:ip=10.1.0")]
    [InlineData("front:ip=fd00::1")]
    [InlineData("front:ip6=10.1.0.1")]
    [InlineData("front:mac=02:00")]
    [InlineData("front:alias=a b")]
    [InlineData("front:alias=a..b")]
    [InlineData("front:interface_name=a/b")]
    [InlineData("front:interface_name=sixteen-letters-")]
    public void What_cannot_be_on_a_network_is_refused(string text)
    {
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(EndpointOptions.Parse(text).Validate).Kind);
    }

    [Theory]
    [InlineData("bridge", "com.docker.network.bridge.enable_icc=maybe", "neither true nor false")]
    [InlineData("bridge", "com.docker.network.driver.mtu=60", "want 68 to 65535")]
    [InlineData("bridge", "com.docker.network.bridge.name=way-too-long-a-name", "no interface name")]
    [InlineData("bridge", "com.docker.network.bridge.host_binding_ipv4=::1", "no IPv4 address")]
    [InlineData("bridge", "parent=eth0", "unknown option 'parent'")]
    [InlineData("macvlan", "macvlan_mode=l2", "invalid value 'l2'")]
    [InlineData("ipvlan", "ipvlan_mode=bridge", "invalid value 'bridge'")]
    public void Options_that_a_driver_does_not_have_are_refused(string driver, string option, string reason)
    {
        string[] parts = option.Split('=');
        var options = new NetworkOptions { Driver = new Dictionary<string, string> { [parts[0]] = parts[1] } };
        Assert.Contains(reason, Assert.Throws<ContainerException>(() => options.Validate(driver)).Message);
    }

    [Theory]
    [InlineData("10.1.0.0", "want ADDRESS/LENGTH")]
    [InlineData("10.1.0.1/16", "it has bits behind its length")]
    [InlineData("10.1.0.0/33", "an address has 32 bits")]
    [InlineData("fd00::/64", "needs --ipv6")]
    public void A_subnet_that_is_none_is_refused(string subnet, string reason) => Assert.Contains(
        reason, Assert.Throws<ContainerException>(() => new NetworkOptions { Subnets = [new SubnetOptions(subnet)] }.Validate("bridge")).Message);

    [Fact]
    public void A_slip_in_a_subnet_is_told_with_what_was_meant() => Assert.Equal(
        "did you mean '10.1.0.0/16'?", Assert.Throws<ContainerException>(() => new NetworkOptions { Subnets = [new SubnetOptions("10.1.2.3/16")] }.Validate("bridge")).Hint);

    [Fact]
    public void What_lies_outside_of_its_subnet_is_refused()
    {
        SubnetOptions subnet = new("10.1.0.0/16");
        foreach (SubnetOptions wrong in (SubnetOptions[])[subnet with { Gateway = "10.2.0.1" }, subnet with { Range = "10.2.0.0/24" }, subnet with { Auxiliary = new Dictionary<string, string> { ["a"] = "10.2.0.1" } }])
            Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => new NetworkOptions { Subnets = [wrong] }.Validate("bridge")).Kind);
    }

    [Theory]
    [InlineData("overlay")]
    [InlineData("weave")]
    public void A_driver_that_there_is_not_is_unsupported(string driver) =>
        Assert.Equal(ContainerErrorKind.Unsupported, Assert.Throws<ContainerException>(() => new NetworkOptions().Validate(driver)).Kind);

    [Theory]
    [InlineData("bridge", ContainerErrorKind.Conflict)]
    [InlineData("default", ContainerErrorKind.Conflict)]
    [InlineData("container", ContainerErrorKind.InvalidArgument)]
    [InlineData("a/b", ContainerErrorKind.InvalidArgument)]
    [InlineData("", ContainerErrorKind.InvalidArgument)]
    public void A_name_that_cannot_be_a_networks_is_refused(string name, ContainerErrorKind kind) =>
        Assert.Equal(kind, Assert.Throws<ContainerException>(() => NetworkName.Validate(name)).Kind);

    [Fact]
    public void Ports_are_added_and_taken_away_by_the_port_of_the_container()
    {
        ContainerOptions options = new() { Image = "hello", Ports = ["8080:80", "53:53/udp", "9000-9010:9000-9010"] };
        Assert.Equal(["53:53/udp", "9000-9010:9000-9010", "8081:81"], new PortChanges(["8081:81"], ["80"]).ApplyTo(TestRoot.Record("web"), options));
        Assert.Equal(["8080:80", "53:53/udp"], new PortChanges([], ["9000-9010:9000-9010"]).ApplyTo(TestRoot.Record("web"), options));
        Assert.Equal(ContainerErrorKind.NotFound, Assert.Throws<ContainerException>(() => new PortChanges([], ["53"]).ApplyTo(TestRoot.Record("web"), options)).Kind);
        Assert.Equal(ContainerErrorKind.NotFound, Assert.Throws<ContainerException>(() => new PortChanges([], ["8081:80"]).ApplyTo(TestRoot.Record("web"), options)).Kind);
        Assert.Equal(ContainerErrorKind.Conflict, Assert.Throws<ContainerException>(() => new PortChanges(["80"], []).ApplyTo(TestRoot.Record("web"), options with { Network = "host" })).Kind);
    }

    [Fact]
    public void Filters_of_networks_are_alternatives_for_one_key_but_labels_must_all_hold()
    {
        NetworkRecord front = NetworkTableTests.Network("front") with { Labels = new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" } };
        NetworkRecord lan = NetworkTableTests.Network("lan", 'b') with { Driver = "macvlan" };
        List<NetworkRecord> all = [front, lan, NetworkTableTests.Network("bridge", 'c')];
        IEnumerable<string> Matching(params string[] filters) => all.Where(NetworkFilter.Parse(filters, NetworkFilter.ListKeys, id => id == lan.Id, DateTimeOffset.UtcNow).Matches).Select(network => network.Name);
        Assert.Equal(["front", "lan"], Matching("name=fr", "name=an"));
        Assert.Equal(["lan"], Matching("driver=macvlan"));
        Assert.Equal(["front"], Matching("label=a=1", "label=b"));
        Assert.Empty(Matching("label=a=1", "label=c"));
        Assert.Equal(["front", "lan"], Matching("type=custom"));
        Assert.Equal(["bridge"], Matching("type=builtin"));
        Assert.Equal(["front"], Matching("dangling=true"));
        Assert.Equal(["lan"], Matching("id=bb"));
        Assert.Throws<ContainerException>(() => Matching("type=odd"));
    }
}
