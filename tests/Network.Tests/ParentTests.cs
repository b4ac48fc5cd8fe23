using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Rundlet.Linux;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Network.Addresses;
using Rundlet.Network.Ports;
using Rundlet.Syscalls;

namespace Rundlet.Network.Tests;

/// <summary>macvlan and ipvlan, VLANs as parents, and bounded rates.</summary>
public sealed class ParentTests
{
    [Theory]
    [InlineData(NetworkDriver.Macvlan, null)]
    [InlineData(NetworkDriver.Macvlan, "private")]
    [InlineData(NetworkDriver.Ipvlan, null)]
    [InlineData(NetworkDriver.Ipvlan, "l3")]
    public void A_container_beside_the_hosts_interface_reaches_the_outside_under_its_own_address(NetworkDriver driver, string? mode)
    {
        using TestHost host = TestHost.Create();
        SkipWithout(host, driver == NetworkDriver.Macvlan ? "macvlan" : "ipvlan", "wire");
        NetworkDefinition network = Beside(driver) with { Mode = mode };
        if (mode == "l3")
        {
            // It answers nobody who asks the wire for its addresses: they are of a subnet that others have a route to.
            network = network with { Subnets = [new SubnetDefinition(Subnet.Parse("10.9.8.0/24"))] };
            host.Tool(host.Outside, "ip", $"route add 10.9.8.0/24 via {TestHost.HostAddress}");
        }
        (ContainerNamespace a, Attached at) = host.StartOn("a", network);
        host.Serve(host.Outside, 80);
        Assert.Null(at.HostInterface);
        Assert.Equal(mode == "l3" ? "10.9.8.2" : "192.0.2.129", host.Ask(a.Fd, TestHost.OutsideAddress, 80));
        Assert.Contains("default", host.Tool(a.Fd, "ip", "route"), StringComparison.Ordinal);
        Assert.NotNull(ContainerNetwork.TryGetStatistics(at.First, a));
        NetworkAttachment none = host.In(host.Host, () => host.Network.DisconnectLive("a", at.Whole, network, a));
        Assert.Empty(none.Endpoints);
        Assert.DoesNotContain("eth0", host.Tool(a.Fd, "ip", "link"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(NetworkDriver.Macvlan)]
    [InlineData(NetworkDriver.Ipvlan)]
    public async Task What_takes_an_address_over_waits_until_the_kernel_has_taken_down_who_had_it(NetworkDriver driver)
    {
        using TestHost host = TestHost.Create();
        SkipWithout(host, driver == NetworkDriver.Macvlan ? "macvlan" : "ipvlan", "wire");
        IPAddress address = IPAddress.Parse("192.0.2.140");
        (ContainerNamespace before, Attached at) = host.Start(Request("before"));
        host.In(host.Host, () => host.Network.Disconnect("before", at.Whole)); // its namespace is still there
        using ContainerNamespace after = ContainerNamespace.Create();
        using LinkWatch watch = host.In(after.Fd, LinkWatch.Open);
        Task starting = Task.Run(() => host.In(host.Host, () => host.Network.Connect(Request("after"), after)), TestContext.Current.CancellationToken);
        watch.WaitUntilThere("eth0");
        Assert.False(starting.IsCompletedSuccessfully, "two have the same address");
        before.Dispose();
        await starting;
        host.Serve(host.Outside, 80);
        Assert.Equal(address.ToString(), host.Ask(after.Fd, TestHost.OutsideAddress, 80));

        NetworkRequest Request(string id) => new(id, NetworkMode.Bridge) { Endpoints = [new EndpointRequest(Beside(driver)) { Address = address }] };
    }

    [Fact]
    public void A_macvlan_network_without_a_parent_joins_its_containers_and_leads_nowhere()
    {
        using TestHost host = TestHost.Create();
        SkipWithout(host, "macvlan", "wire");
        NetworkDefinition network = Beside(NetworkDriver.Macvlan) with { Parent = null };
        (ContainerNamespace a, Attached at) = host.StartOn("a", network);
        (ContainerNamespace b, _) = host.StartOn("b", network);
        host.Serve(a.Fd, 80);
        Assert.NotEmpty(host.Ask(b.Fd, at.Address!, 80));
        Assert.DoesNotContain("default", host.Tool(a.Fd, "ip", "route"), StringComparison.Ordinal);
        Assert.True(at.First.IsInternal);
        host.In(host.Host, () => host.Network.RemoveNetwork(network));
        Assert.DoesNotContain("dm-", host.Tool(host.Host, "ip", "link"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_bridge_network_leads_out_before_a_macvlan_one()
    {
        using TestHost host = TestHost.Create();
        SkipWithout(host, "macvlan", "wire");
        (ContainerNamespace a, Attached at) = host.Start(new NetworkRequest("a", NetworkMode.Bridge)
        {
            Endpoints = [new EndpointRequest(Beside(NetworkDriver.Macvlan)), new EndpointRequest(TestHost.Define(1))],
            Ports = PortRequest.Parse("8080:80"),
        });
        Assert.Equal("net1", at.Whole.Default!.NetworkName);
        Assert.Equal("10.9.1.2", Assert.Single(at.Ports).ContainerAddress.ToString());
        Assert.Contains("default via 10.9.1.1 dev eth1", host.Tool(a.Fd, "ip", "route"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_vlan_is_made_as_parent_and_goes_with_its_network()
    {
        using TestHost host = TestHost.Create();
        SkipWithout(host, "vlan", "wire");
        NetworkDefinition network = Beside(NetworkDriver.Macvlan) with { Parent = "wire.10" };
        host.In(host.Host, () => host.Network.Ensure(network));
        Assert.Contains("vlan protocol 802.1Q id 10", host.Tool(host.Host, "ip", "-d link show wire.10"), StringComparison.Ordinal);
        host.In(host.Host, () => host.Network.RemoveNetwork(network));
        Assert.DoesNotContain("wire.10", host.Tool(host.Host, "ip", "link"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("eth9", "no parent interface 'eth9' on this host")]
    [InlineData("eth9.10", "no parent interface 'eth9' on this host to make 'eth9.10' of")]
    [InlineData("wire.4095", "no parent interface 'wire.4095' on this host")]
    public void A_parent_that_is_not_there_is_named(string parent, string reason)
    {
        using TestHost host = TestHost.Create();
        ContainerException error = Assert.Throws<ContainerException>(() => host.In(host.Host, () => host.Network.Ensure(Beside(NetworkDriver.Macvlan) with { Parent = parent })));
        Assert.Equal(ContainerErrorKind.NotFound, error.Kind);
        Assert.EndsWith(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_parent_of_the_administrator_stays_when_the_network_goes()
    {
        using TestHost host = TestHost.Create();
        host.In(host.Host, () => host.Network.Ensure(Beside(NetworkDriver.Macvlan)));
        host.In(host.Host, () => host.Network.RemoveNetwork(Beside(NetworkDriver.Macvlan)));
        Assert.Contains("wire", host.Tool(host.Host, "ip", "link"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Rates_are_bounded_in_and_out(bool isIn)
    {
        const ulong rate = 2 << 20; // bytes a second
        const int amount = 2 << 20;
        using TestHost host = TestHost.Create();
        (ContainerNamespace a, Attached at) = host.Start(new NetworkRequest("a", NetworkMode.Bridge)
        {
            Endpoints = [new EndpointRequest(TestHost.Define(1)) { RateIn = isIn ? rate : null, RateOut = isIn ? null : rate }],
        });
        (ContainerNamespace b, Attached atB) = host.StartOn("b", TestHost.Define(1));
        Assert.InRange(Transfer(host, isIn ? b : a, isIn ? a : b, (isIn ? at : atB).Address!, amount), TimeSpan.FromSeconds(0.6), TimeSpan.FromSeconds(20));
        TimeSpan free = TimeSpan.MaxValue;
        for (int turn = 0; turn < 10 && free >= TimeSpan.FromSeconds(0.6); turn++)
            free = Transfer(host, isIn ? a : b, isIn ? b : a, (isIn ? atB : at).Address!, amount); // the machine may be busy
        Assert.True(free < TimeSpan.FromSeconds(0.6), "the other way is not bounded");
    }

    private static TimeSpan Transfer(TestHost host, ContainerNamespace from, ContainerNamespace to, IPAddress address, int amount)
    {
        using Socket listener = host.In(to.Fd, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        listener.Bind(new IPEndPoint(address, 9));
        listener.Listen();
        using Socket sender = host.In(from.Fd, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        sender.Connect(address, 9);
        using Socket receiver = listener.Accept();
        receiver.ReceiveTimeout = 30_000;
        long start = Stopwatch.GetTimestamp();
        Task sending = Task.Run(() => sender.Send(new byte[amount]));
        byte[] buffer = new byte[64 << 10];
        for (int rest = amount; rest > 0;)
            rest -= receiver.Receive(buffer);
        TimeSpan taken = Stopwatch.GetElapsedTime(start);
        sending.GetAwaiter().GetResult();
        return taken;
    }

    private static NetworkDefinition Beside(NetworkDriver driver) => new("beside", "beside", driver)
    {
        Parent = "wire",
        Subnets = [new SubnetDefinition(Subnet.Parse("192.0.2.0/24")) { Range = Subnet.ParseRange("192.0.2.128/25"), Gateway = TestHost.OutsideAddress, Reserved = [IPAddress.Parse("192.0.2.128")] }],
    };

    private static void SkipWithout(TestHost host, string kind, string parent) => host.In(host.Host, () =>
    {
        using RouteSocket routes = RouteSocket.Open();
        try
        {
            routes.AddSubLink(new SubLinkRequest("probe", kind, routes.TryGetLink(parent)!.Index) { VlanId = 1 });
            routes.DeleteLink("probe");
        }
        catch (LinuxException e) when (e.Errno == Errno.EOPNOTSUPP)
        {
            Assert.Skip($"this kernel has no interfaces of kind {kind}");
        }
    });
}
