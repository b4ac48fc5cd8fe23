using System.Net;
using System.Net.Sockets;
using Rundlet.Linux;
using Rundlet.Network.Ports;

namespace Rundlet.Network.Tests;

/// <summary>Packets of both families.</summary>
public sealed class Ipv6Tests
{
    [Fact]
    public void A_container_has_both_families_at_once_and_reaches_neighbours_and_the_world_by_both()
    {
        using TestHost host = TestHost.Create();
        NetworkDefinition network = TestHost.Define(1, ipv6: true);
        (ContainerNamespace a, Attached at) = host.StartOn("a", network);
        (ContainerNamespace b, _) = host.StartOn("b", network);
        Assert.Equal("fd00:9:1::2", at.First.Address6!.ToString());
        host.Serve(a.Fd, 80, AddressFamily.InterNetworkV6);
        host.Serve(host.Outside, 80, AddressFamily.InterNetworkV6);
        Assert.Equal("fd00:9:1::3", host.Ask(b.Fd, at.First.Address6!, 80));
        Assert.Equal(TestHost.HostAddress6.ToString(), host.Ask(b.Fd, TestHost.OutsideAddress6, 80));
        Assert.NotEmpty(host.Ask(host.Host, at.First.Address6!, 80));
        Assert.Equal("0", host.Tool(a.Fd, "cat", "/proc/sys/net/ipv6/conf/eth0/accept_ra").Trim());
    }

    [Fact]
    public void Ports_are_published_by_both_families_and_the_clients_address_is_kept()
    {
        using TestHost host = TestHost.Create();
        (ContainerNamespace a, Attached at) = Publish(host, "a", "8080:80", "[2001:db8::1]:8081:80", "0.0.0.0:8082:80", "9000-9099:9000-9099");
        host.Serve(a.Fd, 80);
        host.Serve(a.Fd, 80, AddressFamily.InterNetworkV6);
        host.Serve(a.Fd, 9050, AddressFamily.InterNetworkV6);
        Assert.Equal(6, at.Ports.Count);
        Assert.Equal(TestHost.OutsideAddress6.ToString(), host.Ask(host.Outside, TestHost.HostAddress6, 8080));
        Assert.Equal(TestHost.OutsideAddress.ToString(), host.Ask(host.Outside, TestHost.HostAddress, 8080));
        Assert.Equal(TestHost.OutsideAddress6.ToString(), host.Ask(host.Outside, TestHost.HostAddress6, 8081));
        Assert.Null(host.TryAsk(host.Outside, TestHost.HostAddress, 8081));
        Assert.NotEmpty(host.Ask(host.Outside, TestHost.HostAddress, 8082));
        Assert.Null(host.TryAsk(host.Outside, TestHost.HostAddress6, 8082));
        Assert.NotEmpty(host.Ask(host.Outside, TestHost.HostAddress6, 9050));
        Assert.NotEmpty(host.Ask(host.Host, TestHost.HostAddress6, 8080));
        Assert.NotEmpty(host.Ask(a.Fd, TestHost.HostAddress6, 8080));
        Assert.Null(host.TryAsk(host.Host, IPAddress.IPv6Loopback, 8080)); // refused, not unanswered: a supervisor listens there
        Assert.Empty(at.Proxied);
    }

    [Fact]
    public void A_containers_own_address_is_closed_to_the_outside_and_other_networks()
    {
        using TestHost host = TestHost.Create();
        (ContainerNamespace a, Attached at) = Publish(host, "a", "8080:80");
        (ContainerNamespace b, _) = host.StartOn("b", TestHost.Define(2, ipv6: true));
        host.Serve(a.Fd, 80, AddressFamily.InterNetworkV6);
        host.Tool(host.Outside, "ip", "-6 route add fd00:9:1::/64 via 2001:db8::1");
        Assert.Null(host.TryAsk(host.Outside, at.First.Address6!, 80));
        Assert.Null(host.TryAsk(b.Fd, at.First.Address6!, 80));
        Assert.Equal("fd00:9:2::2", host.Ask(b.Fd, TestHost.HostAddress6, 8080));
    }

    [Fact]
    public void A_port_that_a_program_has_by_ipv6_alone_is_a_conflict()
    {
        using TestHost host = TestHost.Create();
        host.Serve(host.Host, 8080, AddressFamily.InterNetworkV6);
        Assert.EndsWith("port 8080/tcp is already taken by another program",
            Assert.Throws<ContainerException>(() => Publish(host, "a", "8080:80")).Message, StringComparison.Ordinal);
        Assert.EndsWith("port [::1]:8080/tcp is already taken by another program",
            Assert.Throws<ContainerException>(() => host.Start("six", "[::1]:8080:80")).Message, StringComparison.Ordinal);
        Assert.Empty(host.Start("four", "0.0.0.0:8080:80").Attachment.Proxied);
    }

    [Fact]
    public void Where_the_container_has_no_address_of_a_family_a_program_has_to_listen_for_it()
    {
        using TestHost host = TestHost.Create();
        (_, Attached four) = host.Start("four", "8080:80", "[::1]:8081:80", "9000-9009:7000-7009/udp", "0.0.0.0:8082:80");
        Assert.Equal(["8080 at ::", "8081 at ::1", "9000 at ::"], four.Proxied.Select(port => $"{port.HostPort} at {port.HostAddress}"));
        Assert.All(four.Proxied, port => Assert.Equal(four.Address, port.ContainerAddress));
        Assert.Equal([8080, 9000, 8082], four.Ports.Select(port => (int)port.HostPort));
        (_, Attached six) = Publish(host, "six", "[::1]:8083:80");
        Assert.Equal(six.First.Address6, Assert.Single(six.Proxied).ContainerAddress);
        Assert.Equal("fd00:9:1::2", six.First.Address6!.ToString());
        Assert.Empty(six.Ports);
    }

