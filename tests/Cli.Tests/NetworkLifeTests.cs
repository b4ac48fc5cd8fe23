using System.Net;
using System.Net.Sockets;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Cli.Tests;

/// <summary>Networks of containers between their lives, and what is told of them while they run.</summary>
public sealed class NetworkLifeTests
{
    [Fact]
    public void What_waits_for_its_restart_is_connected_and_disconnected_and_runs_on_with_that()
    {
        using Machine machine = new();
        Must(machine, "network", "create", "--subnet", "10.240.0.0/24", "front");
        Must(machine, "network", "create", "--subnet", "10.241.0.0/24", "back");
        // Its seventh life lasts, and it waits 3.2 seconds for that.
        string id = Must(machine, "run", "-d", "--name", "web", "--restart", "always", "--network", "bridge", "--network", "back", "shell",
            "sh", "-c", "echo -n x >> /tmp/lives; [ \"$(cat /tmp/lives)\" = xxxxxxx ] || exit 3; exec sleep 1000").Trim();
        LifeTests.Until(() => LifeTests.StateOf(machine, id) is { Status: Runtime.ContainerStatus.Stopped, RestartCount: 5 }, $"{machine.Folder}/run/containers/{id}");
        Must(machine, "network", "connect", "--ip", "10.240.0.9", "--alias", "www", "front", "web");
        Must(machine, "network", "disconnect", "back", "web");
        Must(machine, "update", "--publish-add", "127.0.0.1:34081:80", "web");
        Assert.Equal("restarting bridge,front\n", Must(machine, "inspect", "-f", "{{.State.Status}} ", "web").Trim() + " " + Must(machine, "ps", "--format", "{{.Networks}}"));
        LifeTests.Until(() => LifeTests.StateOf(machine, id) is { Status: Runtime.ContainerStatus.Running, RestartCount: 6 }, $"{machine.Folder}/run/containers/{id}");
        Assert.Equal("10.240.0.9\n", Must(machine, "inspect", "-f", "{{.NetworkSettings.Networks.front.IPAddress}}", "web"));
        string devices = Must(machine, "exec", "web", "cat", "/proc/net/dev");
        Assert.Contains("eth2:", devices);
        Assert.DoesNotContain("eth1:", devices);
        Assert.Contains("10.240.0.9\t", Must(machine, "exec", "web", "cat", "/etc/hosts"));
        Assert.DoesNotContain("10.241.", Must(machine, "exec", "web", "cat", "/etc/hosts"));
        using InsideNetwork inside = new(machine, "web");
        Assert.Equal(["10.240.0.9"], inside.Ask("www").Addresses);
        using Socket listener = inside.Open(AddressFamily.InterNetwork, SocketType.Stream);
        listener.Bind(new IPEndPoint(IPAddress.Any, 80));
        listener.Listen();
        using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(IPAddress.Loopback, 34081);
    }

    [Fact]
    public void Traffic_of_macvlan_interfaces_is_counted()
    {
        using Machine machine = new();
        Must(machine, "network", "create", "-d", "macvlan", "--subnet", "10.242.0.0/24", "beside");
        Result first = machine.Run("run", "-d", "--name", "one", "--network", "beside:ip=10.242.0.11", "shell", "sleep", "1000");
        if (first.Error.Contains("has no interfaces of kind", StringComparison.Ordinal))
            Assert.Skip("this kernel has no macvlan");
        Assert.Equal((0, ""), (first.Code, first.Error));
        Must(machine, "run", "-d", "--name", "two", "--network", "beside:ip=10.242.0.12", "shell", "sleep", "1000");
        using InsideNetwork one = new(machine, "one"), two = new(machine, "two");
        one.Transfer(IPAddress.Parse("10.242.0.11"), 3_000_000, isIn: true, from: two);
        Assert.Matches(@"^3(\.\d+)?MB / \S+kB\n$", Must(machine, "stats", "--no-stream", "--format", "{{.NetIO}}", "one"));
        Assert.Matches(@"^\S+kB / 3(\.\d+)?MB\n$", Must(machine, "stats", "--no-stream", "--format", "{{.NetIO}}", "two"));
        Assert.Contains("eth0", Must(machine, "stats", "--no-stream", "--format", "{{.NetInterfaces}}", "two"));
    }

