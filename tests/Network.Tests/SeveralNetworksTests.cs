using System.Net;
using System.Net.Sockets;
using System.Text;
using Rundlet.Linux;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Network.Addresses;
using Rundlet.Network.Ports;

namespace Rundlet.Network.Tests;

/// <summary>Networks of one's own: several a container, connected and disconnected while it runs; internal, kept apart, refused.</summary>
public sealed class SeveralNetworksTests
{
    [Fact]
    public void A_container_has_an_interface_in_each_network_and_the_first_by_name_leads_out()
    {
        using TestHost host = TestHost.Create();
        (ContainerNamespace inside, Attached at) = host.StartOn("a", TestHost.Define(2), TestHost.Define(1));
        Assert.Equal(["eth0", "eth1"], at.Whole.Endpoints.Select(endpoint => endpoint.Interface));
        Assert.Contains("default via 10.9.1.1 dev eth1", host.Tool(inside.Fd, "ip", "route"), StringComparison.Ordinal);
        host.Serve(host.Outside, 80);
        Assert.Equal(TestHost.HostAddress.ToString(), host.Ask(inside.Fd, TestHost.OutsideAddress, 80));
        (ContainerNamespace one, _) = host.StartOn("one", TestHost.Define(1));
        (ContainerNamespace two, _) = host.StartOn("two", TestHost.Define(2));
        host.Serve(one.Fd, 80);
        host.Serve(two.Fd, 80);
        Assert.Equal("10.9.1.2", host.Ask(inside.Fd, IPAddress.Parse("10.9.1.3"), 80));
        Assert.Equal("10.9.2.2", host.Ask(inside.Fd, IPAddress.Parse("10.9.2.3"), 80));
        Assert.Null(host.TryAsk(one.Fd, IPAddress.Parse("10.9.2.3"), 80));
    }

    [Theory]
    [InlineData(0, 0, false, "net1")]
    [InlineData(0, 1, false, "net2")]
    [InlineData(5, 1, false, "net1")]
    [InlineData(5, 1, true, "net2")]
    public void Priority_then_name_decide_which_network_leads_out_and_an_internal_one_never_does(int first, int second, bool isInternal, string expected)
    {
        NetworkAttachment attachment = new(NetworkMode.Bridge)
        {
            Endpoints =
            [
                new Endpoint("2", "net2", "eth0") { Gateway = IPAddress.Loopback, GatewayPriority = second },
                new Endpoint("1", "net1", "eth1") { Gateway = IPAddress.Loopback, GatewayPriority = first, IsInternal = isInternal },
            ],
        };
        Assert.Equal(expected, attachment.Default!.NetworkName);
    }

