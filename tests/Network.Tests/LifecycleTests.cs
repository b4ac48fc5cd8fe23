using System.Net;
using System.Net.Sockets;
using Rundlet.Linux;
using Rundlet.Linux.Netlink;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Network.Addresses;
using Rundlet.Network.Firewall;
using Rundlet.Network.Ports;

namespace Rundlet.Network.Tests;

/// <summary>Setting up, taking down, and what a crash between them leaves.</summary>
public sealed class LifecycleTests
{
    [Fact]
    public void After_disconnect_only_the_empty_bridge_is_left_and_after_remove_nothing()
    {
        using TestHost host = TestHost.Create();
        (ContainerNamespace inside, Attached attachment) = host.Start("a", "8080:80", "127.0.0.1:8081:81/udp");
        Assert.Contains(attachment.HostInterface, Links(host));
        using LinkWatch watch = host.In(host.Host, LinkWatch.Open);
        host.In(host.Host, () => host.Network.Disconnect("a"));
        inside.Dispose();
        watch.WaitUntilGone(attachment.HostInterface!);
        Assert.Equal(["lo", "rundlet0", "wire"], Links(host).Order());
        Assert.Empty(Published(host));
        Assert.Empty(Reservations(host));
        host.In(host.Host, () =>
        {
            host.Network.RemoveNetwork(NetworkDefinition.Default);
            using FirewallTable firewall = FirewallTable.Open();
            firewall.Remove();
        });
        Assert.Equal(["lo", "wire"], Links(host).Order());
        Assert.Equal("", host.Tool(host.Host, "nft", "list ruleset"));
        Assert.False(Directory.Exists(Path.Combine(host.NetworksFolder, "bridge")));
    }

    [Theory]
    [InlineData(NetworkDriver.Bridge, true)]
    [InlineData(NetworkDriver.Bridge, false)]
    [InlineData(NetworkDriver.Macvlan, true)]
    [InlineData(NetworkDriver.Macvlan, false)]
    public void A_link_whose_maker_was_killed_before_it_was_marked_goes_with_the_network_and_no_other(NetworkDriver driver, bool isNoted)
    {
        using TestHost host = TestHost.Create();
        NetworkDefinition network = TestHost.Define(1) with { Driver = driver };
        string link = driver == NetworkDriver.Bridge ? network.Interface : "dm-net1";
        host.Tool(host.Host, "ip", driver == NetworkDriver.Bridge ? $"link add {link} type bridge" : $"link add {link} type veth peer name dp-net1");
        Directory.CreateDirectory(Path.Combine(host.NetworksFolder, "net1"));
        if (isNoted)
            File.WriteAllText(Path.Combine(host.NetworksFolder, "net1/link"), link);
        host.In(host.Host, () => host.Network.RemoveNetwork(network));
        Assert.Equal(!isNoted, Links(host).Contains(link));
        Assert.False(Directory.Exists(Path.Combine(host.NetworksFolder, "net1")));
    }

    [Fact]
    public void Disconnect_of_an_unknown_container_does_nothing()
    {
        using TestHost host = TestHost.Create();
        host.Start("a", "8080:80");
        host.In(host.Host, () => host.Network.Disconnect("b"));
        Assert.Single(Published(host));
        Assert.Single(Reservations(host));
    }

    [Fact]
    public void Disconnect_looks_at_the_networks_that_are_known_and_at_all_where_none_are()
    {
        using TestHost host = TestHost.Create();
        host.StartOn("a", TestHost.Define(1), TestHost.Define(2));
        (_, Attached attachment) = host.Start("b", "8080:80");
        NetworkAttachment known = new(NetworkMode.Bridge) { Endpoints = [new Endpoint("net1", "net1", "eth0"), new Endpoint("removed", "removed", "eth1")] };
        host.In(host.Host, () => host.Network.Disconnect("a", known));
        Assert.Empty(Reservations(host, "net1"));
        Assert.Single(Reservations(host, "net2"));
        host.In(host.Host, () => host.Network.Disconnect("a"));
        Assert.Empty(Reservations(host, "net2"));
        host.In(host.Host, () => host.Network.Disconnect("b", attachment.Whole));
        Assert.Empty(Published(host));
        Assert.Empty(Reservations(host));
    }

