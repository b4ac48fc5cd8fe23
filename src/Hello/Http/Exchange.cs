using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Rundlet.Hello.Render;
using Rundlet.Hello.Report;

namespace Rundlet.Hello.Http;

/// <summary>One request and its answer on one connection.</summary>
internal static class Exchange
{
    /// <summary>The time a client has from its connection to the last byte of the answer.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    private const int MaxHeadBytes = 8 * 1024;

    /// <summary>Reads a request and answers it.</summary>
    /// <exception cref="SocketException">The client went away or was too slow.</exception>
    public static void Answer(Socket client)
    {
        long start = Stopwatch.GetTimestamp();
        string? head = ReadHead(client, start);
        if (head is null)
            return;
        Response response = Respond(head, () => ContainerReport.Take(new SystemFiles()));
        Send(client, response.ToBytes(), start);
        // Closing with unread bytes would reset the connection and could take the answer with it.
        client.Shutdown(SocketShutdown.Send);
        Drain(client, start);
    }

    /// <summary>The answer to the head of a request; <paramref name="head"/> is everything before the empty line.</summary>
    public static Response Respond(string head, Func<ContainerReport> report)
    {
        int end = head.IndexOf('\n', StringComparison.Ordinal);
        if (RequestLine.TryParse(head.AsSpan(0, end < 0 ? head.Length : end).TrimEnd('\r')) is not { } line)
            return Response.Plain("400 Bad Request", "bad request\n");
        if (line.Method is not ("GET" or "HEAD"))
            return Response.Plain("405 Method Not Allowed", "only GET and HEAD\n") with { Allow = "GET, HEAD" };
        Response response = line.Path switch
        {
            "/" => new("200 OK", "text/html; charset=utf-8", Encoding.UTF8.GetBytes(HtmlRenderer.Render(report()))),
            "/json" => new("200 OK", "application/json", JsonRenderer.Render(report())),
            _ => Response.Plain("404 Not Found", "not found: try / or /json\n"),
        };
        return response with { HeadOnly = line.Method == "HEAD" };
    }

    // Null when the client closed without a word. A head that is cut off or too long is handed on as it is: it parses, or it is a bad request.
    private static string? ReadHead(Socket client, long start)
    {
        var buffer = new byte[MaxHeadBytes];
        int length = 0;
        while (length < buffer.Length)
        {
            int count = Receive(client, buffer.AsSpan(length), start);
            if (count == 0)
                return length == 0 ? null : "";
            length += count;
            int end = EndOfHead(buffer.AsSpan(0, length));
            if (end >= 0)
                return Encoding.Latin1.GetString(buffer, 0, end);
        }
        return "";
    }

    private static int EndOfHead(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf("\r\n\r\n"u8);
        return end >= 0 ? end : bytes.IndexOf("\n\n"u8);
    }

    private static void Send(Socket client, ReadOnlySpan<byte> bytes, long start)
    {
        while (!bytes.IsEmpty)
        {
            client.SendTimeout = Remaining(start);
            bytes = bytes[client.Send(bytes, SocketFlags.None)..];
        }
    }

    private static void Drain(Socket client, long start)
    {
        Span<byte> rest = stackalloc byte[1024];
        while (Receive(client, rest, start) > 0)
        {
        }
    }

    private static int Receive(Socket client, Span<byte> buffer, long start)
    {
        client.ReceiveTimeout = Remaining(start);
        return client.Receive(buffer, SocketFlags.None);
    }

    // Milliseconds; zero would mean forever.
    private static int Remaining(long start)
    {
        double left = (Deadline - Stopwatch.GetElapsedTime(start)).TotalMilliseconds;
        return left >= 1 ? (int)left : throw new SocketException((int)SocketError.TimedOut);
    }
}