    [Fact]
    public void Networks_come_and_go_while_traffic_flows_and_ports_follow_the_way_out()
    {
        using TestHost host = TestHost.Create();
        NetworkDefinition one = TestHost.Define(1), two = TestHost.Define(2);
        IReadOnlyList<PortRequest> ports = PortRequest.Parse("8080:80");
        (ContainerNamespace inside, Attached at) = host.Start(new NetworkRequest("a", NetworkMode.Bridge) { Endpoints = [new EndpointRequest(two)], Ports = ports });
        host.Serve(inside.Fd, 80);
        (ContainerNamespace neighbour, _) = host.StartOn("neighbour", two);
        using Socket flow = Echo(host, inside, neighbour, at.Address!);

        NetworkAttachment both = host.In(host.Host, () => host.Network.ConnectLive("a", at.Whole, new EndpointRequest(one), inside, ports));
        Exchange(flow);
        Assert.Equal("10.9.1.2", Assert.Single(Attached.ByRules(both)).ContainerAddress.ToString());
        Assert.Contains("default via 10.9.1.1 dev eth1", host.Tool(inside.Fd, "ip", "route"), StringComparison.Ordinal);
        Assert.Equal(TestHost.OutsideAddress.ToString(), host.Ask(host.Outside, TestHost.HostAddress, 8080));
        Assert.Equal(ContainerErrorKind.Conflict, Assert.Throws<ContainerException>(
            () => host.In(host.Host, () => host.Network.ConnectLive("a", both, new EndpointRequest(one), inside, ports))).Kind);

        NetworkAttachment back = host.In(host.Host, () => host.Network.DisconnectLive("a", both, one, inside));
        Exchange(flow);
        Assert.Equal("10.9.2.2", Assert.Single(Attached.ByRules(back)).ContainerAddress.ToString());
        Assert.Contains("default via 10.9.2.1 dev eth0", host.Tool(inside.Fd, "ip", "route"), StringComparison.Ordinal);
        Assert.Equal(TestHost.OutsideAddress.ToString(), host.Ask(host.Outside, TestHost.HostAddress, 8080));
        Assert.Equal(ContainerErrorKind.NotFound, Assert.Throws<ContainerException>(
            () => host.In(host.Host, () => host.Network.DisconnectLive("a", back, one, inside))).Kind);

        NetworkAttachment none = host.In(host.Host, () => host.Network.DisconnectLive("a", back, two, inside));
        Assert.Empty(none.Ports);
        Assert.Empty(none.Endpoints);
        Assert.Null(host.TryAsk(host.Outside, TestHost.HostAddress, 8080));
        Assert.Empty(host.In(host.Host, () =>
        {
            using Firewall.FirewallTable firewall = Firewall.FirewallTable.Open();
            return firewall.List();
        }));
    }

    [Theory]
    [InlineData(NetworkDriver.Bridge)]
    [InlineData(NetworkDriver.Macvlan)]
    public void What_was_done_before_the_command_was_killed_that_connected_or_published_is_done_again(NetworkDriver driver)
    {
        using TestHost host = TestHost.Create();
        NetworkDefinition front = TestHost.Define(1) with { Driver = driver }, back = TestHost.Define(2) with { Internal = true };
        IReadOnlyList<PortRequest> ports = PortRequest.Parse("8080:80");
        (ContainerNamespace inside, Attached at) = host.StartOn("a", back);
        NetworkAttachment first = Connect(), again = Connect(); // nobody noted the first
        Assert.Equal(["eth0", "eth1"], again.Endpoints.Select(endpoint => endpoint.Interface));
        Assert.NotEqual(first.Endpoints[1].Address, again.Endpoints[1].Address);
        Assert.Contains($"{again.Endpoints[1].Address}/24", host.Tool(inside.Fd, "ip", "address show eth1"), StringComparison.Ordinal);
        Assert.Single(Directory.EnumerateFileSystemEntries(Path.Combine(host.NetworksFolder, "net1", "addresses"), "10*"));
        if (driver != NetworkDriver.Bridge)
            return; // publishes nothing
        Assert.Equal(again.Endpoints[1].Address, Assert.Single(Attached.ByRules(again)).ContainerAddress);
        NetworkAttachment more = Publish(), moreAgain = Publish();
        Assert.Equal([8080, 8081], Attached.ByRules(moreAgain).Select(port => (int)port.HostPort));
        host.Serve(inside.Fd, 80);
        Assert.NotEmpty(host.Ask(host.Outside, TestHost.HostAddress, 8080));
        Assert.NotEmpty(host.Ask(host.Outside, TestHost.HostAddress, 8081));
        Assert.Equal(more.Ports, moreAgain.Ports);

        NetworkAttachment Connect() => host.In(host.Host, () => host.Network.ConnectLive("a", at.Whole, new EndpointRequest(front), inside, ports));

        NetworkAttachment Publish() => host.In(host.Host, () => host.Network.Publish("a", again, PortRequest.Parse("8081:80")));
    }

