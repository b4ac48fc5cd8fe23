using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Rundlet.Runtime.Supervision;

namespace Rundlet.Supervisor.Tests;

public sealed partial class PortsTests
{
    private const string Sleeper = "sleep 1000";

    private TestContainer Start(params ProxiedPort[] ports) => Start(new TestContainer.Options(), ports);

    private static TestContainer Start(TestContainer.Options options, params ProxiedPort[] ports)
    {
        TestContainer container = TestContainer.Create(["/bin/sh", "-c", Sleeper], options);
        try
        {
            ProxiedPorts.Write(container.RunFolder, ports);
            container.Start();
            return container;
        }
        catch
        {
            container.Dispose();
            throw;
        }
    }

    private static void Bring(TestContainer container, params ProxiedPort[] ports)
    {
        ProxiedPorts.Write(container.RunFolder, ports);
        using SupervisorConnection connection = container.Connect();
        connection.ServePorts();
    }

    private ProxiedPort Port(int port, Socket server) => new(false, new IPEndPoint(_here, port), (IPEndPoint)server.LocalEndPoint!);

    private Socket Listen()
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(_here, 0));
        socket.Listen(2048);
        return socket;
    }

    private static Socket Bind(IPEndPoint at)
    {
        Socket socket = new(at.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = (int)TestContainer.Patience.TotalMilliseconds };
        socket.Bind(at);
        return socket;
    }

    private static int FreePort()
    {
        using Socket socket = Bind(new IPEndPoint(IPAddress.Any, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private Socket Connect(int port)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(_here, port);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private bool TryConnect(int port)
    {
        try
        {
            Connect(port).Dispose();
            return true;
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return false;
        }
    }

    private static (string Text, EndPoint From) TakeDatagram(Socket socket)
    {
        byte[] buffer = new byte[100];
        EndPoint from = new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        int got = socket.ReceiveFrom(buffer, ref from);
        return (Encoding.ASCII.GetString(buffer, 0, got), from);
    }

    private static void SendAll(Socket socket, byte[] bytes)
    {
        for (int sent = 0; sent < bytes.Length;)
            sent += socket.Send(bytes.AsSpan(sent));
    }

    private static byte[] ReadToEnd(Socket socket)
    {
        using MemoryStream all = new();
        byte[] buffer = new byte[64 << 10];
        socket.ReceiveTimeout = (int)TestContainer.Patience.TotalMilliseconds;
        for (int got; (got = socket.Receive(buffer)) > 0;)
            all.Write(buffer, 0, got);
        return all.ToArray();
    }

    private static string Receive(Socket socket, int count)
    {
        byte[] buffer = new byte[count];
        socket.ReceiveTimeout = (int)TestContainer.Patience.TotalMilliseconds;
        int got = 0;
        while (got < count)
        {
            int more = socket.Receive(buffer.AsSpan(got));
            if (more == 0)
                break;
            got += more;
        }
        return Encoding.ASCII.GetString(buffer, 0, got);
    }

    // An end and a reset are the same here.
    private static int SafeRead(Socket socket)
    {
        try
        {
            socket.ReceiveTimeout = (int)TestContainer.Patience.TotalMilliseconds;
            return socket.Receive(new byte[10]);
        }
        catch (SocketException broken) when (broken.SocketErrorCode == SocketError.ConnectionReset)
        {
            return 0;
        }
    }

    private static int Files(TestContainer container) => Directory.EnumerateFileSystemEntries($"/proc/{container.SupervisorPid}/fd").Count();

    private static ulong SoftFiles(int pid) =>
        ulong.Parse(File.ReadLines($"/proc/{pid}/limits").First(line => line.StartsWith("Max open files")).Split(' ', StringSplitOptions.RemoveEmptyEntries)[3]);

    // Milliseconds of processor time of the supervisor.
    private static double Cpu(TestContainer container, Action meanwhile)
    {
        using Process supervisor = Process.GetProcessById(container.SupervisorPid);
        TimeSpan before = supervisor.TotalProcessorTime;
        meanwhile();
        supervisor.Refresh();
        return (supervisor.TotalProcessorTime - before).TotalMilliseconds;
    }

    private static void Until(Func<bool> holds) => Assert.True(SpinWait.SpinUntil(holds, TestContainer.Patience), "it took too long");
}
