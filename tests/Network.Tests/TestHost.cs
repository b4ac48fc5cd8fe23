using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Rundlet.Linux;
using Rundlet.Linux.Netlink;
using Rundlet.Linux.Netlink.Route;
using Rundlet.Network.Addresses;
using Rundlet.Network.Ports;
using Rundlet.Syscalls;

namespace Rundlet.Network.Tests;

/// <summary>
/// A container host of its own: a network namespace in which the library runs as it would on a real host, and an
/// "outside" namespace beside it, joined by a wire (192.0.2.1 and 2001:db8::1 the host, .2 and ::2 outside).
/// </summary>
internal sealed class TestHost : IDisposable
{
    public static readonly IPAddress HostAddress = IPAddress.Parse("192.0.2.1");
    public static readonly IPAddress OutsideAddress = IPAddress.Parse("192.0.2.2");
    public static readonly IPAddress HostAddress6 = IPAddress.Parse("2001:db8::1");
    public static readonly IPAddress OutsideAddress6 = IPAddress.Parse("2001:db8::2");

    private const int MaxListeners = 128;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_dropPatience = TimeSpan.FromMilliseconds(600);

    private readonly List<IDisposable> _owned = [];

    private TestHost(string folder)
    {
        Folder = folder;
        Host = Own(NetworkNamespace.Create());
        Outside = Own(NetworkNamespace.Create());
    }

    public string Folder { get; }

    /// <summary>Where programs of containers listen.</summary>
    public List<PublishedPort> Listening { get; } = [];

    public OwnedFd Host { get; }

    public OwnedFd Outside { get; }

    public ContainerNetwork Network { get; private set; } = null!;

    public string NetworksFolder => Path.Combine(Folder, "networks");

    public static void SkipUnlessRoot()
    {
        if (Sys.geteuid() != 0)
            Assert.Skip("needs root to make network namespaces");
    }

    public static TestHost Create()
    {
        SkipUnlessRoot();
        TestHost host = new(Directory.CreateTempSubdirectory("rundlet-network-").FullName);
        host.In(host.Host, () =>
        {
            using RouteSocket routes = RouteSocket.Open();
            routes.AddVeth(new VethRequest("wire", "wire", host.Outside));
            SetUp(routes, HostAddress, HostAddress6);
            host.Network = host.Own(new ContainerNetwork(host.NetworksFolder, new PortListeners(MaxListeners, () => host.Listening)));
        });
        host.In(host.Outside, () =>
        {
            using RouteSocket routes = RouteSocket.Open();
            SetUp(routes, OutsideAddress, OutsideAddress6);
        });
        return host;
    }

    public void In(OwnedFd networkNamespace, Action work) => NetworkNamespace.Run(networkNamespace, work);

    public T In<T>(OwnedFd networkNamespace, Func<T> work) => NetworkNamespace.Run(networkNamespace, work);

    /// <summary>Whether the firewall sees what bridges switch (br_netfilter).</summary>
    public void FilterBridges(bool on)
    {
        const string path = "/proc/sys/net/bridge/bridge-nf-call-iptables";
        if (File.Exists(path))
            In(Host, () => File.WriteAllText(path, on ? "1" : "0"));
        else if (on)
            Assert.Skip("br_netfilter is not loaded");
    }

    /// <summary>A container on the default network.</summary>
    public (ContainerNamespace Inside, Attached Attachment) Start(string id, params string[] ports) => Start(Request(id, ports));

    public (ContainerNamespace Inside, Attached Attachment) Start(NetworkRequest request)
    {
        ContainerNamespace inside = Own(ContainerNamespace.Create());
        return (inside, new Attached(In(Host, () => Network.Connect(request, inside))));
    }

    /// <summary>A container on networks of one's own.</summary>
    public (ContainerNamespace Inside, Attached Attachment) StartOn(string id, params NetworkDefinition[] networks) =>
        Start(new NetworkRequest(id, NetworkMode.Bridge) { Endpoints = [.. networks.Select(network => new EndpointRequest(network))] });