    [Fact]
    public void Ports_are_added_and_removed_while_the_container_runs()
    {
        using TestHost host = TestHost.Create();
        (ContainerNamespace a, Attached at) = host.Start("a", "8080:80");
        host.Serve(a.Fd, 80);
        NetworkAttachment more = host.In(host.Host, () => host.Network.Publish("a", at.Whole, PortRequest.Parse("8081:80")));
        Assert.NotEmpty(host.Ask(host.Outside, TestHost.HostAddress, 8081));
        Assert.Equal(ContainerErrorKind.Conflict, Assert.Throws<ContainerException>(
            () => host.In(host.Host, () => host.Network.Publish("a", more, PortRequest.Parse("8081:90")))).Kind);
        NetworkAttachment fewer = host.In(host.Host, () => host.Network.Unpublish("a", more, port => port.HostPort == 8080));
        Assert.Equal(8081, Assert.Single(Attached.ByRules(fewer)).HostPort);
        Assert.Null(host.TryAsk(host.Outside, TestHost.HostAddress, 8080));
        Assert.NotEmpty(host.Ask(host.Outside, TestHost.HostAddress, 8081));
    }

    [Fact]
    public void An_internal_network_has_no_way_out_or_in()
    {
        using TestHost host = TestHost.Create();
        NetworkDefinition closed = TestHost.Define(1) with { Internal = true };
        (ContainerNamespace a, Attached at) = host.Start(new NetworkRequest("a", NetworkMode.Bridge)
        {
            Endpoints = [new EndpointRequest(closed)],
            Ports = PortRequest.Parse("8080:80"),
        });
        (ContainerNamespace b, _) = host.StartOn("b", closed);
        (ContainerNamespace other, Attached atOther) = host.Start("other", "9090:90");
        Assert.Empty(at.Ports);
        Assert.DoesNotContain("default", host.Tool(a.Fd, "ip", "route"), StringComparison.Ordinal);
        host.Serve(a.Fd, 80);
        host.Serve(other.Fd, 90);
        host.Serve(host.Outside, 80);
        host.Serve(host.Host, 7070);
        Assert.Equal("10.9.1.3", host.Ask(b.Fd, at.Address!, 80));
        Assert.NotEmpty(host.Ask(host.Host, at.Address!, 80));
        Assert.NotEmpty(host.Ask(b.Fd, IPAddress.Parse("10.9.1.1"), 7070));

        // Even one that helps itself to a route, in or out, comes nowhere.
        host.Tool(b.Fd, "ip", "route add default via 10.9.1.1");
        host.Tool(host.Outside, "ip", "route add 10.9.1.0/24 via 192.0.2.1");
        Assert.Null(host.TryAsk(b.Fd, TestHost.OutsideAddress, 80));
        Assert.Null(host.TryAsk(b.Fd, TestHost.HostAddress, 7070));
        Assert.Null(host.TryAsk(b.Fd, TestHost.HostAddress, 9090));
        Assert.Null(host.TryAsk(b.Fd, atOther.Address!, 90));
        Assert.Null(host.TryAsk(other.Fd, at.Address!, 80));
        Assert.Null(host.TryAsk(host.Outside, at.Address!, 80));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Containers_that_are_kept_apart_reach_the_world_and_published_ports_only(bool bridgesAreFiltered)
    {
        using TestHost host = TestHost.Create();
        host.FilterBridges(bridgesAreFiltered);
        NetworkDefinition apart = TestHost.Define(1) with { InterContainer = false };
        (ContainerNamespace a, Attached at) = host.Start(new NetworkRequest("a", NetworkMode.Bridge)
        {
            Endpoints = [new EndpointRequest(apart)],
            Ports = PortRequest.Parse("8080:80"),
        });
        (ContainerNamespace b, _) = host.StartOn("b", apart);
        host.Serve(a.Fd, 80);
        host.Serve(host.Outside, 80);
        Assert.Null(host.TryAsk(b.Fd, at.Address!, 80));
        host.Tool(b.Fd, "ip", $"route add {at.Address}/32 via 10.9.1.1"); // through the host instead of the bridge
        Assert.Null(host.TryAsk(b.Fd, at.Address!, 80));
        Assert.NotEmpty(host.Ask(b.Fd, TestHost.OutsideAddress, 80));
        Assert.Equal(TestHost.OutsideAddress.ToString(), host.Ask(host.Outside, TestHost.HostAddress, 8080));
        if (bridgesAreFiltered)
            Assert.Null(host.TryAsk(b.Fd, TestHost.HostAddress, 8080)); // switched like its address, and so refused
        else
            Assert.NotEmpty(host.Ask(b.Fd, TestHost.HostAddress, 8080));
    }

    [Fact]
    public void Without_masquerading_the_world_sees_the_containers_address()
    {
        using TestHost host = TestHost.Create();
        (ContainerNamespace a, Attached at) = host.StartOn("a", TestHost.Define(1) with { Masquerade = false });
        host.Tool(host.Outside, "ip", "route add 10.9.1.0/24 via 192.0.2.1");
        host.Serve(host.Outside, 80);
        Assert.Equal(at.Address!.ToString(), host.Ask(a.Fd, TestHost.OutsideAddress, 80));
    }

    [Fact]
    public void A_networks_options_reach_the_interfaces_and_the_published_ports()
    {
        using TestHost host = TestHost.Create();
        NetworkDefinition network = TestHost.Define(1) with { Mtu = 1400, HostBinding = IPAddress.Loopback };
        (ContainerNamespace a, Attached at) = host.Start(new NetworkRequest("a", NetworkMode.Bridge)
        {
            Endpoints = [new EndpointRequest(network) { InterfaceName = "front0" }],
            Ports = PortRequest.Parse("8080:80"),
        });
        Assert.Contains("mtu 1400", host.Tool(a.Fd, "ip", "link show front0"), StringComparison.Ordinal);
        Assert.Contains("mtu 1400", host.Tool(host.Host, "ip", $"link show {network.Interface}"), StringComparison.Ordinal);
        Assert.Equal(IPAddress.Loopback, Assert.Single(at.Ports).HostAddress);
    }

    [Fact]
    public void A_subnet_that_overlaps_is_refused_with_what_it_overlaps()
    {
        using TestHost host = TestHost.Create();
        host.Start("a");
        host.Tool(host.Host, "ip", "route add 10.66.1.0/24 via 192.0.2.2");
        host.Tool(host.Host, "ip", "route add 10.0.0.0/8 via 192.0.2.2");
        Assert.Equal("subnet '10.9.0.0/16' overlaps subnet '10.9.1.0/24' of network 'net1'", Refusal("10.9.0.0/16", TestHost.Define(1)));
        Assert.Equal("subnet '192.0.2.128/25' overlaps address '192.0.2.1/24' of interface 'wire'", Refusal("192.0.2.128/25"));
        Assert.Equal("subnet '172.30.5.0/24' overlaps subnet '172.30.0.0/16' of network 'bridge'", Refusal("172.30.5.0/24", NetworkDefinition.Default));
        Assert.Equal("subnet '10.66.0.0/16' overlaps route '10.66.1.0/24' by interface 'wire'", Refusal("10.66.0.0/16"));
        NetworkDefinition chosen = Choose(new NetworkDefinition("x", "x", NetworkDriver.Bridge) { Ipv6 = true }, NetworkDefinition.Default);
        Assert.Equal("172.31.0.0/16", chosen.Subnets[0].Subnet.ToString());
        Assert.Matches("^fd[0-9a-f:]+::/64$", chosen.Subnets[1].Subnet.ToString());
        Assert.Equal(chosen.Subnets[1], Choose(new NetworkDefinition("x", "x", NetworkDriver.Bridge) { Ipv6 = true }).Subnets[1]);

        string Refusal(string subnet, params NetworkDefinition[] others)
        {
            NetworkDefinition wanted = new("x", "x", NetworkDriver.Bridge) { Subnets = [new SubnetDefinition(Subnet.Parse(subnet))] };
            ContainerException error = Assert.Throws<ContainerException>(() => Choose(wanted, others));
            Assert.Equal(ContainerErrorKind.Conflict, error.Kind);
            return error.Message;
        }

        NetworkDefinition Choose(NetworkDefinition network, params NetworkDefinition[] others) =>
            host.In(host.Host, () => host.Network.ChooseSubnets(network, others));
    }

    [Fact]
    public void A_removed_network_leaves_nothing_and_an_interface_of_somebody_else_stays()
    {
        using TestHost host = TestHost.Create();
        NetworkDefinition network = TestHost.Define(1, ipv6: true);
        host.In(host.Host, () => host.Network.Ensure(network));
        Assert.Contains("fd00:9:1::1/64", host.Tool(host.Host, "ip", $"address show {network.Interface}"), StringComparison.Ordinal);
        host.In(host.Host, () => host.Network.RemoveNetwork(network));
        Assert.DoesNotContain(network.Interface, host.Tool(host.Host, "ip", "link"), StringComparison.Ordinal);
        Assert.DoesNotContain(network.Interface, host.Tool(host.Host, "nft", "list ruleset"), StringComparison.Ordinal);
        host.Tool(host.Host, "ip", $"link add {network.Interface} type bridge");
        host.In(host.Host, () => host.Network.RemoveNetwork(network));
        Assert.Contains(network.Interface, host.Tool(host.Host, "ip", "link"), StringComparison.Ordinal);
        NetworkDefinition wire = network with { Interface = "wire" };
        Assert.EndsWith("interface 'wire' is there already and is no bridge",
            Assert.Throws<ContainerException>(() => host.In(host.Host, () => host.Network.Ensure(wire))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_start_that_fails_on_its_second_network_leaves_nothing_of_the_first()
    {
        using TestHost host = TestHost.Create();
        (_, Attached at) = host.StartOn("taken", TestHost.Define(2));
        NetworkRequest request = new("a", NetworkMode.Bridge)
        {
            Endpoints = [new EndpointRequest(TestHost.Define(1)), new EndpointRequest(TestHost.Define(2)) { Address = at.Address }],
        };
        Assert.Contains("is taken by container 'taken'", Assert.Throws<ContainerException>(() => host.Start(request)).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(host.NetworksFolder, "net1", "addresses"), "10*"));
        Assert.Single(host.In(host.Host, () =>
        {
            using RouteSocket routes = RouteSocket.Open();
            return routes.ListLinks().FindAll(link => link.Name.StartsWith("rl", StringComparison.Ordinal));
        }));
    }

    // A connection that stays, from the neighbour to a server of its own in the container.
    private static Socket Echo(TestHost host, ContainerNamespace server, ContainerNamespace client, IPAddress address)
    {
        Socket listener = host.Own(host.In(server.Fd, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)));
        listener.Bind(new IPEndPoint(IPAddress.Any, 7));
        listener.Listen();
        _ = Task.Run(async () =>
        {
            try
            {
                using Socket peer = await listener.AcceptAsync();
                byte[] buffer = new byte[64];
                for (int got; (got = await peer.ReceiveAsync(buffer)) > 0;)
                    await peer.SendAsync(buffer.AsMemory(0, got));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                _ = e; // ignored: the test is over and its listener closed
            }
        });
        Socket socket = host.In(client.Fd, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        socket.ReceiveTimeout = 10_000;
        socket.Connect(address, 7);
        Exchange(socket);
        return socket;
    }

    private static void Exchange(Socket socket)
    {
        socket.Send("still there"u8);
        byte[] buffer = new byte[64];
        Assert.Equal("still there", Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer)));
    }
}
