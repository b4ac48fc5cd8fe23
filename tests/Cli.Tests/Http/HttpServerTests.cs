using System.Net;
using System.Net.Sockets;
using System.Text;
using Rundlet.Cli.Http;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Cli.Tests.Http;

public sealed class HttpServerTests : IDisposable
{
    private const string Good = "GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private const int BigBody = 4 << 20;

    private readonly ListenSocket _socket = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"));
    private readonly OwnedFd _stop = OwnedFd.FromAnswer(Sys.eventfd2(0, 0), "eventfd2");
    private readonly List<int> _statuses = [];
    private HttpServer? _server;
    private Thread? _thread;

    private int Port => new Uri(_socket.Place).Port;

    public void Dispose()
    {
        _ = Sys.write(_stop.Value, BitConverter.GetBytes(1UL));
        Assert.True(_thread!.Join(TimeSpan.FromSeconds(10)), "the server did not stop");
        _server!.Dispose();
        _socket.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public void An_answer_is_whole_and_ends_its_connection()
    {
        Start(new HttpLimits(Connections: 4));
        string answer = Exchange("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal("HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 7\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n/hello\n", answer);
        string head = Exchange("HEAD /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(answer[..^7], head);
        Assert.EndsWith(new string('x', 100), Exchange(Good));
        Assert.StartsWith("HTTP/1.1 405 Method Not Allowed\r\n", Exchange("DELETE / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        Assert.Contains("\r\nAllow: GET, HEAD\r\n", Exchange("DELETE / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    }

    [Fact]
    public void A_request_may_come_byte_by_byte()
    {
        Start(new HttpLimits(Head: 30_000));
        using TcpClient client = Connect();
        foreach (byte one in Encoding.ASCII.GetBytes("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n"))
            client.GetStream().WriteByte(one);
        Assert.EndsWith("/slow\n", ReadAll(client));
    }

    [Fact]
    public void A_client_that_says_nothing_is_cut_off()
    {
        Start(new HttpLimits(Head: 300));
        using TcpClient client = Connect();
        Assert.Equal("", ReadAll(client));
        using TcpClient half = Connect();
        half.GetStream().Write("GET /half HTTP/1.1\r\n"u8);
        Assert.StartsWith("HTTP/1.1 408 Request Timeout\r\n", ReadAll(half));
    }

    [Fact]
    public void A_client_that_takes_no_answer_is_cut_off()
    {
        Start(new HttpLimits(Answer: 600, Leave: 300));
        using TcpClient client = Connect(receiveBuffer: 4096);
        client.GetStream().Write(Encoding.ASCII.GetBytes(Good));
        Assert.EndsWith("/next\n", Exchange("GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        Assert.True(SpinWait.SpinUntil(() => Connections() == 0, TimeSpan.FromSeconds(10)), "it is still connected");
    }

    [Fact]
    public void Clients_that_hold_every_connection_only_make_others_wait()
    {
        Start(new HttpLimits(Connections: 4, Head: 300));
        List<TcpClient> idle = [.. Enumerable.Range(0, 20).Select(_ => Connect())];
        Assert.EndsWith("/after\n", Exchange("GET /after HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        idle.ForEach(client => client.Dispose());
    }

    [Fact]
    public void Garbage_is_answered_or_dropped_and_never_ends_the_server()
    {
        Start(new HttpLimits(Head: 1_000, Leave: 300));
        Random random = new(20261126);
        for (int round = 0; round < 300; round++)
        {
            using TcpClient client = Connect();
            byte[] bytes = new byte[random.Next(1, 12_000)];
            random.NextBytes(bytes);
            if (round % 3 == 0)
                Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\n").AsSpan(0, Math.Min(16, bytes.Length)).CopyTo(bytes);
            try
            {
                client.GetStream().Write(bytes);
                if (round % 2 == 0)
                    client.Client.Shutdown(SocketShutdown.Send);
                if (round % 5 != 0)
                    Assert.Matches("^(HTTP/1.1 4..|$)", ReadAll(client));
            }
            catch (Exception e) when (e is IOException or SocketException or InvalidOperationException)
            {
                // the server has closed first
            }
        }
        Assert.EndsWith("/still\n", Exchange("GET /still HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        lock (_statuses)
            Assert.DoesNotContain(_statuses.SkipLast(1), status => status == 200);
    }

    private void Start(HttpLimits limits)
    {
        _server = new HttpServer(_socket.Fd, Answer, Count, limits);
        _thread = new Thread(() => _server.Run(_stop));
        _thread.Start();
    }

    private static HttpAnswer Answer(RequestHead head) =>
        head.Path == "/big" ? new HttpAnswer(200, "text/plain", Encoding.ASCII.GetBytes(new string('x', BigBody))) : HttpAnswer.Plain(200, head.Path);

    private void Count(int status)
    {
        lock (_statuses)
            _statuses.Add(status);
    }

    // Sockets of this process that are connected to its port.
    private int Connections() => File.ReadLines("/proc/net/tcp").Count(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is { } words
        && words[1].EndsWith($":{Port:X4}") && words[3] == "01");

    private TcpClient Connect(int receiveBuffer = 0)
    {
        TcpClient client = new() { ReceiveTimeout = 20_000 };
        if (receiveBuffer > 0)
            client.ReceiveBufferSize = receiveBuffer;
        client.Connect(IPAddress.Loopback, Port);
        return client;
    }

    private string Exchange(string request)
    {
        using TcpClient client = Connect();
        client.GetStream().Write(Encoding.ASCII.GetBytes(request));
        return ReadAll(client);
    }

    private static string ReadAll(TcpClient client)
    {
        using StreamReader reader = new(client.GetStream(), Encoding.Latin1);
        return reader.ReadToEnd();
    }
}
