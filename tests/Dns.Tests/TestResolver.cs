using System.Net;
using System.Net.Sockets;
using Rundlet.Dns.Names;
using Rundlet.Dns.Serving;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Dns.Tests;

/// <summary>A resolver on the loopback with a thread of its own, a network "front" in a folder, and servers of the test's choice.</summary>
internal sealed class TestResolver : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    private readonly Resolver _resolver;
    private readonly Thread _thread;
    private readonly OwnedFd _stop = OwnedFd.FromAnswer(Sys.eventfd2(0, 0), "eventfd2");
    private readonly string _folder = Directory.CreateTempSubdirectory("rundlet-resolver-").FullName;
    private Exception? _failed;

    public TestResolver(params IPEndPoint[] servers)
    {
        ResolverSockets sockets = ResolverSockets.Bind(IPAddress.Loopback, 0);
        EndPoint = new IPEndPoint(IPAddress.Loopback, sockets.Port);
        Names = new Source([new NetworkZone("Front", NetworkFolder, id => !Ended.Contains(id))], [.. servers.Select(server => new NameServer(server, FromHost: true))]);
        _resolver = new Resolver(Names, sockets, new NamespaceSwitch());
        _thread = new Thread(Serve) { IsBackground = true };
        _thread.Start();
    }

    public IPEndPoint EndPoint { get; }

    public Source Names { get; }

    public HashSet<string> Ended { get; } = [];

    public string NetworkFolder => _folder;

    public int Turns { get; private set; }

    public Resolver Resolver => _resolver;

    public void Add(string id, string[] names, params string[] addresses) =>
        NetworkNames.Write(_folder, id, new NamesRecord { Names = names, Addresses = [.. addresses.Select(IPAddress.Parse)] });

    /// <summary>Asks by UDP.</summary>
    public Message Ask(string name, string type = "A", int edns = 0) => Ask(Message.Query(name, type, edns));

    public Message Ask(byte[] query)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = (int)s_patience.TotalMilliseconds };
        socket.Connect(EndPoint);
        socket.Send(query);
        byte[] buffer = new byte[65536];
        return new Message(buffer[..socket.Receive(buffer)]);
    }

    /// <summary>Asks by TCP, all at once, and gives the answers in the order in which they came.</summary>
    public List<Message> AskStream(params byte[][] queries)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = (int)s_patience.TotalMilliseconds };
        socket.Connect(EndPoint);
        socket.Send([.. queries.SelectMany(query => (byte[])[(byte)(query.Length >> 8), (byte)query.Length, .. query])]);
        return [.. queries.Select(_ => Read(socket))];
    }

    public static Message Read(Socket socket)
    {
        byte[] length = Exactly(socket, 2);
        return new Message(Exactly(socket, length[0] << 8 | length[1]));
    }

    public static byte[] Exactly(Socket socket, int count)
    {
        byte[] buffer = new byte[count];
        for (int have = 0; have < count;)
        {
            int got = socket.Receive(buffer.AsSpan(have));
            if (got == 0)
                throw new EndOfStreamException();
            have += got;
        }
        return buffer;
    }

    public void Dispose()
    {
        Sys.write(_stop.Value, BitConverter.GetBytes(1UL));
        Assert.True(_thread.Join(s_patience));
        _resolver.Dispose();
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
        Assert.Null(_failed);
    }

    private void Serve()
    {
        try
        {
            Span<pollfd> fds = [new pollfd { fd = _resolver.Fd.Value, events = POLL.IN }, new pollfd { fd = _stop.Value, events = POLL.IN }];
            while (true)
            {
                if (Sys.poll(fds, -1) < 0)
                    continue;
                if (fds[1].revents != 0)
                    return;
                _resolver.Turn();
                Turns++;
            }
        }
        catch (Exception failed)
        {
            _failed = failed;
        }
    }

    public sealed class Source(List<NetworkZone> zones, List<NameServer> servers) : INameSource
    {
        public int Generation => 0;

        public IReadOnlyList<NetworkZone> Zones => zones;

        public IReadOnlyList<NameServer> Servers => servers;

        public bool ForwardsSingleLabels { get; set; } = true;

        public bool IsAll { get; set; }

        public void Refresh() => zones.ForEach(zone => zone.Refresh());
    }
}
