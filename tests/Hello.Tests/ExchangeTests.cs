using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Rundlet.Hello.Http;
using Rundlet.Hello.Render;
using Rundlet.Hello.Report;

namespace Rundlet.Hello.Tests;

public sealed class ExchangeTests
{
    private static readonly ContainerReport Sample = new("<box>",
    [
        new("identity", "Identity",
            [
                new("pid", "process id", new FactValue.Number(1)),
                new("user", "user name", new FactValue.Missing("not in /etc/passwd")),
                new("groups", "additional groups", new FactValue.List(["1", "a&b"], "none")),
                new("root", "root", new FactValue.Flag(true)),
            ],
            [new("mounts", "Mounts", ["target", "type"], [["/", "ext4\u001b[31m"], ["/proc", "proc"]], "none")]),
    ]);

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x", "200")]
    [InlineData("GET /json?pretty HTTP/1.0", "200")]
    [InlineData("HEAD / HTTP/1.1", "200")]
    [InlineData("GET /nothing HTTP/1.1", "404")]
    [InlineData("POST / HTTP/1.1", "405")]
    [InlineData("GET  / HTTP/1.1", "400")]
    [InlineData("GET / HTTP/2", "400")]
    [InlineData("GET nothing HTTP/1.1", "400")]
    [InlineData("get / HTTP/1.1", "400")]
    [InlineData("GET /\u0001 HTTP/1.1", "400")]
    [InlineData("\u0016\u0003\u0001", "400")]
    [InlineData("", "400")]
    public void A_request_is_answered_with_the_status_it_deserves(string head, string status) =>
        Assert.StartsWith(status, Exchange.Respond(head, () => Sample).Status, StringComparison.Ordinal);

    [Fact]
    public void A_page_escapes_what_comes_from_outside()
    {
        string page = HtmlRenderer.Render(Sample);
        Assert.Contains("Hello from <b>&lt;box&gt;</b>", page, StringComparison.Ordinal);
        Assert.Contains("a&amp;b", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<box>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_keeps_the_types_of_values()
    {
        using JsonDocument json = JsonDocument.Parse(JsonRenderer.Render(Sample));
        JsonElement identity = json.RootElement.GetProperty("identity");
        Assert.Equal(1, identity.GetProperty("pid").GetInt32());
        Assert.Equal(JsonValueKind.Null, identity.GetProperty("user").ValueKind);
        Assert.Equal("a&b", identity.GetProperty("groups")[1].GetString());
        Assert.True(identity.GetProperty("root").GetBoolean());
        Assert.Equal("/proc", identity.GetProperty("mounts")[1].GetProperty("target").GetString());
    }

    [Fact]
    public void Text_lets_no_control_character_reach_the_terminal()
    {
        string text = TextRenderer.Render(Sample);
        Assert.Contains("ext4?[31m", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', text);
        Assert.Contains("  /       ext4", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_head_request_is_told_the_length_and_sent_no_body()
    {
        string answer = Encoding.UTF8.GetString(Exchange.Respond("HEAD / HTTP/1.1", () => Sample).ToBytes());
        Assert.Contains($"Content-Length: {Encoding.UTF8.GetByteCount(HtmlRenderer.Render(Sample))}\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_in_pieces_is_answered_over_a_connection()
    {
        string answer = Talk("GET /json HT", "TP/1.1\r\nHost: here\r\n\r", "\n");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\"identity\"", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_without_end_is_a_bad_request() =>
        Assert.StartsWith("HTTP/1.1 400 ", Talk(new string('x', 9000)), StringComparison.Ordinal);

    [Fact]
    public void A_request_that_is_cut_off_is_a_bad_request() =>
        Assert.StartsWith("HTTP/1.1 400 ", Talk("GET / HTTP/1.1\r\n"), StringComparison.Ordinal);

    private static string Talk(params string[] pieces)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.Connect(listener.LocalEndPoint!);
        using Socket server = listener.Accept();
        var answering = new Thread(() => Exchange.Answer(server));
        answering.Start();
        foreach (string piece in pieces)
            client.Send(Encoding.ASCII.GetBytes(piece));
        client.Shutdown(SocketShutdown.Send);
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        while (client.Receive(buffer) is > 0 and var count)
            answer.Append(Encoding.UTF8.GetString(buffer, 0, count));
        answering.Join();
        return answer.ToString();
    }
}
