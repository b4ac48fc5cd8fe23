using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Rundlet.Linux;
using Rundlet.Linux.Netlink;
using Rundlet.Linux.Netlink.Route;

namespace Rundlet.Cli.Tests;

/// <summary>Another host: a network namespace at the other end of a wire. Where its number is N, 198.18.N.1 and 2001:db8:N::1 are this end, .2 and ::2 that one.</summary>
internal sealed class OutsideHost : IDisposable
{
    private const int Loopback = 1, PatienceMs = 10_000;

    private static int s_count;

    public OutsideHost()
    {
        Number = Interlocked.Increment(ref s_count);
        Wire = $"wire{Number}";
        Namespace = NetworkNamespace.Create();
        using RouteSocket routes = RouteSocket.Open();
        routes.AddVeth(new VethRequest(Wire, Wire, Namespace));
        SetUp(routes, Here, Here6);
        NetworkNamespace.Run(Namespace, () =>
        {
            using RouteSocket there = RouteSocket.Open();
            SetUp(there, There, There6);
        });
    }

    /// <summary>Of all that a program of tests makes.</summary>
    public int Number { get; }

    /// <summary>Its network.</summary>
    public OwnedFd Namespace { get; }

    /// <summary>What the wire is called at both ends.</summary>
    public string Wire { get; }

    public IPAddress Here => IPAddress.Parse($"198.18.{Number}.1");

    public IPAddress There => IPAddress.Parse($"198.18.{Number}.2");

    public IPAddress Here6 => IPAddress.Parse($"2001:db8:{Number}::1");

    public IPAddress There6 => IPAddress.Parse($"2001:db8:{Number}::2");

    /// <summary>Runs a program there.</summary>
    public void Tool(string program, params string[] arguments) => NetworkNamespace.Run(Namespace, () =>
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}");
    });

    /// <summary>The address at which a server there, at an address of its own, sees a client that connects by TCP.</summary>
    public string Seen(IPAddress server, Func<Socket> openClient)
    {
        using Socket listener = NetworkNamespace.Run(Namespace, () => new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        listener.Bind(new IPEndPoint(server, 0));
        listener.Listen();
        using Socket client = openClient();
        return Seen(listener, client, server, ((IPEndPoint)listener.LocalEndPoint!).Port);
    }

    /// <summary>Connects, has a byte go each way, and tells which address of the client the listener sees.</summary>
    public static string Seen(Socket listener, Socket client, IPAddress address, int port)
    {
        using CancellationTokenSource limit = new(PatienceMs);
        client.ConnectAsync(new IPEndPoint(address, port), limit.Token).AsTask().GetAwaiter().GetResult();
        using Socket server = listener.AcceptAsync(limit.Token).AsTask().GetAwaiter().GetResult();
        byte[] buffer = new byte[64];
        client.SendAsync(Encoding.ASCII.GetBytes("asked"), SocketFlags.None, limit.Token).AsTask().GetAwaiter().GetResult();
        int got = server.ReceiveAsync(buffer, SocketFlags.None, limit.Token).AsTask().GetAwaiter().GetResult();
        Assert.Equal("asked", Encoding.ASCII.GetString(buffer, 0, got));
        server.SendAsync(Encoding.ASCII.GetBytes("answered"), SocketFlags.None, limit.Token).AsTask().GetAwaiter().GetResult();
        got = client.ReceiveAsync(buffer, SocketFlags.None, limit.Token).AsTask().GetAwaiter().GetResult();
        Assert.Equal("answered", Encoding.ASCII.GetString(buffer, 0, got));
        return ((IPEndPoint)server.RemoteEndPoint!).Address.ToString();
    }

    public void Dispose() => Namespace.Dispose();

    private void SetUp(RouteSocket routes, IPAddress address, IPAddress address6)
    {
        NetlinkBatch batch = new();
        int link = routes.TryGetLink(Wire)!.Index;
        RouteSocket.SetUp(batch, Loopback, "lo");
        RouteSocket.SetUp(batch, link, Wire);
        RouteSocket.AddAddress(batch, link, address, 24);
        RouteSocket.AddAddress(batch, link, address6, 64);
        routes.Execute(batch);
    }
}
