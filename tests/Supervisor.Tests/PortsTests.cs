using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Rundlet.Linux;
using Rundlet.Linux.Netlink;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Runtime.Supervision;
using Rundlet.Supervisor.Proxy;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor.Tests;

/// <summary>Ports at which a supervisor listens. The container's side is a server of the test's own on the loopback: what matters here is what is between.</summary>
public sealed partial class PortsTests
{
    // Each test has a loopback address of its own, so that ports of others are in nobody's way.
    private static int s_count;

    private readonly IPAddress _here = new([127, 77, (byte)(Environment.ProcessId & 0xff), (byte)Interlocked.Increment(ref s_count)]);

    [Fact]
    public async Task All_that_comes_reaches_the_container_and_all_answers_the_client()
    {
        using Socket server = Listen();
        using TestContainer web = Start(Port(8080, server));
        using Socket client = Connect(8080), inside = server.Accept();
        byte[] sent = RandomNumberGenerator.GetBytes(8 << 20);
        Task<byte[]> up = Task.Run(() => ReadToEnd(inside)), down = Task.Run(() => ReadToEnd(client));
        Task answer = Task.Run(() =>
        {
            SendAll(inside, sent);
            inside.Shutdown(SocketShutdown.Send);
        });
        SendAll(client, sent);
        client.Shutdown(SocketShutdown.Send);
        await answer;
        Assert.Equal(SHA256.HashData(sent), SHA256.HashData(await up));
        Assert.Equal(SHA256.HashData(sent), SHA256.HashData(await down));
    }

    [Fact]
    public void A_client_that_has_said_all_still_gets_the_answer()
    {
        using Socket server = Listen();
        using TestContainer web = Start(Port(8080, server));
        using Socket client = Connect(8080), inside = server.Accept();
        client.Send("question"u8);
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal("question", Encoding.ASCII.GetString(ReadToEnd(inside)));
        inside.Send("answer"u8);
        Assert.Equal("answer", Receive(client, 6));
        inside.Shutdown(SocketShutdown.Send);
        Assert.Empty(ReadToEnd(client));
    }

