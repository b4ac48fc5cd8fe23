using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Rundlet.Linux;
using Rundlet.Linux.Netlink;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Tests;

/// <summary>Published ports that no rule of the kernel can lead into a container: by ::1, by IPv6 into IPv4, and under the host's input firewall.</summary>
public sealed class PublishTests : IDisposable
{
    private const int PatienceMs = 10_000, DropMs = 500;

    private readonly Machine _machine = new();
    private readonly List<IDisposable> _owned = [];

    public void Dispose()
    {
        for (int i = _owned.Count - 1; i >= 0; i--)
            _owned[i].Dispose();
        _machine.Dispose();
    }

    [Fact]
    public void A_container_with_ipv4_alone_is_reached_by_the_ipv6_loopback_and_from_outside_by_ipv6()
    {
        (OwnedFd outside, IPAddress host) = MakeOutside();
        Must("run", "-d", "--name", "web", "-p", "34101:80", "-p", "34101:53/udp", "shell", "sleep", "1000");
        Assert.Equal("0.0.0.0:34101->53/udp, [::]:34101->53/udp, 0.0.0.0:34101->80/tcp, [::]:34101->80/tcp", Sorted(Must("ps", "--format", "{{.Ports}}")));
        Serve("web", 80);
        string gateway = Must("inspect", "-f", "{{.NetworkSettings.Gateway}}", "web").Trim();
        Assert.Equal(gateway, Ask(null, IPAddress.IPv6Loopback, 34101));
        Assert.Equal(gateway, Ask(outside, host, 34101));
        Assert.Equal(gateway, Ask(null, IPAddress.Loopback, 34101));
        EchoDatagram("web", 53);
        Assert.Equal("hello", AskDatagram(null, IPAddress.IPv6Loopback, 34101));
        Assert.Equal("hello", AskDatagram(outside, host, 34101));
    }

    [Fact]
    public void A_container_with_both_families_is_reached_by_the_ipv6_loopback_too()
    {
        Must("network", "create", "--ipv6", "front");
        Must("run", "-d", "--name", "web", "--network", "front", "-p", "34102:80", "-p", "[::1]:34103:80", "shell", "sleep", "1000");
        Serve("web", 80, AddressFamily.InterNetworkV6);
        Assert.NotEmpty(Ask(null, IPAddress.IPv6Loopback, 34102));
        Assert.NotEmpty(Ask(null, IPAddress.IPv6Loopback, 34103));
        Assert.Equal("[::1]:34103->80/tcp", Must("ps", "--format", "{{.Ports}}").Trim().Split(", ").Single(port => port.Contains("34103")));
    }

    [Fact]
    public void The_proxy_follows_ports_networks_restarts_and_the_death_of_its_supervisor()
    {
        Must("network", "create", "--subnet", "10.239.0.0/24", "back");
        string id = Must("run", "-d", "--name", "web", "-p", "34104:80", "shell", "sleep", "1000").Trim();
        Serve("web", 80);
        Assert.NotEmpty(Ask(null, IPAddress.IPv6Loopback, 34104));
        Must("update", "--publish-rm", "80", "--publish-add", "34104:81", "--publish-add", "34105:80", "web");
        Assert.NotEmpty(Ask(null, IPAddress.IPv6Loopback, 34105));
        Assert.Null(TryAsk(null, IPAddress.IPv6Loopback, 34104)); // nobody listens at 81

        Must("network", "connect", "back", "web");
        Must("network", "disconnect", "bridge", "web");
        Assert.Equal("10.239.0.1", Ask(null, IPAddress.IPv6Loopback, 34105));

        using (Socket open = Connect(null, IPAddress.IPv6Loopback, 34105))
        {
            LifeTests.KillSupervisor(_machine, id);
            open.ReceiveTimeout = PatienceMs;
            byte[] buffer = new byte[64];
            while (TryReceive(open, buffer) > 0)
                continue;
            Must("ps"); // the next command, whichever it is
            LifeTests.Until(() => TryAsk(null, IPAddress.IPv6Loopback, 34105) == "10.239.0.1", _machine.Folder);
        }

        Must("restart", "-t", "0", "web");
        Serve("web", 80);
        Assert.Equal("10.239.0.1", Ask(null, IPAddress.IPv6Loopback, 34105));
        Must("stop", "-t", "0", "web");
        Assert.Equal(SocketError.ConnectionRefused, Assert.Throws<SocketException>(() => Connect(null, IPAddress.IPv6Loopback, 34105)).SocketErrorCode);
        Must("start", "web");
        Serve("web", 80);
        Assert.Equal("10.239.0.1", Ask(null, IPAddress.IPv6Loopback, 34105));
    }

