using System.Collections.Concurrent;
using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Rundlet.Hello.Http;

/// <summary>
/// The server of `hello http PORT`. The main thread accepts; a few threads each answer one request and close the connection.
/// More clients wait in a bounded queue and then in the kernel's, and no client holds a thread longer than <see cref="Exchange.Deadline"/>.
/// </summary>
internal static class ReportServer
{
    private const int Threads = 16;
    private const int Queue = 256;
    private const int Backlog = 512;
    private const int StackBytes = 256 * 1024;

    // netinet/tcp.h: a connection is handed over when it has bytes, so that a client which says nothing costs no thread. Seconds.
    private const int TcpLevel = 6;
    private const int DeferAccept = 9;

    /// <summary>Serves until SIGTERM or SIGINT, which end it at once with exit code 0.</summary>
    public static int Run(int port)
    {
        try
        {
            // As pid 1 the default action of a signal does not apply: without a handler, stop would have to wait and kill.
            using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Exit);
            using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Exit);
            using Socket? listener = TryListen(port, out string? failure);
            if (listener is null)
                return Applets.Fail($"listen on port {port}: {failure}");
            Applets.Print($"hello: serving on port {port}\n");
            Serve(listener);
            return 0;
        }
        catch (Exception error) when (error is OutOfMemoryException or TypeInitializationException or Win32Exception)
        {
            // The runtime could not start its threads for signals and sockets.
            return Applets.Fail("the process limit of this container leaves no room for a server");
        }
    }

    private static void Serve(Socket listener)
    {
        using var waiting = new BlockingCollection<Socket?>(Queue);
        int helpers = StartHelpers(waiting);
        while (true)
        {
            try
            {
                Socket client = listener.Accept();
                if (helpers > 0)
                    waiting.Add(client);
                else
                    Answer(client);
            }
            catch (SocketException error)
            {
                _ = error; // ignored: the client left before it was accepted, the next one is not affected
            }
        }
    }

    // Returns how many threads take clients from the queue; with none, the main thread answers by itself.
    private static int StartHelpers(BlockingCollection<Socket?> waiting)
    {
        for (int i = 0; i < Threads; i++)
        {
            try
            {
                new Thread(() => AnswerAll(waiting), StackBytes) { IsBackground = true }.Start();
            }
            catch (Exception error) when (error is OutOfMemoryException or ThreadStartException)
            {
                // The container's process limit is reached: those that run are enough, less one, whose place the handling of a signal needs.
                waiting.Add(null);
                return i - 1;
            }
        }
        return Threads;
    }

    private static void AnswerAll(BlockingCollection<Socket?> waiting)
    {
        while (waiting.Take() is { } client)
            Answer(client);
    }

    private static void Answer(Socket client)
    {
        try
        {
            using (client)
                Exchange.Answer(client);
        }
        catch (SocketException error)
        {
            _ = error; // ignored: the client is gone, or too slow, nobody is left to tell
        }
    }

    private static Socket? TryListen(int port, out string? failure)
    {
        failure = null;
        Socket? listener = null;
        try
        {
            // One dual-mode socket where the kernel has IPv6, an IPv4 socket elsewhere.
            listener = Socket.OSSupportsIPv6
                ? new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true }
                : new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            listener.SetRawSocketOption(TcpLevel, DeferAccept, BitConverter.GetBytes((int)Exchange.Deadline.TotalSeconds));
            listener.Bind(new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, port));
            listener.Listen(Backlog);
            return listener;
        }
        catch (SocketException error)
        {
            listener?.Dispose();
            failure = error.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => "already taken",
                SocketError.AccessDenied => "permission denied",
                var code => code.ToString(),
            };
            return null;
        }
    }

    private static void Exit(PosixSignalContext signal)
    {
        signal.Cancel = true;
        Environment.Exit(0);
    }
}
