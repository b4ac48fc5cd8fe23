using System.Net;
using System.Net.Sockets;

namespace Rundlet.Dns.Tests;

/// <summary>A nameserver of the test's own, by UDP and TCP on one port. What it answers is up to the test: none, one or several messages.</summary>
internal sealed class FakeServer : IDisposable
{
    private readonly Socket _datagrams, _listener;
    private readonly Func<byte[], bool, IEnumerable<byte[]>> _answer;
    private int _asked;

    /// <param name="answer">What it answers; the second value says whether it was asked by TCP.</param>
    /// <param name="listens">Whether there is TCP.</param>
    /// <param name="accepts">Whether connections are taken by more than the kernel.</param>
    public FakeServer(Func<byte[], bool, IEnumerable<byte[]>> answer, bool listens = true, bool accepts = true)
    {
        _answer = answer;
        (_datagrams, _listener) = Bind();
        EndPoint = (IPEndPoint)_datagrams.LocalEndPoint!;
        if (listens)
            _listener.Listen();
        _ = Task.Run(ServeDatagrams);
        if (listens && accepts)
            _ = Task.Run(ServeConnections);
    }

    public FakeServer(Func<byte[], byte[]> answer, bool listens = true)
        : this((query, _) => [answer(query)], listens)
    {
    }

    public IPEndPoint EndPoint { get; }

    public int Asked => Volatile.Read(ref _asked);

    public System.Collections.Concurrent.ConcurrentQueue<(int Id, int Port)> Seen { get; } = [];

    public void Dispose()
    {
        _datagrams.Dispose();
        _listener.Dispose();
    }

    // A port that is free for UDP may be somebody's for TCP.
    private static (Socket Datagrams, Socket Listener) Bind()
    {
        for (int attempt = 1; ; attempt++)
        {
            Socket datagrams = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                datagrams.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                listener.Bind(datagrams.LocalEndPoint!);
                return (datagrams, listener);
            }
            catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse && attempt < 50)
            {
                datagrams.Dispose();
                listener.Dispose();
            }
        }
    }

    private async Task ServeDatagrams()
    {
        byte[] buffer = new byte[65536];
        try
        {
            while (true)
            {
                SocketReceiveFromResult got = await _datagrams.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
                byte[] query = buffer[..got.ReceivedBytes];
                Interlocked.Increment(ref _asked);
                Seen.Enqueue((query[0] << 8 | query[1], ((IPEndPoint)got.RemoteEndPoint).Port));
                foreach (byte[] answer in _answer(query, false))
                    await _datagrams.SendToAsync(answer, got.RemoteEndPoint);
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            _ = ended; // ignored: the test is over
        }
    }

    private async Task ServeConnections()
    {
        try
        {
            while (true)
            {
                using Socket client = await _listener.AcceptAsync();
                byte[] length = TestResolver.Exactly(client, 2);
                byte[] query = TestResolver.Exactly(client, length[0] << 8 | length[1]);
                Interlocked.Increment(ref _asked);
                foreach (byte[] answer in _answer(query, true))
                    await client.SendAsync((byte[])[(byte)(answer.Length >> 8), (byte)answer.Length, .. answer]);
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException or EndOfStreamException)
        {
            _ = ended; // ignored: the test is over
        }
    }
}
