using System.Net;
using Rundlet.Linux;
using Rundlet.Network.Firewall;

namespace Rundlet.Network.Tests;

/// <summary>Rules of others on the same host, and what somebody else removes.</summary>
public sealed class CoexistenceTests
{
    private const string HostDrops = """
        add table inet host
        add chain inet host forward { type filter hook forward priority 0; policy drop; }
        """;

    [Fact]
    public void A_host_that_drops_forwarded_packets_lets_ours_pass_by_their_mark_alone()
    {
        using TestHost host = TestHost.Create();
        (ContainerNamespace a, _) = host.Start("a", "8080:80");
        host.Serve(a.Fd, 80);
        host.Serve(host.Outside, 80);
        Load(host, HostDrops);
        Assert.Null(host.TryAsk(host.Outside, TestHost.HostAddress, 8080));
        Assert.Equal(["host/forward"], host.In(host.Host, host.Network.ListForeignForwardDrops));
        Load(host, $"add rule inet host forward meta mark & 0x{FirewallRules.AcceptedMark:x8} != 0 accept");
        Assert.Equal(TestHost.OutsideAddress.ToString(), host.Ask(host.Outside, TestHost.HostAddress, 8080));
        Assert.NotEmpty(host.Ask(a.Fd, TestHost.OutsideAddress, 80));
    }

    [Fact]
    public void The_administrators_rules_decide_and_outlive_another_version_of_ours()
    {
        using TestHost host = TestHost.Create();
        (ContainerNamespace a, Attached at) = host.Start("a", "8080:80");
        host.Serve(a.Fd, 80);
        Load(host, """
            add set inet rundlet admin_refused { type ipv4_addr; elements = { 192.0.2.2 } }
            add rule inet rundlet admin ip saddr @admin_refused tcp dport 80 ct state new drop
            """);
        Assert.Null(host.TryAsk(host.Outside, TestHost.HostAddress, 8080));

        // Rules of another version: the chain with the version is another one.
        Load(host, "flush chain inet rundlet forward\ndelete chain inet rundlet forward\nadd chain inet rundlet forward\nadd chain inet rundlet older");
        host.Start("b");
        string rules = host.Tool(host.Host, "nft", "list table inet rundlet");
        Assert.Contains(FirewallRules.Version, rules, StringComparison.Ordinal);
        Assert.DoesNotContain("older", rules, StringComparison.Ordinal);
        Assert.Contains("ip saddr @admin_refused", rules, StringComparison.Ordinal);
        Assert.Null(host.TryAsk(host.Outside, TestHost.HostAddress, 8080));
        Load(host, "flush chain inet rundlet admin\nadd rule inet rundlet admin ip saddr 192.0.2.2 accept");
        Assert.NotEmpty(host.Ask(host.Outside, TestHost.HostAddress, 8080));
        host.Tool(host.Outside, "ip", $"route add {at.Address}/32 via 192.0.2.1");
        Assert.NotEmpty(host.Ask(host.Outside, at.Address!, 80)); // what we drop, an accept of theirs lets pass
    }

    [Fact]
    public void The_administrators_chain_may_be_there_before_us()
    {
        using TestHost host = TestHost.Create();
        Load(host, "add table inet rundlet\nadd chain inet rundlet admin\nadd rule inet rundlet admin counter");
        (ContainerNamespace a, _) = host.Start("a");
        host.Serve(host.Outside, 80);
        Assert.NotEmpty(host.Ask(a.Fd, TestHost.OutsideAddress, 80));
        Assert.DoesNotContain("counter packets 0", host.Tool(host.Host, "nft", "list chain inet rundlet admin"), StringComparison.Ordinal);
    }