    public static NetworkRequest Request(string id, params string[] ports) => new(id, NetworkMode.Bridge)
    {
        Endpoints = [new EndpointRequest(NetworkDefinition.Default)],
        Ports = [.. ports.SelectMany(PortRequest.Parse)],
    };

    /// <summary>A bridge network with the subnets <c>10.9.NUMBER.0/24</c> and, if asked for, <c>fd00:9:NUMBER::/64</c>.</summary>
    public static NetworkDefinition Define(int number, bool ipv6 = false) => new($"net{number}", $"net{number}", NetworkDriver.Bridge)
    {
        Ipv6 = ipv6,
        Subnets =
        [
            new SubnetDefinition(Subnet.Parse($"10.9.{number}.0/24")),
            .. ipv6 ? (SubnetDefinition[])[new SubnetDefinition(Subnet.Parse($"fd00:9:{number:x}::/64"))] : [],
        ],
    };

    /// <summary>A server that answers each TCP connection with the address it sees, until the test ends.</summary>
    public void Serve(OwnedFd networkNamespace, int port, AddressFamily family = AddressFamily.InterNetwork)
    {
        Socket listener = In(networkNamespace, () =>
        {
            Socket socket = new(family, SocketType.Stream, ProtocolType.Tcp);
            if (family == AddressFamily.InterNetworkV6)
                socket.DualMode = false;
            socket.Bind(new IPEndPoint(family == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, port));
            socket.Listen();
            return socket;
        });
        Own(listener);
        _ = Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    using Socket peer = await listener.AcceptAsync();
                    await peer.SendAsync(Encoding.ASCII.GetBytes(((IPEndPoint)peer.RemoteEndPoint!).Address.ToString()));
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                _ = e; // ignored: the test is over and its listener closed
            }
        });
    }

    /// <summary>The address that a server sees this client at.</summary>
    public string Ask(OwnedFd from, IPAddress address, int port) => TryAsk(from, address, port, s_patience)
        ?? throw new TimeoutException($"no answer from {address}:{port}\n{Tool(Host, "nft", "list ruleset")}");

    /// <summary>As <see cref="Ask"/>; null when the connection is refused or the packets are dropped.</summary>
    public string? TryAsk(OwnedFd from, IPAddress address, int port) => TryAsk(from, address, port, s_dropPatience);

    private string? TryAsk(OwnedFd from, IPAddress address, int port, TimeSpan patience)
    {
        using Socket socket = In(from, () => new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        using CancellationTokenSource limit = new(patience);
        try
        {
            socket.ConnectAsync(new IPEndPoint(address, port), limit.Token).AsTask().GetAwaiter().GetResult();
            byte[] buffer = new byte[64];
            int got = socket.ReceiveAsync(buffer, SocketFlags.None, limit.Token).AsTask().GetAwaiter().GetResult();
            return Encoding.ASCII.GetString(buffer, 0, got);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Runs a tool in a namespace and gives its output.</summary>
    public string Tool(OwnedFd networkNamespace, string program, string arguments) => In(networkNamespace, () =>
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {arguments}: {errors.Result}");
        return output;
    });

    public T Own<T>(T resource) where T : IDisposable
    {
        _owned.Add(resource);
        return resource;
    }

    public void Dispose()
    {
        for (int i = _owned.Count - 1; i >= 0; i--)
            _owned[i].Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static void SetUp(RouteSocket routes, IPAddress address, IPAddress address6)
    {
        NetlinkBatch batch = new();
        RouteSocket.SetUp(batch, 1, "lo");
        int wire = routes.TryGetLink("wire")!.Index;
        RouteSocket.SetUp(batch, wire, "wire");
        RouteSocket.AddAddress(batch, wire, address, 24);
        RouteSocket.AddAddress(batch, wire, address6, 64);
        routes.Execute(batch);
    }
}
