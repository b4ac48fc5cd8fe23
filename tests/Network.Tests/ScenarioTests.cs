using System.Net;
using Rundlet.Linux.Netlink.Route;

namespace Rundlet.Network.Tests;

/// <summary>Packets between namespaces: the paths that docs/network.md describes.</summary>
public sealed class ScenarioTests
{
    [Fact]
    public void Two_containers_talk_and_see_each_others_addresses()
    {
        using TestHost host = TestHost.Create();
        (ContainerNamespace a, Attached atA) = host.Start("a");
        (ContainerNamespace b, Attached atB) = host.Start("b");
        host.Serve(b.Fd, 80);
        Assert.Equal(atA.Address!.ToString(), host.Ask(a.Fd, atB.Address!, 80));
    }

    [Fact]
    public void A_container_reaches_the_outside_under_the_hosts_address()
    {
        using TestHost host = TestHost.Create();
        (ContainerNamespace a, _) = host.Start("a");
        host.Serve(host.Outside, 80);
        Assert.Equal(TestHost.HostAddress.ToString(), host.Ask(a.Fd, TestHost.OutsideAddress, 80));
    }

    [Fact]
    public void An_outside_client_of_a_published_port_keeps_its_address()
    {
        using TestHost host = TestHost.Create();
        (ContainerNamespace a, _) = host.Start("a", "8080:80");
        host.Serve(a.Fd, 80);
        Assert.Equal(TestHost.OutsideAddress.ToString(), host.Ask(host.Outside, TestHost.HostAddress, 8080));
    }

