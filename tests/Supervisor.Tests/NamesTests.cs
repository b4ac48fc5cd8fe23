using System.Net;
using System.Net.Sockets;
using Rundlet.Dns.Names;
using Rundlet.Dns.Tests;
using Rundlet.Linux;
using Rundlet.Linux.Netlink;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Runtime.Supervision;
using Rundlet.Syscalls;

namespace Rundlet.Supervisor.Tests;

/// <summary>Names of containers, as they are seen from inside a container.</summary>
public sealed class NamesTests : IDisposable
{
    private const string Sleeper = "while :; do sleep 1000; done";
    private const int PatienceMs = 10_000;

    private static readonly IPEndPoint s_server = new(IPAddress.Parse("127.0.0.11"), 53);

    private readonly TemporaryFolder _folder = new();
    private readonly List<OwnedFd> _networks = [];

    [Theory]
    [InlineData("db", "172.30.0.3")]
    [InlineData("DATABASE", "172.30.0.3")]
    [InlineData("db.front", "172.30.0.3")]
    [InlineData("web", "172.30.0.2")]
    public void Two_containers_find_each_other_by_name_and_alias(string name, string address)
    {
        using TestContainer web = Start("web", "172.30.0.2", out OwnedFd inside);
        using TestContainer db = Start("db", "172.30.0.3", out OwnedFd other, "database");
        Introduce(web, db);
        Assert.Equal([address], Ask(inside, name).Addresses);
        Assert.Equal([address], AskStream(inside, name).Addresses);
        Assert.Equal([address], Ask(other, name).Addresses);
    }

    [Fact]
    public void A_program_in_the_container_finds_names_by_its_resolv_conf()
    {
        using TestContainer web = Start("web", "172.30.0.2", out _);
        Assert.Contains("172.30.0.2", Exec(web, "echo nameserver 127.0.0.11 > /etc/resolv.conf; nslookup web"));
    }

    [Fact]
    public void Who_has_ended_has_no_name_any_more()
    {
        using TestContainer web = Start("web", "172.30.0.2", out OwnedFd inside);
        using (TestContainer db = Start("db", "172.30.0.3", out _))
        {
            Introduce(web, db);
            Assert.Equal(["172.30.0.3"], Ask(inside, "db").Addresses);
            using SupervisorConnection client = db.Connect();
            client.Stop(SIG.KILL);
            db.WaitForSupervisor();
            // What was believed to run a moment ago may be believed a second longer.
            long until = Environment.TickCount64 + 3000;
            while (Environment.TickCount64 < until && Ask(inside, "db").Answers > 0)
                Thread.Yield();
            Assert.Empty(Ask(inside, "db").Addresses);
        }
    }

    [Fact]
    public void A_nameserver_of_the_container_itself_has_port_53_at_all_addresses()
    {
        using TestContainer web = Start("web", "172.30.0.2", out OwnedFd inside, servers: "127.0.0.1");
        using OwnServer own = NetworkNamespace.Run(inside, () => new OwnServer(IPAddress.Any, "192.0.2.99"));
        Assert.Equal(["192.0.2.99"], Ask(inside, "web", new IPEndPoint(IPAddress.Loopback, 53)).Addresses);
        Assert.Equal(["172.30.0.2"], Ask(inside, "web").Addresses);
        Assert.Equal(["172.30.0.2"], AskStream(inside, "web").Addresses);
        Assert.Equal(["192.0.2.99"], Ask(inside, "example.org").Addresses); // by ours to theirs
    }