    [Fact]
    public void The_pair_goes_with_the_namespace()
    {
        using TestHost host = TestHost.Create();
        (ContainerNamespace inside, Attached attachment) = host.Start("a");
        using LinkWatch watch = host.In(host.Host, LinkWatch.Open);
        inside.Dispose();
        watch.WaitUntilGone(attachment.HostInterface!);
    }

    [Fact]
    public void A_remnant_of_the_same_container_and_address_is_replaced()
    {
        using TestHost host = TestHost.Create();
        NetworkRequest request = Choosing("a", "172.30.0.9");
        string[] names = new string[2];
        for (int i = 0; i < 2; i++)
        {
            ContainerNamespace inside = host.Own(ContainerNamespace.Create()); // the first lives on, held by its fd
            names[i] = host.In(host.Host, () => host.Network.Connect(request, inside)).Endpoints[0].HostInterface!;
            host.In(host.Host, () => host.Network.Disconnect("a"));
        }
        Assert.Equal(names[0], names[1]);
        Assert.Single(Links(host), name => name.StartsWith("rl", StringComparison.Ordinal));
    }

    [Fact]
    public void A_port_of_another_container_is_a_conflict_that_names_it_and_leaves_nothing()
    {
        using TestHost host = TestHost.Create();
        host.Start("first", "8080:80");
        foreach (string port in (string[])["8080:81", "127.0.0.1:8080:81"])
        {
            ContainerException error = Assert.Throws<ContainerException>(() => host.Start("second", "9090:90", port));
            Assert.Equal(ContainerErrorKind.Conflict, error.Kind);
            Assert.Contains("8080/tcp is already taken by container 'first'", error.Message, StringComparison.Ordinal);
        }
        Assert.Equal(8080, Assert.Single(Published(host)).HostPort);
        Assert.Single(Reservations(host));
        Assert.Single(Links(host), name => name.StartsWith("rl", StringComparison.Ordinal));
        Assert.NotNull(host.Start("third", "8080:80/udp").Attachment);
    }

