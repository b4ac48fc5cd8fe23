using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Rundlet.Dns.Tests;
using Rundlet.Linux;
using Rundlet.Linux.Netlink;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Tests;

/// <summary>The network of a container, from inside: sockets of the test's own in its namespace.</summary>
internal sealed class InsideNetwork : IDisposable
{
    private const int Patience = 20_000; // ms
    private readonly OwnedFd _namespace;

    /// <summary>Of a container that runs.</summary>
    public InsideNetwork(Machine machine, string container)
    {
        string pid = machine.Run("inspect", "-f", "{{.State.Pid}}", container).Output.Trim();
        _namespace = FileIo.Open(Sys.AT_FDCWD, $"/proc/{pid}/ns/net", O.RDONLY);
    }

    /// <summary>A socket in there.</summary>
    public Socket Open(AddressFamily family, SocketType type) =>
        NetworkNamespace.Run(_namespace, () => new Socket(family, type, type == SocketType.Dgram ? ProtocolType.Udp : ProtocolType.Tcp) { ReceiveTimeout = Patience });

    /// <summary>Runs a program in there.</summary>
    public void Tool(string program, params string[] arguments) => NetworkNamespace.Run(_namespace, () =>
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    });

    /// <summary>Asks the container's name server, once more each second as resolvers do: where a flood has just ended, a question finds no room.</summary>
    public Message Ask(string name, string type = "A", int edns = 0)
    {
        using Socket socket = Open(AddressFamily.InterNetwork, SocketType.Dgram);
        socket.Connect(new IPEndPoint(IPAddress.Parse("127.0.0.11"), 53));
        socket.ReceiveTimeout = 1000;
        byte[] buffer = new byte[4096];
        for (int attempt = 1; ; attempt++)
        {
            socket.Send(Message.Query(name, type, edns));
            try
            {
                return new Message(buffer[..socket.Receive(buffer)]);
            }
            catch (SocketException late) when (late.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock && attempt < Patience / 1000)
            {
                // once more
            }
        }
    }

    /// <summary>How long so many bytes take by TCP, to here from another network or the other way.</summary>
    /// <param name="address">An address of this network.</param>
    /// <param name="bytes">How many.</param>
    /// <param name="isIn">Whether they come here.</param>
    /// <param name="from">The other network; null for the test's own.</param>
    public TimeSpan Transfer(IPAddress address, int bytes, bool isIn, InsideNetwork? from = null)
    {
        using Socket listener = Open(address.AddressFamily, SocketType.Stream);
        listener.Bind(new IPEndPoint(address, 0));
        listener.Listen();
        using Socket there = from?.Open(address.AddressFamily, SocketType.Stream) ?? new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = Patience };
        there.Connect(listener.LocalEndPoint!);
        using Socket here = listener.Accept();
        here.ReceiveTimeout = Patience;
        (Socket sender, Socket receiver) = isIn ? (there, here) : (here, there);
        long began = Stopwatch.GetTimestamp();
        Task sending = Task.Run(() => sender.Send(new byte[bytes]));
        byte[] buffer = new byte[64 << 10];
        for (int rest = bytes; rest > 0;)
        {
            int got = receiver.Receive(buffer);
            Assert.True(got > 0, "the connection has ended");
            rest -= got;
        }
        TimeSpan taken = Stopwatch.GetElapsedTime(began);
        sending.GetAwaiter().GetResult();
        return taken;
    }

    public void Dispose() => _namespace.Dispose();
}