    [Fact]
    public void A_range_too_long_to_listen_at_is_published_by_a_rule_alone()
    {
        using TestHost host = TestHost.Create();
        (_, Attached at) = host.Start("a", "7000-7099:7000-7099", "20000-29999:20000-29999", "7100-7199:7100-7199");
        Assert.Equal(7000, Assert.Single(at.Proxied).HostPort);
        Assert.Equal([100, 10000, 100], at.Ports.Select(port => port.Count));
        Assert.Contains("at most 128 ports", Assert.Throws<ContainerException>(() => host.Start("b", "[::1]:7000-7128:7000-7128")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_at_which_the_program_of_another_container_listens_is_said_to_be_that_containers()
    {
        using TestHost host = TestHost.Create();
        (_, Attached at) = host.Start("a", "[::1]:8080:80");
        host.Listening.Add(Assert.Single(at.Proxied));
        using Socket listener = host.In(host.Host, () => new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp));
        listener.DualMode = false;
        listener.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 8080));
        listener.Listen();
        Assert.Contains("port [::1]:8080/tcp is already taken by container 'a'", Refusal("[::1]:8080:80"), StringComparison.Ordinal);
        host.Listening.Clear();
        Assert.Contains("port [::1]:8080/tcp is already taken by another program", Refusal("[::1]:8080:80"), StringComparison.Ordinal);

        string Refusal(string port) => Assert.Throws<ContainerException>(() => host.Start("b", port)).Message;
    }

    [Fact]
    public void A_host_without_ipv6_publishes_by_ipv4_alone()
    {
        using TestHost host = TestHost.Create();
        host.Tool(host.Host, "sysctl", "-q -w net.ipv6.conf.all.disable_ipv6=1");
        (_, Attached at) = host.Start("a", "8080:80");
        Assert.Empty(at.Proxied);
        Assert.Single(at.Ports);
        Assert.Contains("this host has no IPv6", Assert.Throws<ContainerException>(() => host.Start("b", "[::1]:8081:80")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ports_that_obey_the_host_have_no_rule()
    {
        using TestHost host = TestHost.Create();
        (_, Attached at) = host.Start(TestHost.Request("a") with { Ports = [.. Obeying("8080:80"), .. Obeying("127.0.0.1:8081:80/udp")] });
        Assert.Empty(at.Ports);
        Assert.Equal(["8080 at 0.0.0.0", "8080 at ::", "8081 at 127.0.0.1"], at.Proxied.Select(port => $"{port.HostPort} at {port.HostAddress}"));
        Assert.DoesNotContain("8080", host.Tool(host.Host, "nft", "list table inet rundlet"), StringComparison.Ordinal);
        Assert.Contains("SCTP needs a rule", Assert.Throws<ContainerException>(() => host.Start(TestHost.Request("b") with { Ports = Obeying("8082:80/sctp") })).Message, StringComparison.Ordinal);

        static PortRequest[] Obeying(string text) => [.. PortRequest.Parse(text).Select(port => port with { ObeysHost = true })];
    }

    [Fact]
    public void What_is_taken_is_known_before_anything_is_made()
    {
        using TestHost host = TestHost.Create();
        NetworkRequest wanted = TestHost.Request("b", "8080:80");
        RequireFree();
        Assert.False(Directory.Exists(host.NetworksFolder));
        host.Start("a", "8080:80");
        Assert.EndsWith("port 8080/tcp is already taken by container 'a'", Assert.Throws<ContainerException>(RequireFree).Message, StringComparison.Ordinal);
        host.Serve(host.Host, 8081);
        wanted = TestHost.Request("b", "8081:80");
        Assert.EndsWith("port 8081/tcp is already taken by another program", Assert.Throws<ContainerException>(RequireFree).Message, StringComparison.Ordinal);
        wanted = wanted with { Endpoints = [new EndpointRequest(TestHost.Define(1) with { Internal = true })] };
        RequireFree(); // publishes nothing

        void RequireFree() => host.In(host.Host, () => host.Network.RequireFree(wanted.Endpoints, wanted.Ports));
    }

    [Fact]
    public void A_host_that_listens_to_router_advertisements_goes_on_doing_so()
    {
        using TestHost host = TestHost.Create();
        host.Tool(host.Host, "sysctl", "-q -w net.ipv6.conf.wire.accept_ra=1");
        host.StartOn("a", TestHost.Define(1, ipv6: true));
        Assert.Equal("1", host.Tool(host.Host, "cat", "/proc/sys/net/ipv6/conf/all/forwarding").Trim());
        Assert.Equal("2", host.Tool(host.Host, "cat", "/proc/sys/net/ipv6/conf/wire/accept_ra").Trim());
    }

    private static (ContainerNamespace Inside, Attached Attachment) Publish(TestHost host, string id, params string[] ports) =>
        host.Start(new NetworkRequest(id, NetworkMode.Bridge)
        {
            Endpoints = [new EndpointRequest(TestHost.Define(1, ipv6: true))],
            Ports = [.. ports.SelectMany(PortRequest.Parse)],
        });
}