    [Fact]
    public void The_host_reaches_a_published_port_by_loopback_and_by_its_own_address()
    {
        using TestHost host = TestHost.Create();
        (ContainerNamespace a, Attached attachment) = host.Start("a", "8080:80");
        host.Serve(a.Fd, 80);
        Assert.Equal(attachment.Gateway!.ToString(), host.Ask(host.Host, IPAddress.Loopback, 8080));
        Assert.NotEmpty(host.Ask(host.Host, TestHost.HostAddress, 8080));
        Assert.NotEmpty(host.Ask(host.Host, attachment.Gateway, 8080));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_container_reaches_itself_and_its_neighbour_by_the_published_port(bool bridgesAreFiltered)
    {
        using TestHost host = TestHost.Create();
        host.FilterBridges(bridgesAreFiltered);
        (ContainerNamespace a, Attached attachment) = host.Start("a", "8080:80");
        (ContainerNamespace b, _) = host.Start("b");
        host.Serve(a.Fd, 80);
        Assert.Equal(attachment.Gateway!.ToString(), host.Ask(b.Fd, TestHost.HostAddress, 8080));
        Assert.Equal(attachment.Gateway!.ToString(), host.Ask(a.Fd, TestHost.HostAddress, 8080));
    }

    [Fact]
    public void A_port_published_on_loopback_is_not_reachable_from_outside()
    {
        using TestHost host = TestHost.Create();
        (ContainerNamespace a, _) = host.Start("a", "127.0.0.1:8080:80");
        (ContainerNamespace b, Attached atB) = host.Start("b");
        host.Serve(a.Fd, 80);
        Assert.NotEmpty(host.Ask(host.Host, IPAddress.Loopback, 8080));
        Assert.Null(host.TryAsk(host.Outside, TestHost.HostAddress, 8080));
        Assert.Null(host.TryAsk(b.Fd, atB.Gateway!, 8080));

        // A neighbour on the wire, or a container, that sends packets for 127.0.0.1 to the host.
        host.Tool(host.Outside, "sysctl", "-q -w net.ipv4.conf.all.route_localnet=1");
        host.Tool(host.Outside, "ip", "route del local 127.0.0.0/8 dev lo table local");
        host.Tool(host.Outside, "ip", "route add 127.0.0.0/8 via 192.0.2.1");
        Assert.Null(host.TryAsk(host.Outside, IPAddress.Loopback, 8080));
        host.Serve(host.Host, 9999);
        Assert.NotEmpty(host.Ask(host.Host, IPAddress.Loopback, 9999));
        host.Tool(b.Fd, "sysctl", "-q -w net.ipv4.conf.all.route_localnet=1");
        host.Tool(b.Fd, "ip", "route del local 127.0.0.0/8 dev lo table local");
        host.Tool(b.Fd, "ip", $"route add 127.0.0.0/8 via {atB.Gateway}");
        Assert.Null(host.TryAsk(b.Fd, IPAddress.Loopback, 8080));
        Assert.Null(host.TryAsk(b.Fd, IPAddress.Loopback, 9999));
    }

    [Fact]
    public void The_container_address_itself_is_closed_to_the_outside()
    {
        using TestHost host = TestHost.Create();
        (ContainerNamespace a, Attached attachment) = host.Start("a", "8080:80");
        host.Serve(a.Fd, 80);
        host.Tool(host.Outside, "ip", $"route add {attachment.Address}/32 via 192.0.2.1");
        Assert.Null(host.TryAsk(host.Outside, attachment.Address!, 80));
        Assert.NotEmpty(host.Ask(host.Outside, TestHost.HostAddress, 8080));
    }

    [Fact]
    public void Bridges_are_isolated_but_reach_each_others_published_ports()
    {
        using TestHost host = TestHost.Create();
        (ContainerNamespace a, Attached atA) = host.Start("a", "8080:80");
        host.Serve(a.Fd, 80);
        (ContainerNamespace b, Attached atB) = host.StartOn("b", new NetworkDefinition("second", "second", NetworkDriver.Bridge));
        Assert.NotEqual(atA.Gateway, atB.Gateway);
        Assert.Null(host.TryAsk(b.Fd, atA.Address!, 80));
        Assert.Equal(atB.Address!.ToString(), host.Ask(b.Fd, TestHost.HostAddress, 8080));
    }

    [Fact]
    public void Udp_and_a_range_are_published()
    {
        using TestHost host = TestHost.Create();
        (ContainerNamespace a, Attached attachment) = host.Start("a", "5000-5002:80-82", "53:53/udp", "90");
        Assert.Equal((3, 5), (attachment.Ports.Count, attachment.Ports.Sum(port => port.Count)));
        host.Serve(a.Fd, 82);
        host.Serve(a.Fd, 90);
        Assert.NotEmpty(host.Ask(host.Outside, TestHost.HostAddress, 5002));
        Assert.NotEmpty(host.Ask(host.Outside, TestHost.HostAddress, attachment.Ports[^1].HostPort));
        string rules = host.Tool(host.Host, "nft", "list map inet rundlet published");
        Assert.Contains($"udp . 53 comment \"a\" : {attachment.Address} . 53", rules, StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_without_a_network_has_only_its_loopback()
    {
        using TestHost host = TestHost.Create();
        ContainerNamespace inside = host.Own(ContainerNamespace.Create());
        host.In(host.Host, () => host.Network.Connect(new NetworkRequest("a", NetworkMode.None), inside));
        host.Serve(inside.Fd, 80);
        Assert.Equal("127.0.0.1", host.Ask(inside.Fd, IPAddress.Loopback, 80));
        Assert.Null(host.TryAsk(inside.Fd, TestHost.HostAddress, 80));
    }

    [Fact]
    public void The_counters_are_the_containers_own_view()
    {
        using TestHost host = TestHost.Create();
        (ContainerNamespace a, Attached attachment) = host.Start("a");
        host.Serve(host.Outside, 80);
        host.Ask(a.Fd, TestHost.OutsideAddress, 80);
        LinkStatistics before = Outer();
        LinkStatistics inner = host.In(a.Fd, () =>
        {
            using RouteSocket routes = RouteSocket.Open();
            return routes.TryGetLink("eth0")!.Statistics;
        });
        LinkStatistics after = Outer();
        Assert.InRange(inner.SentPackets, before.SentPackets, after.SentPackets);
        Assert.InRange(inner.SentBytes, before.SentBytes, after.SentBytes);
        Assert.InRange(inner.ReceivedPackets, before.ReceivedPackets, after.ReceivedPackets);
        Assert.InRange(inner.ReceivedBytes, before.ReceivedBytes, after.ReceivedBytes);
        Assert.True(before is { SentPackets: > 0, ReceivedPackets: > 0 });

        LinkStatistics Outer() => host.In(host.Host, () => host.Network.TryGetStatistics(attachment.HostInterface!))!.Value;
    }
}
