using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Rundlet.Cli.Tests;

/// <summary>Networks beside an interface of the host, macvlan and ipvlan, also on a VLAN: what their containers really reach.</summary>
public sealed class ParentNetworkTests : IDisposable
{
    private const int Bytes = 3_000_000;

    private readonly Machine _machine = new();
    private readonly OutsideHost _outside = new();

    public void Dispose()
    {
        _machine.Dispose();
        _outside.Dispose();
    }

    [Theory]
    [InlineData("macvlan", "macvlan_mode=bridge")]
    [InlineData("ipvlan", "ipvlan_mode=l2")]
    [InlineData("ipvlan", "ipvlan_mode=l3")]
    [InlineData("ipvlan", "ipvlan_mode=l3s")]
    public void Containers_reach_each_other_and_the_hosts_of_the_wire_in_each_life_and_are_counted(string driver, string mode)
    {
        // Those that route stand in a subnet of their own, and others know the way: nobody answers for them when a host of the wire asks who has an address.
        bool routes = mode.Contains("l3", StringComparison.Ordinal);
        string place = routes ? $"10.249.{_outside.Number}" : $"198.18.{_outside.Number}";
        if (routes)
            _outside.Tool("ip", "route", "add", $"{place}.0/24", "via", _outside.Here.ToString());
        Create("beside", "-d", driver, "-o", mode, "-o", $"parent={_outside.Wire}", "--subnet", $"{place}.0/24", "--gateway", $"{place}.2");
        Start("one", $"beside:ip={place}.11");
        Start("two", $"beside:ip={place}.12");
        for (int life = 0; life < 2; life++)
        {
            using (InsideNetwork one = new(_machine, "one"), two = new(_machine, "two"))
            {
                Assert.Equal($"{place}.11", _outside.Seen(_outside.There, () => one.Open(AddressFamily.InterNetwork, SocketType.Stream)));
                one.Transfer(IPAddress.Parse($"{place}.11"), Bytes, isIn: true, from: two);
                RequireReached(one, IPAddress.Parse($"{place}.11"));
            }
            Assert.Matches(@"^3(\.\d+)?MB / \S+kB\n$", Must("stats", "--no-stream", "--format", "{{.NetIO}}", "one"));
            Must("restart", "-t", "0", "one", "two");
        }
        Assert.Equal(0, _machine.Run("network", "diagnose", "one").Code);
        Assert.Contains("beside", _machine.Run("network", "rm", "beside").Error);
        Must("rm", "-f", "one", "two");
        Must("network", "rm", "beside");
        Assert.True(OwnNetwork.Has(_outside.Wire));
        Assert.Equal(_outside.Here.ToString(), _outside.Seen(_outside.There, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)));
    }

    [Theory]
    [InlineData("macvlan")]
    [InlineData("ipvlan")]
    public void A_vlan_is_made_as_parent_carries_traffic_is_made_again_and_goes_with_its_network(string driver)
    {
        string vlan = $"{_outside.Wire}.10", place = $"10.250.{_outside.Number}";
        SkipWithoutVlans();
        _outside.Tool("ip", "link", "add", vlan, "link", _outside.Wire, "type", "vlan", "id", "10");
        _outside.Tool("ip", "address", "add", $"{place}.1/24", "dev", vlan);
        _outside.Tool("ip", "link", "set", vlan, "up");
        Create("beside", "-d", driver, "-o", $"parent={vlan}", "--subnet", $"{place}.0/24", "--gateway", $"{place}.1");
        Assert.True(OwnNetwork.Has(vlan));
        Start("web", $"beside:ip={place}.11");
        for (int life = 0; life < 2; life++)
        {
            using (InsideNetwork inside = new(_machine, "web"))
            {
                Assert.Equal($"{place}.11", _outside.Seen(IPAddress.Parse($"{place}.1"), () => inside.Open(AddressFamily.InterNetwork, SocketType.Stream)));
                RequireReached(inside, IPAddress.Parse($"{place}.11"));
            }
            Assert.Equal(0, Ip("link", "delete", vlan)); // as a reboot does; the container's interface goes with it
            Assert.False(OwnNetwork.Has(vlan));
            Must("restart", "-t", "0", "web");
            Assert.True(OwnNetwork.Has(vlan));
        }
        Must("rm", "-f", "web");
        Must("network", "rm", "beside");
        Assert.False(OwnNetwork.Has(vlan));
        Assert.True(OwnNetwork.Has(_outside.Wire));
    }

    [Fact]
    public void A_vlan_that_was_there_stays_when_its_network_goes()
    {
        string vlan = $"{_outside.Wire}.20";
        SkipWithoutVlans();
        Assert.Equal(0, Ip("link", "add", vlan, "link", _outside.Wire, "type", "vlan", "id", "20"));
        Create("beside", "-d", "macvlan", "-o", $"parent={vlan}", "--subnet", "10.251.0.0/24");
        Must("network", "rm", "beside");
        Assert.True(OwnNetwork.Has(vlan));
    }

    [Fact]
    public void Nothing_is_published_there()
    {
        Create("beside", "-d", "macvlan", "-o", $"parent={_outside.Wire}", "--subnet", "10.252.0.0/24");
        Start("web", "beside", "-p", "34131:80");
        Assert.Equal("\n", Must("ps", "--format", "{{.Ports}}"));
    }

    private void SkipWithoutVlans()
    {
        string vlan = $"{_outside.Wire}.30";
        if (Ip("link", "add", vlan, "link", _outside.Wire, "type", "vlan", "id", "30") != 0)
            Assert.Skip("this kernel has no interfaces of kind 'vlan'");
        Assert.Equal(0, Ip("link", "delete", vlan));
    }

    private static int Ip(params string[] words)
    {
        using Process process = Process.Start(new ProcessStartInfo("ip", words) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }

    // A host of the wire as client of the container.
    private void RequireReached(InsideNetwork inside, IPAddress address)
    {
        using Socket listener = inside.Open(AddressFamily.InterNetwork, SocketType.Stream);
        listener.Bind(new IPEndPoint(address, 0));
        listener.Listen();
        using Socket client = Linux.Netlink.NetworkNamespace.Run(_outside.Namespace, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        Assert.NotEmpty(OutsideHost.Seen(listener, client, address, ((IPEndPoint)listener.LocalEndPoint!).Port));
    }

    private void Create(string name, params string[] words) => MustWithKind("network", ["create", .. words, name]);

    private void Start(string name, string network, params string[] words) => MustWithKind("run", ["-d", "--name", name, "--network", network, .. words, "shell", "sleep", "1000"]);

    private void MustWithKind(string command, string[] words)
    {
        Result result = _machine.Run([command, .. words]);
        if (result.Error.Contains("this kernel has no interfaces of kind", StringComparison.Ordinal))
            Assert.Skip(result.Error.Trim());
        Assert.True(result.Code == 0, $"{string.Join(' ', words)}: {result.Error}");
    }

    private string Must(params string[] words) => NetworkTests.Must(_machine, words);
}