    [Fact]
    public void Another_supervisor_serves_the_same_names()
    {
        using TestContainer web = Start("web", "172.30.0.2", out OwnedFd inside);
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(["172.30.0.2"], AskStream(inside, "web").Addresses);
            web.KillSupervisor();
            web.Adopt();
        }
        Assert.Equal(["172.30.0.2"], Ask(inside, "web").Addresses);
        Assert.Equal(["172.30.0.2"], AskStream(inside, "web").Addresses);
    }

    [Fact]
    public void The_next_life_of_a_container_has_names_too()
    {
        using TestContainer web = Start("web", "172.30.0.2", out OwnedFd inside, options: new(Restart: "always"));
        RestartTests.KillProgram(web);
        RestartTests.UntilItRuns(web, restarts: 1);
        Assert.Equal(["172.30.0.2"], Ask(inside, "web").Addresses);
        using SupervisorConnection client = web.Connect();
        client.Stop(SIG.KILL);
    }

    [Fact]
    public void A_network_that_is_connected_later_brings_names()
    {
        OwnedFd inside = MakeNetwork();
        using TestContainer web = TestContainer.RunIn(inside, Sleeper, _ => { });
        using SupervisorConnection client = web.Connect();
        client.ServeNames(); // nothing to serve
        Publish(web, "web", "172.30.0.2", []);
        client.ServeNames();
        client.ServeNames();
        Assert.Equal(["172.30.0.2"], Ask(inside, "web").Addresses);
    }

    [Fact]
    public void An_internal_network_asks_nobody_and_says_so_at_once()
    {
        using TestContainer web = Start("web", "172.30.0.2", out OwnedFd inside, servers: "198.51.100.53");
        long began = Environment.TickCount64;
        Assert.Equal(2, Ask(inside, "example.org").Rcode); // the namespace has no way there
        Assert.InRange(Environment.TickCount64 - began, 0, 1500);
    }

    [Fact]
    public void A_flood_of_questions_keeps_nobody_from_the_control_socket()
    {
        using TestContainer web = Start("web", "172.30.0.2", out OwnedFd inside, servers: "127.0.0.2");
        using OwnServer silent = NetworkNamespace.Run(inside, () => new OwnServer(IPAddress.Parse("127.0.0.2"), null));
        using Socket flood = NetworkNamespace.Run(inside, () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        flood.Connect(s_server);
        using SupervisorConnection client = web.Connect();
        byte[] known = Message.Query("web"), unknown = Message.Query("n.example");
        long slowest = 0;
        for (int i = 0; i < 100_000; i++)
        {
            flood.Send(i % 2 == 0 ? known : unknown);
            if (i % 5000 != 0)
                continue;
            long began = Environment.TickCount64;
            Assert.Equal(web.Pid, client.State().Pid);
            slowest = Math.Max(slowest, Environment.TickCount64 - began);
        }
        Assert.InRange(slowest, 0, 2000);
        Assert.Equal(["172.30.0.2"], AskStream(inside, "web").Addresses);
        string status = File.ReadAllText($"/proc/{web.SupervisorPid}/status");
        long resident = long.Parse(status.Split("VmRSS:")[1].Split("kB")[0]);
        Assert.InRange(resident, 0, 24 << 10); // KiB
    }

    public void Dispose()
    {
        _networks.ForEach(network => network.Dispose());
        _folder.Dispose();
    }

    private TestContainer Start(string name, string address, out OwnedFd inside, string? alias = null, string? servers = null, TestContainer.Options? options = null)
    {
        inside = MakeNetwork();
        return TestContainer.RunIn(inside, Sleeper, container => Publish(container, name, address, alias is null ? [] : [alias], servers), options);
    }

    private OwnedFd MakeNetwork()
    {
        SupervisorBinary.Require();
        OwnedFd network = NetworkNamespace.Create(() =>
        {
            using RouteSocket routes = RouteSocket.Open();
            NetlinkBatch batch = new();
            RouteSocket.SetUp(batch, 1, "lo");
            routes.Execute(batch);
        });
        _networks.Add(network);
        return network;
    }

    private void Publish(TestContainer container, string name, string address, string[] aliases, string? servers = null)
    {
        NetworkNames.Write(_folder.Path, container.Id, new NamesRecord { Addresses = [IPAddress.Parse(address)], Names = [name, .. aliases] });
        new ResolverConfig { Networks = [("front", _folder.Path)], Servers = servers is null ? [IPAddress.Parse("127.0.0.3")] : [IPAddress.Parse(servers)] }.Write(container.RunFolder);
    }

    // Beside each other, as the engine has run folders.
    private static void Introduce(TestContainer one, TestContainer other)
    {
        File.CreateSymbolicLink(Path.Combine(Path.GetDirectoryName(one.RunFolder)!, other.Id), other.RunFolder);
        File.CreateSymbolicLink(Path.Combine(Path.GetDirectoryName(other.RunFolder)!, one.Id), one.RunFolder);
    }

    private static string Exec(TestContainer container, string script)
    {
        using SupervisorConnection client = container.Connect();
        LinuxException.ThrowIfError(Sys.pipe2(out int reading, out int writing, 0), "pipe2");
        using FileStream output = new(new Microsoft.Win32.SafeHandles.SafeFileHandle(reading, true), FileAccess.Read);
        using (OwnedFd theirs = new(writing))
        using (OwnedFd nothing = FileIo.Open(Sys.AT_FDCWD, "/dev/null", O.RDONLY))
            client.Exec(TestContainer.ProcessOf(["/bin/sh", "-c", script]), [nothing.Value, writing, writing], detach: false).Terminal?.Dispose();
        string text = new StreamReader(output).ReadToEnd();
        client.WaitExit();
        return text;
    }

    private static Message Ask(OwnedFd inside, string name, IPEndPoint? server = null)
    {
        using Socket socket = NetworkNamespace.Run(inside, () => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        socket.ReceiveTimeout = PatienceMs;
        socket.Connect(server ?? s_server);
        socket.Send(Message.Query(name));
        byte[] buffer = new byte[4096];
        return new Message(buffer[..socket.Receive(buffer)]);
    }

    private static Message AskStream(OwnedFd inside, string name)
    {
        using Socket socket = NetworkNamespace.Run(inside, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        socket.ReceiveTimeout = PatienceMs;
        socket.Connect(s_server);
        byte[] query = Message.Query(name), buffer = new byte[4096];
        socket.Send([0, (byte)query.Length, .. query]);
        int have = 0;
        while (have < 2 || have < 2 + (buffer[0] << 8 | buffer[1]))
        {
            int got = socket.Receive(buffer.AsSpan(have));
            Assert.NotEqual(0, got);
            have += got;
        }
        return new Message(buffer[2..have]);
    }

    /// <summary>A nameserver that knows one address, or says nothing. Made in the thread's network namespace.</summary>
    private sealed class OwnServer : IDisposable
    {
        private readonly Socket _datagrams = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        public OwnServer(IPAddress at, string? address)
        {
            _datagrams.Bind(new IPEndPoint(at, 53));
            _listener.Bind(new IPEndPoint(at, 53));
            _listener.Listen();
            if (address is not null)
                new Thread(() => Serve(address)) { IsBackground = true }.Start();
        }

        public void Dispose()
        {
            _datagrams.Dispose();
            _listener.Dispose();
        }

        private void Serve(string address)
        {
            byte[] buffer = new byte[4096];
            try
            {
                while (true)
                {
                    EndPoint client = new IPEndPoint(IPAddress.Any, 0);
                    int got = _datagrams.ReceiveFrom(buffer, ref client);
                    _datagrams.SendTo(Message.Reply(buffer[..got], 0, $"A 0 {address}"), client);
                }
            }
            catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
            {
                _ = ended; // ignored: the test is over
            }
        }
    }
}
