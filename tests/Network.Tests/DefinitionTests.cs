using System.Net;
using Rundlet.Linux;
using Rundlet.Network.Addresses;
using Rundlet.Network.Firewall;
using Rundlet.Network.Ports;

namespace Rundlet.Network.Tests;

/// <summary>What a network or a port may be, before anything reaches the kernel.</summary>
public sealed class DefinitionTests
{
    [Theory]
    [InlineData("../x", "x", "br-x")]
    [InlineData("", "x", "br-x")]
    [InlineData("x", "a\nb", "br-x")]
    [InlineData("x", "a/b", "br-x")]
    [InlineData("x", "x", "a b")]
    [InlineData("x", "x", "..")]
    [InlineData("x", "x", "../../lo")]
    [InlineData("x", "x", "%d")]
    [InlineData("x", "x", "sixteen-letters-")]
    public void Names_that_would_be_paths_or_other_names_are_refused(string id, string name, string link) =>
        Refuse(new NetworkDefinition(id, name, NetworkDriver.Bridge) { Interface = link });

    [Fact]
    public void Options_that_contradict_each_other_are_refused_with_the_reason()
    {
        NetworkDefinition good = TestHost.Define(1);
        good.Validate();
        Refuse(good with { Mtu = 67 }, "invalid MTU '67': want 68 to 65535");
        Refuse(good with { Parent = "eth0" }, "a bridge network has no parent interface");
        Refuse(good with { Mode = "l2" }, "invalid mode 'l2' for driver 'bridge'");
        Refuse(good with { Driver = NetworkDriver.Macvlan, Parent = "eth0;x" });
        Refuse(good with { Driver = NetworkDriver.Ipvlan, Mode = "bridge" }, "invalid mode 'bridge' for driver 'ipvlan'");
        Refuse(TestHost.Define(1, ipv6: true) with { Ipv6 = false }, "subnet 'fd00:9:1::/64' is IPv6 and the network has none");
        Refuse(good with { Subnets = [.. good.Subnets, .. good.Subnets] }, "subnet '10.9.1.0/24' overlaps '10.9.1.0/24' of the same network");
        Refuse(good with { Subnets = [good.Subnets[0] with { Gateway = IPAddress.Parse("10.9.2.1") }] }, "gateway '10.9.2.1' is not an address of subnet '10.9.1.0/24'");
        Refuse(good with { Subnets = [good.Subnets[0] with { Gateway = IPAddress.Parse("10.9.1.255") }] }, "gateway '10.9.1.255' is not an address of subnet '10.9.1.0/24'");
        Refuse(good with { Subnets = [good.Subnets[0] with { Range = Subnet.ParseRange("10.9.0.0/16") }] }, "address range '10.9.0.0/16' is not within subnet '10.9.1.0/24'");
        Refuse(good with { Subnets = [good.Subnets[0] with { Reserved = [IPAddress.Parse("10.9.3.1")] }] }, "reserved address '10.9.3.1' is not within subnet '10.9.1.0/24'");
    }

    [Theory]
    [InlineData("x", "invalid subnet 'x': want an address and a prefix length, such as 10.9.0.0/16")]
    [InlineData("10.9.0.1/16", "invalid subnet '10.9.0.1/16': it has host bits: want '10.9.0.0/16'")]
    [InlineData("fd00::1/64", "invalid subnet 'fd00::1/64': it has host bits: want 'fd00::/64'")]
    [InlineData("10.0.0.0/31", "invalid subnet '10.0.0.0/31': want an IPv4 subnet from /8 to /30, or an IPv6 subnet from /16 to /126")]
    public void A_subnet_that_is_none_is_refused_with_the_cure(string text, string reason) =>
        Assert.Equal(reason, Assert.Throws<ContainerException>(() => Subnet.Parse(text)).Message);

    [Fact]
    public void Published_ports_are_read_back_from_their_elements()
    {
        IPAddress four = IPAddress.Parse("10.9.0.2"), six = IPAddress.Parse("fd00::2");
        PublishedPort[] ports =
        [
            new(PortProtocol.Tcp, null, 80, four, 8080, "a"),
            new(PortProtocol.Udp, IPAddress.Loopback, 80, four, 8080, "a"),
            new(PortProtocol.Sctp, null, 80, six, 8080, "a"),
            new(PortProtocol.Tcp, IPAddress.Parse("2001:db8::1"), 80, six, 8080, "a"),
            new(PortProtocol.Tcp, null, 1, four, 1, "a") { Count = 65535 },
            new(PortProtocol.Tcp, IPAddress.Loopback, 10, four, 10, "a") { Count = 2 },
            new(PortProtocol.Tcp, null, 10, six, 10, "a") { Count = 2 },
            new(PortProtocol.Tcp, IPAddress.Parse("2001:db8::1"), 10, six, 10, "a") { Count = 2 },
        ];
        Assert.Equal(ports, ports.SelectMany(PortElement.Elementary).Select(PortElement.Write).Select(PortElement.TryRead));
        Assert.Equal(6, ports.Select(PortElement.MapOf).Distinct().Count());
        Assert.Equal(3, PortElement.Elementary(ports[0] with { Count = 3 }).Count());
    }

    [Fact]
    public void Ranges_overlap_where_they_share_a_port_an_address_and_a_family()
    {
        PublishedPort range = new(PortProtocol.Tcp, null, 100, IPAddress.Loopback, 100, "a") { Count = 10 };
        Assert.True(range.Overlaps(range with { HostPort = 109, Count = 1 }));
        Assert.True(range.Overlaps(range with { HostPort = 91 }));
        Assert.False(range.Overlaps(range with { HostPort = 110 }));
        Assert.False(range.Overlaps(range with { HostPort = 90 }));
        Assert.False(range.Overlaps(range with { Protocol = PortProtocol.Udp }));
        Assert.False(range.Overlaps(range with { ContainerAddress = IPAddress.IPv6Loopback }));
        Assert.True(range.Overlaps(range with { HostAddress = IPAddress.Loopback }));
        Assert.False((range with { HostAddress = IPAddress.Loopback }).Overlaps(range with { HostAddress = IPAddress.Parse("192.0.2.1") }));
    }

    private static void Refuse(NetworkDefinition network, string? reason = null)
    {
        ContainerException error = Assert.Throws<ContainerException>(network.Validate);
        Assert.Equal(ContainerErrorKind.InvalidArgument, error.Kind);
        if (reason is not null)
            Assert.Equal(reason, error.Message);
    }
}