    [Fact]
    public void A_port_of_another_program_is_a_conflict()
    {
        using TestHost host = TestHost.Create();
        host.Serve(host.Host, 8080);
        ContainerException error = Assert.Throws<ContainerException>(() => host.Start("a", "8080:80"));
        Assert.Equal(ContainerErrorKind.Conflict, error.Kind);
        Assert.EndsWith("port 8080/tcp is already taken by another program", error.Message, StringComparison.Ordinal);
        using Socket udp = host.In(host.Host, () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        udp.Bind(new IPEndPoint(IPAddress.Any, 53));
        Assert.EndsWith("port 53/udp is already taken by another program",
            Assert.Throws<ContainerException>(() => host.Start("a", "53:53/udp")).Message, StringComparison.Ordinal);
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => host.Start("a", "198.51.100.1:80:80")).Kind);
        Assert.Empty(Reservations(host));
    }

    [Fact]
    public void A_host_range_gives_the_first_free_port()
    {
        using TestHost host = TestHost.Create();
        host.Serve(host.Host, 8080);
        host.Start("a", "8081:80");
        Assert.Equal(8082, host.Start("b", "8080-8089:80").Attachment.Ports[0].HostPort);
    }

    [Fact]
    public void What_a_killed_container_left_is_cleaned_up_and_what_lives_is_kept()
    {
        using TestHost host = TestHost.Create();
        host.Start("dead", "8080:80", "127.0.0.1:8081:80");
        (ContainerNamespace live, _) = host.Start("live", "9090:90");
        host.In(host.Host, () => host.Network.Reconcile(id => id == "live"));
        Assert.Equal("live", Assert.Single(Published(host)).ContainerId);
        Assert.EndsWith("live", Assert.Single(Reservations(host)), StringComparison.Ordinal);
        host.Serve(live.Fd, 90);
        Assert.NotEmpty(host.Ask(host.Outside, TestHost.HostAddress, 9090));
    }

    [Fact]
    public void A_flushed_ruleset_and_a_bridge_set_down_come_back_with_the_next_container()
    {
        using TestHost host = TestHost.Create();
        host.Start("a");
        host.Tool(host.Host, "nft", "flush ruleset");
        host.Tool(host.Host, "ip", "link set rundlet0 down");
        (ContainerNamespace b, Attached attachment) = host.Start("b", "8080:80");
        Assert.Equal("172.30.0.1", attachment.Gateway!.ToString());
        host.Serve(b.Fd, 80);
        Assert.NotEmpty(host.Ask(host.Outside, TestHost.HostAddress, 8080));
    }

    [Fact]
    public void A_table_of_another_version_is_replaced_and_its_ports_stay()
    {
        using TestHost host = TestHost.Create();
        (ContainerNamespace a, _) = host.Start("a", "8080:80");
        string rules = host.Tool(host.Host, "nft", "list table inet rundlet").Replace(FirewallRules.Version, "rundlet rules 0", StringComparison.Ordinal);
        string file = Path.Combine(host.Folder, "old.nft");
        File.WriteAllText(file, $"delete table inet rundlet\n{rules}");
        host.Tool(host.Host, "nft", $"-f {file}");
        Assert.Contains("rundlet rules 0", host.Tool(host.Host, "nft", "list ruleset"), StringComparison.Ordinal);
        host.Start("b");
        Assert.Contains(FirewallRules.Version, host.Tool(host.Host, "nft", "list ruleset"), StringComparison.Ordinal);
        Assert.Equal("a", Assert.Single(Published(host)).ContainerId);
        host.Serve(a.Fd, 80);
        Assert.NotEmpty(host.Ask(host.Outside, TestHost.HostAddress, 8080));
    }

    [Fact]
    public async Task Many_at_once_make_one_bridge_and_get_different_addresses_and_ports()
    {
        using TestHost host = TestHost.Create();
        const int count = 12;
        ContainerNamespace[] insides = [.. Enumerable.Range(0, count).Select(_ => host.Own(ContainerNamespace.Create()))];
        NetworkAttachment[] attachments = new NetworkAttachment[count];
        Task[] starts = [.. Enumerable.Range(0, count).Select(i => Task.Factory.StartNew(
            () => host.In(host.Host, () =>
            {
                using ContainerNetwork network = new(host.NetworksFolder); // as another process would have
                attachments[i] = network.Connect(TestHost.Request($"c{i}", "80"), insides[i]);
            }),
            TaskCreationOptions.LongRunning))];
        await Task.WhenAll(starts);
        Assert.Equal(count, attachments.Select(attachment => attachment.Endpoints[0].Address).Distinct().Count());
        Assert.Equal(count, attachments.Select(attachment => attachment.Ports[0].HostPort).Distinct().Count());
        Assert.Single(attachments.Select(attachment => attachment.Endpoints[0].Gateway).Distinct());
    }

    [Fact]
    public void A_subnet_that_the_host_routes_is_not_chosen()
    {
        using TestHost host = TestHost.Create();
        host.Tool(host.Host, "ip", "route add 172.30.128.0/24 via 192.0.2.2");
        host.Tool(host.Host, "ip", "address add 172.31.5.5/32 dev wire");
        Assert.Equal("10.160.0.1", host.Start("a").Attachment.Gateway!.ToString());
    }

    [Fact]
    public void A_chosen_subnet_that_somebody_got_while_the_bridge_was_gone_is_chosen_anew()
    {
        using TestHost host = TestHost.Create();
        host.Start("a");
        host.Tool(host.Host, "ip", "link delete rundlet0");
        Assert.Equal("172.30.0.1", host.Start("b").Attachment.Gateway!.ToString());
        host.Tool(host.Host, "ip", "link delete rundlet0");
        host.Tool(host.Host, "ip", "address add 172.30.7.1/24 dev wire");
        NetworkDefinition network = NetworkDefinition.Default with { Taken = () => [Subnet.Parse("172.31.0.0/16")] };
        (ContainerNamespace inside, Attached attachment) = host.StartOn("c", network);
        Assert.Equal("10.160.0.1", attachment.Gateway!.ToString());
        host.Serve(host.Outside, 80);
        Assert.Equal(TestHost.HostAddress.ToString(), host.Ask(inside.Fd, TestHost.OutsideAddress, 80));
        Assert.Equal("10.160.0.1", host.Start("d").Attachment.Gateway!.ToString());
        host.Tool(host.Host, "ip", "address add 10.160.7.1/24 dev wire");
        Assert.Equal("10.160.0.1", host.Start("e").Attachment.Gateway!.ToString()); // containers are on it
    }

    [Fact]
    public void A_named_subnet_that_somebody_got_while_the_bridge_was_gone_is_refused_with_what_it_overlaps()
    {
        using TestHost host = TestHost.Create();
        NetworkDefinition network = TestHost.Define(1);
        host.StartOn("a", network);
        host.Tool(host.Host, "ip", $"link delete {network.Interface}");
        host.Tool(host.Host, "ip", "address add 10.9.1.77/24 dev wire");
        ContainerException error = Assert.Throws<ContainerException>(() => host.StartOn("b", network));
        Assert.Equal(ContainerErrorKind.Conflict, error.Kind);
        Assert.EndsWith("subnet '10.9.1.0/24' overlaps address '10.9.1.77/24' of interface 'wire'", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(network.Interface, Links(host));
        host.Tool(host.Host, "ip", "address delete 10.9.1.77/24 dev wire");
        Assert.Equal("10.9.1.1", host.StartOn("b", network).Attachment.Gateway!.ToString());
    }

    [Fact]
    public void A_reload_tells_of_a_container_whose_network_has_another_subnet_now()
    {
        using TestHost host = TestHost.Create();
        (_, Attached attachment) = host.Start("a");
        host.Tool(host.Host, "ip", "link delete rundlet0");
        host.Tool(host.Host, "ip", "address add 172.30.7.1/24 dev wire");
        ContainerException error = Assert.Throws<ContainerException>(() => host.In(host.Host, () => host.Network.Reload([NetworkDefinition.Default], [("a", attachment.Whole)])));
        Assert.Contains("address '172.30.0.2' is in no subnet of network 'bridge'", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_requested_address_and_hardware_address_are_used()
    {
        using TestHost host = TestHost.Create();
        host.Start("a");
        ContainerNamespace inside = host.Own(ContainerNamespace.Create());
        NetworkRequest request = Choosing("b", "172.30.9.9", new MacAddress(0x02_00_00_00_00_07));
        host.In(host.Host, () => host.Network.Connect(request, inside));
        string shown = host.Tool(inside.Fd, "ip", "address show eth0");
        Assert.Contains("172.30.9.9/16 brd 172.30.255.255", shown, StringComparison.Ordinal);
        Assert.Contains("02:00:00:00:00:07", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("inet6", shown, StringComparison.Ordinal);
        ContainerNamespace other = host.Own(ContainerNamespace.Create());
        Assert.Equal(ContainerErrorKind.Conflict,
            Assert.Throws<ContainerException>(() => host.In(host.Host, () => host.Network.Connect(request with { ContainerId = "c" }, other))).Kind);
    }

    private static NetworkRequest Choosing(string id, string address, MacAddress? mac = null) => new(id, NetworkMode.Bridge)
    {
        Endpoints = [new EndpointRequest(NetworkDefinition.Default) { Address = IPAddress.Parse(address), Mac = mac }],
    };

    private static List<string> Links(TestHost host) => host.In(host.Host, () =>
    {
        using RouteSocket routes = RouteSocket.Open();
        return routes.ListLinks().ConvertAll(link => link.Name);
    });

    private static IReadOnlyList<PublishedPort> Published(TestHost host) => host.In(host.Host, () =>
    {
        using FirewallTable firewall = FirewallTable.Open();
        return firewall.List();
    });

    private static List<string> Reservations(TestHost host, string network = "bridge")
    {
        string folder = Path.Combine(host.NetworksFolder, network, "addresses");
        return [.. new DirectoryInfo(folder).EnumerateFileSystemInfos().Where(entry => entry.Name[0] != '.').Select(entry => $"{entry.Name} {entry.LinkTarget}")];
    }
}