    [Fact]
    public void Ports_under_the_hosts_policy_are_judged_by_its_input_firewall_and_others_are_not()
    {
        (OwnedFd outside, IPAddress host) = MakeOutside(out string wire, out IPAddress host4);
        Must("run", "-d", "--name", "open", "-p", "34106:80", "shell", "sleep", "1000");
        Must("run", "-d", "--name", "strict", "--publish-policy", "host", "-p", "34107:80", "shell", "sleep", "1000");
        Assert.Equal("host\n", Must("inspect", "-f", "{{.HostConfig.PublishPolicy}}", "strict"));
        Serve("open", 80);
        Serve("strict", 80);
        Assert.NotEmpty(Ask(outside, host4, 34107));
        Assert.NotEmpty(Ask(outside, host, 34107));
        Nft($"add table inet {wire}; add chain inet {wire} input {{ type filter hook input priority 0; }}; add rule inet {wire} input iifname {wire} tcp dport 34106-34107 drop");
        Assert.Null(TryAsk(outside, host4, 34107));
        Assert.Null(TryAsk(outside, host, 34107));
        Assert.Equal(4, Ask(outside, host4, 34106).Split('.').Length);
        Assert.NotEmpty(Ask(null, IPAddress.Loopback, 34107));
        Assert.NotEmpty(Ask(null, IPAddress.IPv6Loopback, 34107));
        Must("update", "--publish-add", "34108:80", "strict");
        Assert.DoesNotContain("34108", Nft("list table inet rundlet"));
        Assert.NotEmpty(Ask(outside, host4, 34108));
        Nft($"delete table inet {wire}");
        Result wrong = _machine.Run("run", "--publish-policy", "mine", "-p", "80", "shell", "true");
        Assert.Equal((125, "rundlet: invalid value 'mine' for --publish-policy"), (wrong.Code, wrong.Error.Split('\n')[0]));
    }

    [Theory]
    [InlineData("open")]
    [InlineData("host")]
    public void A_port_that_is_taken_is_known_before_a_container_is_made(string policy)
    {
        int port = policy == "open" ? 34109 : 34110;
        string id = Must("run", "-d", "--name", "web", "-p", $"{port}:80", "shell", "sleep", "1000").Trim();
        Result taken = _machine.Run("run", "-d", "--name", "other", "--publish-policy", policy, "-v", "new:/data", "-p", $"{port}:80", "shell", "sleep", "1000");
        Assert.Equal((125, $"rundlet: set up network 'bridge': port {port}/tcp is already taken by container '{id}'\n"), (taken.Code, taken.Error));
        taken = _machine.Run("run", "-d", "--name", "other", "--publish-policy", policy, "-v", "new:/data", "-p", $"[::1]:{port}:80", "shell", "sleep", "1000");
        Assert.Equal((125, $"rundlet: set up network 'bridge': port [::1]:{port}/tcp is already taken by container '{id}'\n"), (taken.Code, taken.Error));
        using Socket rival = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        rival.Bind(new IPEndPoint(IPAddress.Any, port + 100));
        rival.Listen();
        taken = _machine.Run("run", "-d", "--name", "other", "--publish-policy", policy, "-v", "new:/data", "-p", $"{port + 100}:80", "shell", "sleep", "1000");
        Assert.Equal((125, $"rundlet: set up network 'bridge': port {port + 100}/tcp is already taken by another program\n"), (taken.Code, taken.Error));
        Assert.Equal("web\n", Must("ps", "-a", "--format", "{{.Names}}"));
        Assert.Equal("", Must("volume", "ls", "-q"));
        Assert.Single(Directory.EnumerateDirectories($"{_machine.Folder}/lib/containers"));
        Assert.DoesNotContain("other", Must("events", "--since", "1m", "--until", "0s"));
    }

    [Fact]
    public void A_long_range_costs_no_sockets_and_a_container_without_ports_none_either()
    {
        string range = Must("run", "-d", "--name", "range", "-p", "22000-31999:22000-31999", "shell", "sleep", "1000").Trim();
        string none = Must("run", "-d", "--name", "none", "shell", "sleep", "1000").Trim();
        Assert.False(File.Exists($"{_machine.Folder}/run/containers/{none}/proxied-ports"));
        SpinWait.SpinUntil(() => Files(none) == Files(range), PatienceMs); // what the start has opened is closed when it is over
        Assert.Equal(Files(none), Files(range));

        int Files(string id) => Directory.EnumerateFileSystemEntries($"/proc/{Supervisor(id)}/fd").Count();
    }

    private static string Sorted(string ports) => string.Join(", ", ports.Trim().Split(", ").OrderBy(port => port.Contains("tcp")).ThenBy(port => port.StartsWith('[')));