    [Fact]
    public void Reload_makes_again_what_was_flushed_and_what_was_removed()
    {
        using TestHost host = TestHost.Create();
        NetworkDefinition network = TestHost.Define(1, ipv6: true);
        (ContainerNamespace a, Attached at) = host.Start(new NetworkRequest("a", NetworkMode.Bridge)
        {
            Endpoints = [new EndpointRequest(network)],
            Ports = Ports.PortRequest.Parse("8080:80"),
        });
        host.Serve(a.Fd, 80);
        host.Serve(a.Fd, 80, System.Net.Sockets.AddressFamily.InterNetworkV6);
        for (int round = 0; round < 2; round++)
        {
            host.Tool(host.Host, "nft", "flush ruleset");
            if (round == 1)
                host.Tool(host.Host, "ip", $"link delete {network.Interface}");
            Assert.Null(host.TryAsk(host.Outside, TestHost.HostAddress, 8080));
            host.In(host.Host, () => host.Network.Reload([network], [("a", at.Whole)]));
            Assert.NotEmpty(host.Ask(host.Outside, TestHost.HostAddress, 8080));
            Assert.NotEmpty(host.Ask(host.Outside, TestHost.HostAddress6, 8080));
        }
    }

    [Fact]
    public void Bridges_that_are_gone_leave_the_table_and_ports_of_another_engine_stay()
    {
        using TestHost host = TestHost.Create();
        host.Start("mine", "8080:80");
        host.StartOn("gone", TestHost.Define(1));
        host.Tool(host.Host, "ip", $"link delete {TestHost.Define(1).Interface}");
        using ContainerNetwork other = host.In(host.Host, () => new ContainerNetwork(Path.Combine(host.Folder, "other")));
        host.In(host.Host, () => other.Reconcile(_ => false));
        Assert.DoesNotContain("br-net1", host.Tool(host.Host, "nft", "list table inet rundlet"), StringComparison.Ordinal);
        Assert.Contains("rundlet0", host.Tool(host.Host, "nft", "list set inet rundlet bridges"), StringComparison.Ordinal);
        Assert.Contains("8080", host.Tool(host.Host, "nft", "list map inet rundlet published"), StringComparison.Ordinal);
        host.In(host.Host, () => host.Network.Reconcile(_ => false));
        Assert.DoesNotContain("8080", host.Tool(host.Host, "nft", "list map inet rundlet published"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_bridge_whose_engines_folders_were_removed_goes_unless_it_is_used()
    {
        using TestHost host = TestHost.Create();
        string folder = Path.Combine(host.Folder, "other");
        using ContainerNetwork other = host.In(host.Host, () => new ContainerNetwork(folder));
        NetworkDefinition network = TestHost.Define(1);
        host.In(host.Host, () => other.Ensure(network));
        host.In(host.Host, () => host.Network.Reconcile(_ => false));
        Assert.Contains("br-net1", Links(), StringComparison.Ordinal);
        host.Tool(host.Host, "ip", "link add port type veth peer name peer");
        host.Tool(host.Host, "ip", "link set port master br-net1");
        Directory.Delete(folder, recursive: true);
        host.In(host.Host, () => host.Network.Reconcile(_ => false));
        Assert.Contains("br-net1", Links(), StringComparison.Ordinal);
        host.Tool(host.Host, "ip", "link delete port");
        host.In(host.Host, () => host.Network.Reconcile(_ => false));
        Assert.DoesNotContain("br-net1", Links(), StringComparison.Ordinal);
        Assert.DoesNotContain("br-net1", host.Tool(host.Host, "nft", "list ruleset"), StringComparison.Ordinal);

        string Links() => host.Tool(host.Host, "ip", "link");
    }

    [Fact]
    public void Another_definition_of_the_same_bridge_takes_effect()
    {
        using TestHost host = TestHost.Create();
        NetworkDefinition network = TestHost.Define(1) with { Internal = true };
        host.In(host.Host, () => host.Network.Ensure(network));
        Assert.Contains("br-net1", host.Tool(host.Host, "nft", "list set inet rundlet internal"), StringComparison.Ordinal);
        host.In(host.Host, () => host.Network.Ensure(network with { Internal = false }));
        Assert.DoesNotContain("br-net1", host.Tool(host.Host, "nft", "list set inet rundlet internal"), StringComparison.Ordinal);
        Assert.Contains("br-net1", host.Tool(host.Host, "nft", "list set inet rundlet masqueraded"), StringComparison.Ordinal);
    }

    private static void Load(TestHost host, string commands)
    {
        string file = Path.Combine(host.Folder, "commands.nft");
        File.WriteAllText(file, commands + "\n");
        host.Tool(host.Host, "nft", $"-f {file}");
    }
}
