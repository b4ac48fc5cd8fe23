using System.Net;
using System.Net.Sockets;
using Rundlet.Linux;
using Rundlet.Linux.Netlink;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Tests;

/// <summary>Published ports of SCTP, by associations that are really made.</summary>
public sealed class SctpTests : IDisposable
{
    private const int Protocol = 132; // IPPROTO_SCTP

    private readonly Machine _machine = new();
    private readonly OutsideHost _outside = new();

    public void Dispose()
    {
        _outside.Dispose();
        _machine.Dispose();
    }

    [Fact]
    public void Clients_from_outside_the_host_and_its_neighbour_reach_a_published_port_and_one_from_outside_keeps_its_address()
    {
        SkipUnlessKernelHasIt();
        string id = Must("run", "-d", "--name", "peer", "-p", "34121:9/sctp", "shell", "sleep", "1000").Trim();
        Must("run", "-d", "--name", "neighbour", "shell", "sleep", "1000");
        Assert.Equal("0.0.0.0:34121->9/sctp\n", Must("ps", "--filter", "name=peer", "--format", "{{.Ports}}"));
        string gateway = Must("inspect", "-f", "{{.NetworkSettings.Gateway}}", "peer").Trim();
        for (int life = 0; life < 2; life++)
        {
            using (OwnedFd inside = Inside("peer"), neighbour = Inside("neighbour"))
            using (Socket listener = Listen(inside, IPAddress.Any, 9))
            {
                Assert.Equal(_outside.There.ToString(), Seen(listener, _outside.Namespace, _outside.Here, 34121));
                Assert.Equal(gateway, Seen(listener, null, IPAddress.Loopback, 34121));
                Assert.NotEmpty(Seen(listener, null, _outside.Here, 34121));
                Assert.Equal(gateway, Seen(listener, neighbour, _outside.Here, 34121));
                Assert.Equal(gateway, Seen(listener, inside, _outside.Here, 34121));
            }
            Must("restart", "-t", "0", "peer");
        }
        Must("update", "--publish-rm", "9/sctp", "--publish-add", "34122:10/sctp", "peer");
        using (OwnedFd inside = Inside("peer"))
        using (Socket listener = Listen(inside, IPAddress.Any, 10))
            Assert.Equal(_outside.There.ToString(), Seen(listener, _outside.Namespace, _outside.Here, 34122));
        Result taken = _machine.Run("run", "-p", "34122:9/sctp", "shell", "true");
        Assert.Equal((125, $"rundlet: set up network 'bridge': port 34122/sctp is already taken by container '{id}'\n"), (taken.Code, taken.Error));
    }

    [Fact]
    public void It_is_published_by_ipv6_too_and_beside_the_same_port_of_tcp()
    {
        SkipUnlessKernelHasIt();
        Must("network", "create", "--ipv6", "front");
        Must("run", "-d", "--name", "peer", "--network", "front", "-p", "34123:9/sctp", "-p", "34123:9", "shell", "sleep", "1000");
        using OwnedFd inside = Inside("peer");
        using Socket listener = Listen(inside, IPAddress.IPv6Any, 9);
        Assert.Equal(_outside.There6.ToString(), Seen(listener, _outside.Namespace, _outside.Here6, 34123));
    }

    [Fact]
    public void A_port_that_a_program_of_the_host_has_is_refused()
    {
        SkipUnlessKernelHasIt();
        using Socket rival = Listen(null, IPAddress.Any, 34124);
        Result taken = _machine.Run("run", "-p", "34124:9/sctp", "shell", "true");
        Assert.Equal((125, "rundlet: set up network 'bridge': port 34124/sctp is already taken by another program\n"), (taken.Code, taken.Error));
        Must("run", "-p", "34124:9", "shell", "true");
    }

    private static void SkipUnlessKernelHasIt()
    {
        int answer = Sys.socket(AF.INET, SOCK.STREAM, Protocol);
        if (Sys.Is(answer, Errno.EPROTONOSUPPORT))
            Assert.Skip("this kernel has no SCTP");
        OwnedFd.FromAnswer(answer, "socket").Dispose();
    }

    private static string Seen(Socket listener, OwnedFd? from, IPAddress address, int port)
    {
        using Socket client = Open(from, address.AddressFamily);
        return OutsideHost.Seen(listener, client, address, port);
    }

    private static Socket Listen(OwnedFd? at, IPAddress address, int port)
    {
        Socket listener = Open(at, address.AddressFamily);
        listener.Bind(new IPEndPoint(address, port));
        listener.Listen();
        return listener;
    }

    // In the style of TCP: one association a socket.
    private static Socket Open(OwnedFd? at, AddressFamily family)
    {
        int answer = at is null ? Make() : NetworkNamespace.Run(at, Make);
        LinuxException.ThrowIfError(answer, "socket", "SCTP");
        return new Socket(new SafeSocketHandle(answer, ownsHandle: true));

        int Make() => Sys.socket(family == AddressFamily.InterNetworkV6 ? AF.INET6 : AF.INET, SOCK.STREAM, Protocol);
    }

    private OwnedFd Inside(string container) =>
        FileIo.Open(Sys.AT_FDCWD, $"/proc/{Must("inspect", "-f", "{{.State.Pid}}", container).Trim()}/ns/net", O.RDONLY);

    private string Must(params string[] words) => NetworkTests.Must(_machine, words);
}
