using System.Net;
using Rundlet.Linux;
using Rundlet.Linux.Netlink;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Network.Firewall;
using Rundlet.Network.Ports;
using Rundlet.Syscalls;

namespace Rundlet.Network.Tests;

/// <summary>The codec against the kernel.</summary>
public sealed class NetlinkKernelTests
{
    [Fact]
    public void An_error_carries_the_kernels_own_words()
    {
        TestHost.SkipUnlessRoot();
        using OwnedFd space = NetworkNamespace.Create();
        LinuxException error = NetworkNamespace.Run(space, () =>
        {
            using RouteSocket routes = RouteSocket.Open();
            NetlinkBatch batch = new();
            RouteSocket.SetDefaultRoute(batch, 1, IPAddress.Parse("192.0.2.1"));
            return Assert.Throws<LinuxException>(() => routes.Execute(batch));
        });
        Assert.StartsWith("set default route via '192.0.2.1: ", error.Message, StringComparison.Ordinal);
        Assert.Matches("device|nexthop|gateway", error.Message);
    }

    [Fact]
    public void Each_request_of_a_batch_has_its_own_answer()
    {
        TestHost.SkipUnlessRoot();
        using OwnedFd space = NetworkNamespace.Create();
        NetworkNamespace.Run(space, () =>
        {
            using NetlinkSocket socket = NetlinkSocket.Open(NETLINK.ROUTE);
            NetlinkBatch batch = new();
            RouteSocket.SetUp(batch, 1, "lo");
            RouteSocket.SetUp(batch, 99, "none");
            RouteSocket.AddAddress(batch, 1, IPAddress.Parse("192.0.2.1"), 32);
            socket.Exchange(batch);
            Assert.Equal([Errno.None, Errno.ENODEV, Errno.None], batch.Requests.Select(request => request.Error));
        });
    }

    [Fact]
    public void Lists_of_many_parts_are_complete()
    {
        TestHost.SkipUnlessRoot();
        using OwnedFd space = NetworkNamespace.Create();
        NetworkNamespace.Run(space, () =>
        {
            using RouteSocket routes = RouteSocket.Open();
            for (int i = 0; i < 20; i++)
            {
                NetlinkBatch batch = new();
                for (int j = 1; j <= 50; j++)
                    RouteSocket.AddAddress(batch, 1, IPAddress.Parse($"10.0.{i}.{j}"), 32);
                routes.Execute(batch);
            }
            Assert.Equal(1000, routes.ListAddresses(AF.INET).Count(address => address.Address.ToString().StartsWith("10.", StringComparison.Ordinal)));
            Assert.Equal(Errno.ENODEV, Assert.Throws<LinuxException>(() => routes.ListAddresses(AF.INET, linkIndex: 99)).Errno);
            Assert.Single(routes.ListLinks(), link => link is { Name: "lo", Index: 1 });
            Assert.Null(routes.TryGetLink("none"));
        });
    }

    [Fact]
    public void A_socket_stays_in_the_namespace_it_was_opened_in_and_threads_are_not_moved()
    {
        TestHost.SkipUnlessRoot();
        string before = File.ResolveLinkTarget("/proc/thread-self/ns/net", false)!.Name;
        RouteSocket? inside = null;
        using OwnedFd space = NetworkNamespace.Create(() => inside = RouteSocket.Open());
        using (inside)
            Assert.False(Assert.Single(inside!.ListLinks(), link => link.Name == "lo").IsUp);
        Assert.Equal(before, File.ResolveLinkTarget("/proc/thread-self/ns/net", false)!.Name);
        Assert.NotEqual(before, NetworkNamespace.Run(space, () => File.ResolveLinkTarget("/proc/thread-self/ns/net", false)!.Name));
    }

    [Fact]
    public void The_rules_read_back_in_nft_as_they_are_meant()
    {
        using TestHost host = TestHost.Create();
        host.Start("abc", "8080:80", "127.0.0.1:53:53/udp");
        string shown = host.Tool(host.Host, "nft", "list table inet rundlet");
        Assert.Equal(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "rules.nft")), shown);
    }

    [Fact]
    public void Transactions_that_saw_an_old_picture_are_made_again()
    {
        using TestHost host = TestHost.Create();
        host.Start("a");
        host.In(host.Host, () =>
        {
            using FirewallTable firewall = FirewallTable.Open();
            using FirewallTable other = FirewallTable.Open();
            int asked = 0;
            firewall.Exchange("mine", published =>
            {
                if (asked++ == 0)
                    other.Exchange("other", _ => [Port("other", 1)]);
                else
                    Assert.Equal("other", Assert.Single(published).ContainerId);
                return [Port("mine", 2)];
            });
            Assert.Equal(2, asked);
            Assert.Equal(2, firewall.List().Count);
        });

        static PublishedPort Port(string id, ushort port) => new(PortProtocol.Tcp, null, port, IPAddress.Parse("172.30.0.2"), 80, id);
    }

    [Fact]
    public void Ten_thousand_ports_are_one_element_or_one_transaction()
    {
        using TestHost host = TestHost.Create();
        host.Start("same", "10000-19999:10000-19999");
        host.Start("other", "20000-29999:30000-39999");
        Assert.Contains("elements = { tcp . 0.0.0.0/0 . 10000-19999 comment \"same\" : 172.30.0.2 }",
            host.Tool(host.Host, "nft", "list map inet rundlet published_ranges"), StringComparison.Ordinal);
        host.In(host.Host, () =>
        {
            using FirewallTable firewall = FirewallTable.Open();
            Assert.Equal(10_001, firewall.List().Count);
            Assert.Equal(10_001, firewall.Reconcile(_ => false).Count);
            Assert.Empty(firewall.List());
        });
    }
}
