using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Rundlet.Images.Tests.Registry;

/// <summary>
/// A server on a free port of loopback that answers as a test says, byte by byte: too much, too little, slowly, never. It knows just
/// enough HTTP/1.1 to read requests.
/// </summary>
public sealed class MisbehavingRegistry : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Func<RawRequest, RawAnswer> _answer;
    private readonly X509Certificate2? _certificate;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<RawRequest> _requests = [];
    private readonly ConcurrentBag<Exception> _failures = [];
    private readonly Task _accepting;
    private int _connections;

    /// <summary>Starts it.</summary>
    /// <param name="answer">What to answer to a request.</param>
    /// <param name="certificate">For TLS; null for plain HTTP.</param>
    public MisbehavingRegistry(Func<RawRequest, RawAnswer> answer, X509Certificate2? certificate = null)
    {
        _answer = answer;
        _certificate = certificate;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(64);
        Host = $"127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}";
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Address and port.</summary>
    public string Host { get; }

    /// <summary>All requests so far, in order.</summary>
    public IReadOnlyList<RawRequest> Requests => [.. _requests];

    /// <summary>How many connections were made to send a request.</summary>
    public int Connections => _connections;

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
        _accepting.GetAwaiter().GetResult();
        _end.Dispose();
        Assert.Empty(_failures); // of the test's own code
    }

    private async Task AcceptAsync()
    {
        List<Task> open = [];
        try
        {
            while (true)
                open.Add(ServeAsync(await _listener.AcceptAsync(_end.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await Task.Yield();
        using (socket)
        {
            try
            {
                Stream stream = new NetworkStream(socket);
                if (_certificate is not null)
                {
                    var secure = new SslStream(stream);
                    await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _end.Token);
                    stream = secure;
                }
                bool counted = false;
                while (await ReadAsync(stream) is { } request)
                {
                    if (!counted)
                        Interlocked.Increment(ref _connections);
                    counted = true;
                    _requests.Enqueue(request);
                    if (!await WriteAsync(stream, socket, request, _answer(request)))
                        return;
                }
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
            {
                // the client hung up, or the test is over
            }
            catch (Exception e)
            {
                _failures.Add(e);
            }
        }
    }

    private async Task<RawRequest?> ReadAsync(Stream stream)
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, _end.Token) == 0)
                return null;
            if (head.Length == 0 && one[0] == 0x16) // a greeting of TLS
            {
                await stream.WriteAsync("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"u8.ToArray(), _end.Token);
                return null;
            }
            head.Append((char)one[0]);
        }
        string[] lines = head.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        string[] words = lines[0].Split(' ');
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        foreach (string line in lines[1..])
            headers[line[..line.IndexOf(':')]] = line[(line.IndexOf(':') + 1)..].Trim();
        byte[] body = new byte[int.Parse(headers.GetValueOrDefault("Content-Length", "0"))];
        await stream.ReadExactlyAsync(body, _end.Token);
        return new RawRequest(words[0], words[1], headers, body);
    }

    private async Task<bool> WriteAsync(Stream stream, Socket socket, RawRequest request, RawAnswer answer)
    {
        if (answer.Status == 0)
            return false;
        var head = new StringBuilder($"HTTP/1.1 {answer.Status} Status\r\n");
        foreach ((string name, string value) in answer.Fields)
            head.Append($"{name}: {value}\r\n");
        head.Append(answer.Chunked ? "Transfer-Encoding: chunked\r\n\r\n" : $"Content-Length: {answer.Declared ?? answer.Body.Length}\r\n\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.ToString()), _end.Token);
        if (request.Method == "HEAD")
            return true;
        int length = Math.Min(answer.Body.Length, Math.Min(answer.ResetAfter ?? int.MaxValue, answer.StallAfter ?? int.MaxValue));
        if (answer.Chunked && length > 0)
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"{length:x}\r\n"), _end.Token);
        await stream.WriteAsync(answer.Body.AsMemory(0, length), _end.Token);
        if (answer.StallAfter is not null)
            await Task.Delay(Timeout.Infinite, _end.Token);
        if (answer.ResetAfter is not null)
        {
            socket.Close(0); // a reset, not an end
            return false;
        }
        if (answer.Chunked)
            await stream.WriteAsync(Encoding.ASCII.GetBytes(length > 0 ? "\r\n0\r\n\r\n" : "0\r\n\r\n"), _end.Token);
        return answer.Declared is null || answer.Declared == answer.Body.Length; // else it ends as if it were broken
    }
}
