using System.Net;
using Rundlet.Linux;
using Rundlet.Linux.Netlink;
using Rundlet.Network.Files;
using Rundlet.Network.Ports;

namespace Rundlet.Network.Tests;

/// <summary>What users and hosts write: port mappings, host entries, resolv.conf.</summary>
public sealed class TextTests
{
    [Theory]
    [InlineData("80", "*:0-0>80/Tcp")]
    [InlineData("8080:80", "*:8080-8080>80/Tcp")]
    [InlineData("53:53/udp", "*:53-53>53/Udp")]
    [InlineData("53:53/SCTP", "*:53-53>53/Sctp")]
    [InlineData("127.0.0.1:8080:80/udp", "127.0.0.1:8080-8080>80/Udp")]
    [InlineData("127.0.0.1::80", "127.0.0.1:0-0>80/Tcp")]
    [InlineData("0.0.0.0:8080:80", "0.0.0.0:8080-8080>80/Tcp")]
    [InlineData("[::1]:8080:80", "::1:8080-8080>80/Tcp")]
    [InlineData("8080-8081:80-81", "*:8080-8080>80/Tcp x2")]
    [InlineData("8080-8090:80", "*:8080-8090>80/Tcp")]
    [InlineData("80-81", "*:0-0>80/Tcp *:0-0>81/Tcp")]
    public void Port_mappings_are_read(string text, string expected) => Assert.Equal(expected, string.Join(' ', PortRequest.Parse(text)
        .Select(port => $"{port.HostAddress?.ToString() ?? "*"}:{port.FirstHostPort}-{port.LastHostPort}>{port.ContainerPort}/{port.Protocol}{(port.Count > 1 ? $" x{port.Count}" : "")}")));

    [Theory]
    [InlineData("", "'' is no port (1 to 65535)")]
    [InlineData("0:80", "'0' is no port (1 to 65535)")]
    [InlineData("65536:80", "'65536' is no port (1 to 65535)")]
    [InlineData("80:", "'' is no port (1 to 65535)")]
    [InlineData("80/icmp", "'icmp' is no protocol (tcp, udp, sctp)")]
    [InlineData("localhost:80:80", "'localhost' is no address")]
    [InlineData("1:80:80", "'1' is no address")]
    [InlineData("[::1]80:80", "']:' is missing behind the address")]
    [InlineData("90-80:90-80", "the range ends before it begins")]
    [InlineData("80-81:80-82", "the ranges differ in length")]
    [InlineData("+80:80", "'+80' is no port (1 to 65535)")]
    public void Malformed_port_mappings_are_refused_with_the_reason(string text, string reason)
    {
        ContainerException error = Assert.Throws<ContainerException>(() => PortRequest.Parse(text));
        Assert.Equal(ContainerErrorKind.InvalidArgument, error.Kind);
        Assert.Equal($"invalid port mapping '{text}': {reason}", error.Message);
    }

    [Fact]
    public void Resolvers_on_the_hosts_loopback_are_left_out()
    {
        const string host = "# made by hand\nsearch example.org\nnameserver 127.0.0.53\nnameserver  192.0.2.53\nnameserver fe80::1%eth0\noptions edns0\nnonsense\n";
        Assert.Equal("search example.org\nnameserver 192.0.2.53\noptions edns0\n", ResolvConf.ForContainer(host));
    }

    [Fact]
    public void A_host_with_only_a_stub_resolver_gives_what_is_behind_it()
    {
        Assert.Equal("nameserver 192.0.2.1\n", ResolvConf.ForContainer("nameserver 127.0.0.53\n", "nameserver 192.0.2.1\n"));
        Assert.Equal("search a\n# the host has no nameserver that a container can reach\n", ResolvConf.ForContainer("nameserver ::1\nsearch a", "nameserver 127.0.0.1"));
        Assert.StartsWith("#", ResolvConf.ForContainer(null), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nameserver 192.0.2.53\nsearch a b\noptions edns0\n", "nameserver 127.0.0.11\nsearch a b\noptions edns0\noptions ndots:0\n")]
    [InlineData("search a\n# the host has no nameserver that a container can reach\n", "nameserver 127.0.0.11\nsearch a\noptions ndots:0\n")]
    [InlineData("options rotate ndots:3\n", "nameserver 127.0.0.11\noptions rotate ndots:3\n")]
    public void Who_has_names_from_the_supervisor_asks_it_alone(string text, string expected) => Assert.Equal(expected, ResolvConf.ForNames(text));

    [Fact]
    public void Hosts_has_loopback_then_the_users_names_then_the_container()
    {
        string text = HostsFile.ForContainer("web.example", [IPAddress.Parse("172.30.0.2")], [("db", IPAddress.Parse("192.0.2.7"))]);
        Assert.Equal("127.0.0.1\tlocalhost\n192.0.2.7\tdb\n172.30.0.2\tweb.example web\n", text);
    }

    [Theory]
    [InlineData("a\n6.6.6.6 bank")]
    [InlineData("a b")]
    [InlineData("a\t")]
    [InlineData("#a")]
    [InlineData("")]
    public void A_host_name_that_would_make_other_entries_is_refused(string name)
    {
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => HostsFile.ForContainer(name, [], [])).Kind);
        Assert.Throws<ContainerException>(() => HostsFile.ParseExtraHost($"{name}:192.0.2.1", null));
    }

    [Theory]
    [InlineData("db:192.0.2.7", "db", "192.0.2.7")]
    [InlineData("db=192.0.2.7", "db", "192.0.2.7")]
    [InlineData("db:[2001:db8::1]", "db", "2001:db8::1")]
    [InlineData("db:2001:db8::1", "db", "2001:db8::1")]
    [InlineData("up:host-gateway", "up", "172.30.0.1")]
    public void Extra_hosts_are_read(string text, string name, string address) =>
        Assert.Equal((name, IPAddress.Parse(address)), HostsFile.ParseExtraHost(text, IPAddress.Parse("172.30.0.1")));

    [Fact]
    public void A_hardware_address_belongs_to_its_address_and_survives_text()
    {
        MacAddress mac = MacAddress.Of(IPAddress.Parse("172.30.0.2"));
        Assert.Equal("02:72:ac:1e:00:02", mac.ToString());
        Assert.True(MacAddress.TryParse("02:72:ac:1e:00:02", out MacAddress read) && read == mac && mac.IsUnicast);
        Assert.False(MacAddress.TryParse("02:72:ac:1e:00", out _));
        Assert.False(new MacAddress(0x01_00_00_00_00_01).IsUnicast);
    }
}