    [Fact]
    public void Diagnosis_follows_ipv6_too()
    {
        using Machine machine = new();
        Must(machine, "network", "create", "--ipv6", "--subnet", "10.243.0.0/24", "--subnet", "fd00:243::/64", "front");
        Must(machine, "run", "-d", "--name", "web", "--network", "front", "shell", "sleep", "1000");
        string whole = machine.Run("network", "diagnose", "web").Output;
        Assert.Contains("ok      neighbour (front): gateway fd00:243::1 answers", whole);
        Assert.Contains("ok      route (front): the default IPv6 route leads to fd00:243::1", whole);
        using (InsideNetwork inside = new(machine, "web"))
            inside.Tool("ip", "-6", "route", "del", "default");
        Result broken = machine.Run("network", "diagnose", "web");
        Assert.Equal(1, broken.Code);
        Assert.Contains("FAILS   route (front): the container has no default IPv6 route", broken.Output);
        Assert.Contains("ok      route (front): the default route leads to 10.243.0.1", broken.Output);
        Must(machine, "restart", "-t", "0", "web");
        using (InsideNetwork inside = new(machine, "web"))
            inside.Tool("ip", "-6", "addr", "flush", "dev", "eth0", "scope", "global");
        Assert.Contains("FAILS   address (front): 'eth0' has lost its address fd00:243::", machine.Run("network", "diagnose", "web").Output);
    }

    [Fact]
    public void Diagnosis_tries_the_ports_at_which_the_supervisor_listens()
    {
        using Machine machine = new();
        string id = Must(machine, "run", "-d", "--name", "web", "-p", "34085:80", "-p", "34085:53/udp", "shell", "sleep", "1000").Trim();
        Result result = machine.Run("network", "diagnose", "web");
        Assert.Contains("note    ports: its supervisor listens at [::]:34085/tcp, but nothing in the container takes the connections\n", result.Output);
        Assert.Contains("ok      ports: its supervisor listens at [::]:34085/udp\n", result.Output);
        using (InsideNetwork inside = new(machine, "web"))
        using (Socket listener = inside.Open(AddressFamily.InterNetwork, SocketType.Stream))
        {
            listener.Bind(new IPEndPoint(IPAddress.Any, 80));
            listener.Listen();
            Assert.Contains("ok      ports: its supervisor listens at [::]:34085/tcp, [::]:34085/udp\n", machine.Run("network", "diagnose", "web").Output);
        }
        // As if it had lost them.
        string file = $"{machine.Folder}/run/containers/{id}/{ProxiedPorts.FileName}";
        File.Delete(file);
        using (SupervisorConnection? supervisor = SupervisorConnection.TryOpen(Path.GetDirectoryName(file)!))
            supervisor!.ServePorts();
        result = machine.Run("network", "diagnose", "web");
        Assert.Equal(1, result.Code);
        Assert.Contains("FAILS   ports: its supervisor does not listen at [::]:34085/tcp, [::]:34085/udp\n", result.Output);
        Must(machine, "restart", "-t", "0", "web");
        Assert.DoesNotContain("FAILS   ports", machine.Run("network", "diagnose", "web").Output);
    }

    [Fact]
    public void Diagnosis_says_that_containers_which_are_kept_apart_lose_published_ports_where_bridges_are_filtered()
    {
        const string setting = "/proc/sys/net/bridge/bridge-nf-call-iptables";
        if (!File.Exists(setting))
            Assert.Skip("br_netfilter is not loaded");
        using Machine machine = new();
        Must(machine, "network", "create", "-o", "com.docker.network.bridge.enable_icc=false", "front");
        Must(machine, "run", "-d", "--name", "web", "--network", "front", "-p", "34086:80", "shell", "sleep", "1000");
        string said = machine.Run("network", "diagnose", "web").Output;
        Assert.Equal(File.ReadAllText(setting).Trim() == "1", said.Contains("note    ports (front): its containers are kept apart", StringComparison.Ordinal));
    }

    private static string Must(Machine machine, params string[] words) => NetworkTests.Must(machine, words);
}