    private string Must(params string[] arguments)
    {
        Result result = _machine.Run(arguments);
        Assert.True(result.Code == 0, $"{string.Join(' ', arguments)}: {result.Error}");
        return result.Output;
    }

    private (OwnedFd Outside, IPAddress Host) MakeOutside() => MakeOutside(out _, out _);

    private (OwnedFd Outside, IPAddress Host) MakeOutside(out string wire, out IPAddress host4)
    {
        OutsideHost outside = new();
        _owned.Add(outside);
        (wire, host4) = (outside.Wire, outside.Here);
        return (outside.Namespace, outside.Here6);
    }

    private OwnedFd Inside(string container)
    {
        OwnedFd inside = FileIo.Open(Sys.AT_FDCWD, $"/proc/{Must("inspect", "-f", "{{.State.Pid}}", container).Trim()}/ns/net", O.RDONLY);
        _owned.Add(inside);
        return inside;
    }

    // Answers each connection with the address that it sees.
    private void Serve(string container, int port, AddressFamily family = AddressFamily.InterNetwork)
    {
        Socket listener = NetworkNamespace.Run(Inside(container), () => new Socket(family, SocketType.Stream, ProtocolType.Tcp));
        _owned.Add(listener);
        listener.Bind(new IPEndPoint(family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, port));
        listener.Listen();
        _ = Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    Socket peer = await listener.AcceptAsync();
                    await peer.SendAsync(Encoding.ASCII.GetBytes(((IPEndPoint)peer.RemoteEndPoint!).Address.ToString()));
                    _ = CloseWithPeer(peer);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                _ = e; // ignored: the test is over and its listener closed
            }
        });

        static async Task CloseWithPeer(Socket peer)
        {
            using (peer)
                await peer.ReceiveAsync(new byte[1]);
        }
    }

    private void EchoDatagram(string container, int port)
    {
        Socket socket = NetworkNamespace.Run(Inside(container), () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        _owned.Add(socket);
        socket.Bind(new IPEndPoint(IPAddress.Any, port));
        _ = Task.Run(() =>
        {
            try
            {
                byte[] buffer = new byte[100];
                while (true)
                {
                    EndPoint from = new IPEndPoint(IPAddress.Any, 0);
                    int got = socket.ReceiveFrom(buffer, ref from);
                    socket.SendTo(buffer.AsSpan(0, got), from);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                _ = e; // ignored: as above
            }
        });
    }

    private static string Ask(OwnedFd? from, IPAddress address, int port) => TryAsk(from, address, port, PatienceMs) ?? throw new TimeoutException($"no answer from {address}:{port}");

    private static string? TryAsk(OwnedFd? from, IPAddress address, int port, int patienceMs = DropMs)
    {
        using Socket socket = Open(from, address, SocketType.Stream);
        using CancellationTokenSource limit = new(patienceMs);
        try
        {
            socket.ConnectAsync(new IPEndPoint(address, port), limit.Token).AsTask().GetAwaiter().GetResult();
            byte[] buffer = new byte[64];
            int got = socket.ReceiveAsync(buffer, SocketFlags.None, limit.Token).AsTask().GetAwaiter().GetResult();
            return got == 0 ? null : Encoding.ASCII.GetString(buffer, 0, got);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return null;
        }
    }

    private static string AskDatagram(OwnedFd? from, IPAddress address, int port)
    {
        using Socket socket = Open(from, address, SocketType.Dgram);
        socket.ReceiveTimeout = PatienceMs;
        socket.Connect(address, port);
        socket.Send("hello"u8);
        byte[] buffer = new byte[64];
        return Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer));
    }

    private static Socket Connect(OwnedFd? from, IPAddress address, int port)
    {
        Socket socket = Open(from, address, SocketType.Stream);
        try
        {
            socket.Connect(address, port);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static Socket Open(OwnedFd? from, IPAddress address, SocketType type) =>
        from is null ? new Socket(address.AddressFamily, type, ProtocolType.IP) : NetworkNamespace.Run(from, () => new Socket(address.AddressFamily, type, ProtocolType.IP));

    private static int TryReceive(Socket socket, byte[] buffer)
    {
        try
        {
            return socket.Receive(buffer);
        }
        catch (SocketException broken) when (broken.SocketErrorCode == SocketError.ConnectionReset)
        {
            return 0;
        }
    }

    private int Supervisor(string id)
    {
        using JsonDocument state = JsonDocument.Parse(File.ReadAllText($"{_machine.Folder}/run/containers/{id}/state.json"));
        return state.RootElement.GetProperty("supervisorPid").GetInt32();
    }

    private static string Nft(string commands)
    {
        using System.Diagnostics.Process process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("nft", [commands]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = process.StandardOutput.ReadToEnd(), errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors);
        return output;
    }
}