    [Fact]
    public void The_ipv6_loopback_leads_to_an_ipv4_address()
    {
        using OwnedFd host = NetworkNamespace.Create(() =>
        {
            using RouteSocket routes = RouteSocket.Open();
            NetlinkBatch batch = new();
            RouteSocket.SetUp(batch, 1, "lo");
            routes.Execute(batch);
        });
        NetworkNamespace.Run(host, () =>
        {
            using Socket server = Listen(), datagrams = Bind(new IPEndPoint(_here, 0));
            IPEndPoint at = new(IPAddress.IPv6Loopback, 8080), all = new(IPAddress.IPv6Any, 8081);
            using TestContainer web = Start(
                new ProxiedPort(false, at, (IPEndPoint)server.LocalEndPoint!), new ProxiedPort(false, all, (IPEndPoint)server.LocalEndPoint!),
                new ProxiedPort(true, all, (IPEndPoint)datagrams.LocalEndPoint!));
            foreach (int port in (int[])[8080, 8081])
            {
                using Socket client = new(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
                client.Connect(IPAddress.IPv6Loopback, port);
                using Socket inside = server.Accept();
                inside.Send("six"u8);
                Assert.Equal("six", Receive(client, 3));
            }
            Assert.False(TryConnect(8081)); // of one family alone
            using Socket asks = Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
            asks.SendTo("hello"u8, new IPEndPoint(IPAddress.IPv6Loopback, 8081));
            datagrams.SendTo("answer"u8, TakeDatagram(datagrams).From);
            Assert.Equal(("answer", new IPEndPoint(IPAddress.IPv6Loopback, 8081)), TakeDatagram(asks));
        });
    }

    [Fact]
    public void A_connection_that_breaks_is_broken_on_the_other_side_too()
    {
        using Socket server = Listen();
        using TestContainer web = Start(Port(8080, server), new ProxiedPort(false, new IPEndPoint(_here, 8081), new IPEndPoint(_here, 9)));
        using (Socket client = Connect(8080), inside = server.Accept())
        {
            inside.Send("half"u8);
            Assert.Equal("half", Receive(client, 4));
            inside.LingerState = new LingerOption(true, 0);
            inside.Dispose();
            Assert.Equal(SocketError.ConnectionReset, Assert.Throws<SocketException>(() => Receive(client, 1)).SocketErrorCode);
        }
        using Socket refused = Connect(8081); // nobody listens in there
        Assert.Equal(SocketError.ConnectionReset, Assert.Throws<SocketException>(() => Receive(refused, 1)).SocketErrorCode);
    }

    [Fact]
    public void Who_does_not_read_stops_who_sends_and_nobody_else()
    {
        using Socket server = Listen();
        using TestContainer web = Start(Port(8080, server));
        using Socket client = Connect(8080), inside = server.Accept();
        client.Blocking = false;
        byte[] chunk = new byte[64 << 10];
        long accepted = 0, until = Environment.TickCount64 + 1000;
        while (Environment.TickCount64 < until && accepted < 256 << 20)
        {
            if (client.Poll(50_000, SelectMode.SelectWrite))
                accepted += client.Send(chunk, SocketFlags.None, out _);
        }
        Assert.InRange(accepted, 1, 64 << 20); // the kernel's buffers, and no more
        Assert.InRange(Cpu(web, () => Assert.False(client.Poll(300_000, SelectMode.SelectRead))), 0, 100); // and it does not turn in a circle meanwhile
        using Socket other = Connect(8080), otherInside = server.Accept();
        other.Send("x"u8);
        Assert.Equal("x", Receive(otherInside, 1));
        client.Blocking = true;
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal(accepted, ReadToEnd(inside).Length);
    }

    [Fact]
    public void A_killed_supervisor_takes_its_connections_along_and_the_next_one_listens_again()
    {
        using Socket server = Listen();
        using TestContainer web = Start(Port(8080, server));
        for (int i = 0; i < 2; i++)
        {
            using Socket client = Connect(8080), inside = server.Accept();
            client.Send("x"u8);
            Assert.Equal("x", Receive(inside, 1));
            web.KillSupervisor();
            Assert.Throws<SocketException>(() => Connect(8080));
            Assert.Equal(0, SafeRead(inside));
            web.Adopt();
            Until(() => TryConnect(8080));
            server.Accept().Dispose();
        }
    }

    [Fact]
    public void Ports_come_and_go_while_the_container_runs_and_connections_stay()
    {
        using Socket server = Listen(), second = Listen();
        using TestContainer web = Start(Port(8080, server));
        using Socket client = Connect(8080), inside = server.Accept();
        Bring(web, Port(8081, second));
        Assert.False(TryConnect(8080));
        inside.Send("x"u8);
        Assert.Equal("x", Receive(client, 1));
        using Socket other = Connect(8081), otherInside = second.Accept();
        Bring(web, Port(8081, server)); // the same place, and it leads elsewhere
        using Socket moved = Connect(8081), movedInside = server.Accept();
        Bring(web);
        Assert.False(TryConnect(8081));
        movedInside.Send("y"u8);
        Assert.Equal("y", Receive(moved, 1));
    }

    [Fact]
    public void A_port_that_is_taken_is_a_conflict_and_the_others_are_served()
    {
        using Socket server = Listen(), rival = Listen();
        int taken = ((IPEndPoint)rival.LocalEndPoint!).Port;
        using TestContainer web = Start(Port(8080, server));
        ContainerException conflict = Assert.Throws<ContainerException>(() => Bring(web, Port(taken, server), Port(8081, server)));
        Assert.Equal($"port {_here}:{taken}/tcp is already taken by another program", conflict.Message);
        Assert.Equal(ContainerErrorKind.Conflict, conflict.Kind);
        using Socket client = Connect(8081), inside = server.Accept();

        ContainerException failed = Assert.Throws<ContainerException>(() => Start(Port(taken, server)));
        Assert.Equal(conflict.Message, failed.Message);
    }

    [Fact]
    public void The_next_life_has_the_same_ports_and_an_end_frees_them()
    {
        using Socket server = Listen();
        using TestContainer web = Start(new TestContainer.Options(Restart: "always"), Port(8080, server));
        using Socket client = Connect(8080), inside = server.Accept();
        RestartTests.KillProgram(web);
        RestartTests.UntilItRuns(web, restarts: 1);
        using Socket later = Connect(8080), laterInside = server.Accept();
        using SupervisorConnection connection = web.Connect();
        connection.Stop(SIG.KILL); // answered when it has ended
        Assert.False(TryConnect(8080));
        web.WaitForSupervisor();
        Assert.Equal(0, SafeRead(laterInside));
    }

    [Fact]
    public void More_connections_than_there_may_be_wait_for_their_turn()
    {
        using Socket server = Listen();
        using TestContainer web = Start(Port(8080, server));
        Until(() => TryConnect(8080));
        server.Accept().Dispose();
        int most = StreamProxy.LimitOf(SoftFiles(web.SupervisorPid));
        List<Socket> clients = [], inside = [];
        for (int i = 0; i < most; i++)
        {
            clients.Add(Connect(8080));
            inside.Add(server.Accept());
        }
        clients.Add(Connect(8080)); // the kernel has it, and nobody else
        clients[^1].Send("late"u8);
        Assert.InRange(Cpu(web, () => Assert.False(server.Poll(300_000, SelectMode.SelectRead))), 0, 100);
        Assert.InRange(Files(web), 2 * most, (2 * most) + 64);
        clients[0].Dispose();
        inside[0].Dispose();
        inside.Add(server.Accept());
        Assert.Equal("late", Receive(inside[^1], 4));
        clients.Concat(inside).ToList().ForEach(socket => socket.Dispose());
        Until(() => Files(web) < 64);
    }

    [Fact]
    public void Datagrams_go_both_ways_and_answers_come_from_the_address_that_was_asked()
    {
        using Socket server = Bind(new IPEndPoint(_here, 0));
        IPEndPoint everywhere = new(IPAddress.Any, FreePort());
        using TestContainer web = Start(new ProxiedPort(true, everywhere, (IPEndPoint)server.LocalEndPoint!));
        List<(Socket Client, EndPoint Inside)> clients = [];
        for (int i = 0; i < 3; i++)
        {
            Socket client = Bind(new IPEndPoint(IPAddress.Loopback, 0));
            client.SendTo(Encoding.ASCII.GetBytes($"hello {i}"), new IPEndPoint(_here, everywhere.Port));
            (string text, EndPoint from) = TakeDatagram(server);
            Assert.Equal($"hello {i}", text);
            clients.Add((client, from));
        }
        Assert.Equal(3, clients.Select(client => client.Inside).Distinct().Count());
        foreach ((Socket client, EndPoint inside) in clients)
        {
            server.SendTo("answer"u8, inside);
            Assert.Equal(("answer", new IPEndPoint(_here, everywhere.Port)), TakeDatagram(client));
            client.Dispose();
        }
    }

    [Fact]
    public void Too_many_clients_of_datagrams_push_out_the_oldest_alone()
    {
        using Socket server = Bind(new IPEndPoint(_here, 0)), first = Bind(new IPEndPoint(_here, 0));
        IPEndPoint at = new(_here, 8080);
        using TestContainer web = Start(new ProxiedPort(true, at, (IPEndPoint)server.LocalEndPoint!));
        first.SendTo("first"u8, at);
        EndPoint oldest = TakeDatagram(server).From;
        for (int i = 0; i < DatagramProxy.MaxFlows + 50; i++)
        {
            using Socket client = Bind(new IPEndPoint(_here, 0));
            client.SendTo("x"u8, at);
            TakeDatagram(server);
        }
        Assert.InRange(Files(web), DatagramProxy.MaxFlows, DatagramProxy.MaxFlows + 64);
        server.SendTo("too late"u8, oldest);
        first.SendTo("again"u8, at);
        (string text, EndPoint from) = TakeDatagram(server);
        Assert.Equal("again", text);
        server.SendTo("answer"u8, from);
        Assert.Equal("answer", TakeDatagram(first).Text);
    }

    [Fact]
    public void Lines_of_another_form_are_passed_over()
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder[ProxiedPorts.FileName], "tcp\ntcp [::]:0 1.2.3.4:5\nsctp 1.2.3.4:5 1.2.3.4:5\ntcp a b\ntcp 1.2.3.4:5 1.2.3.4:99999\n\0\xff\n");
        Assert.Empty(ProxiedPorts.Read(folder.Path));
        File.WriteAllText(folder[ProxiedPorts.FileName], string.Concat(Enumerable.Range(1, 1000).Select(port => $"udp [::1]:{port} 10.0.0.1:{port}\n")));
        Assert.Equal(ProxiedPorts.Max, ProxiedPorts.Read(folder.Path).Count);
        Assert.True(ProxiedPorts.Write(folder.Path, []));
        ProxiedPort port = new(true, new IPEndPoint(IPAddress.IPv6Any, 53), new IPEndPoint(IPAddress.Parse("172.30.0.2"), 53));
        Assert.False(ProxiedPorts.Write(folder.Path, []));
        Assert.True(ProxiedPorts.Write(folder.Path, [port]));
        Assert.Equal([port], ProxiedPorts.Read(folder.Path));
        Assert.True(ProxiedPorts.Write(folder.Path, []));
        Assert.Empty(ProxiedPorts.Read(folder.Path));
    }

    [Fact]
    public void The_limit_of_open_files_bounds_the_connections()
    {
        Assert.Equal(StreamProxy.MaxConnections, StreamProxy.LimitOf(ulong.MaxValue));
        Assert.Equal(106, StreamProxy.LimitOf(1024));
        Assert.Equal(16, StreamProxy.LimitOf(64));
    }
}
