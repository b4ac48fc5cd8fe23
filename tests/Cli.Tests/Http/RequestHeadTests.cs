using System.Text;
using Rundlet.Cli.Http;

namespace Rundlet.Cli.Tests.Http;

public sealed class RequestHeadTests
{
    [Theory]
    [InlineData("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/metrics", "a", "")]
    [InlineData("HEAD /x?y=/z HTTP/1.0\r\nhost:b:9\r\nAccept: text/plain\r\naccept:\tx/y ;q=1 \r\n\r\n", "HEAD", "/x", "b:9", "text/plain,x/y ;q=1")]
    [InlineData("GET / HTTP/1.9\r\nX-Odd!#$%&'*+-.^_`|~: \u00e9\t\r\nHost:\r\nContent-Length: 0\r\n\r\nrest", "GET", "/", "", "")]
    public void A_request_is_read(string bytes, string method, string path, string host, string accept)
    {
        Assert.Equal(200, Read(bytes, out RequestHead? head));
        Assert.Equal(new RequestHead(method, path, host, accept), head);
    }

    [Theory]
    [InlineData("")]
    [InlineData("G")]
    [InlineData("GET / HTTP/1.1\r")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r")]
    public void What_may_go_on_is_waited_for(string bytes) => Assert.Equal(0, Read(bytes, out _));

    [Theory]
    [InlineData(400, "\r\n\r\n")]
    [InlineData(400, "GET /metrics\r\n\r\n")]
    [InlineData(400, "GET  /metrics HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData(400, "GET /met rics HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData(400, " GET / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData(400, "GET http://a/metrics HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData(400, "GET /\u00e9 HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData(400, "GET / HTTP/11\r\nHost: a\r\n\r\n")]
    [InlineData(400, "GET / http/1.1\r\nHost: a\r\n\r\n")]
    [InlineData(400, "G\u00e9T / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData(400, "GET / HTTP/1.1\r\n\r\n")] // no host
    [InlineData(400, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n")]
    [InlineData(400, "GET / HTTP/1.1\r\nHost : a\r\n\r\n")]
    [InlineData(400, "GET / HTTP/1.1\r\nHost: a\r\n more\r\n\r\n")] // a folded line
    [InlineData(400, "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n")]
    [InlineData(400, "GET / HTTP/1.1\r\nHost: a\r\nnothing\r\n\r\n")]
    [InlineData(400, "GET / HTTP/1.1\nHost: a\n\n")]
    [InlineData(400, "GET / HTTP/1.1\r\nHost: a\n")]
    [InlineData(400, "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n")]
    [InlineData(400, "GET / HTTP/1.1\r\nHost: a\0\r\n\r\n")]
    [InlineData(400, "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData(400, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n")]
    [InlineData(400, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0, 5\r\n\r\n")]
    [InlineData(400, "\u0016\u0003\u0001\u0002\0\u0001")] // TLS
    [InlineData(413, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde")]
    [InlineData(405, "POST /metrics HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData(405, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData(405, "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData(405, "get / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData(505, "GET / HTTP/2.0\r\nHost: a\r\n\r\n")]
    [InlineData(505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    public void What_is_no_request_or_not_for_this_server_is_refused(int status, string bytes)
    {
        Assert.Equal(status, Read(bytes, out RequestHead? head));
        Assert.Null(head);
    }

    [Fact]
    public void Everything_has_a_bound()
    {
        Assert.Equal(414, Read(new string('G', 2049), out _));
        Assert.Equal(414, Read($"GET /{new string('a', 3000)} HTTP/1.1\r\nHost: a\r\n\r\n", out _));
        Assert.Equal(431, Read($"GET / HTTP/1.1\r\nHost: a\r\n{string.Concat(Enumerable.Repeat("a: b\r\n", 64))}\r\n", out _));
        Assert.Equal(200, Read($"GET / HTTP/1.1\r\nHost: a\r\n{string.Concat(Enumerable.Repeat("a: b\r\n", 63))}\r\n", out _));
        Assert.Equal(431, Read($"GET / HTTP/1.1\r\nHost: {new string('a', RequestHead.MaxBytes)}", out _));
    }

    [Fact]
    public void Every_beginning_of_a_good_request_is_waited_for_and_every_changed_byte_has_an_answer()
    {
        byte[] good = Encoding.Latin1.GetBytes("GET /metrics HTTP/1.1\r\nHost: localhost:9323\r\nAccept: text/plain;q=0.5\r\nContent-Length: 0\r\n\r\n");
        for (int length = 0; length < good.Length; length++)
            Assert.Equal(0, RequestHead.Read(good.AsSpan(0, length), out _));
        int[] answers = [0, 200, 400, 405, 413, 505];
        for (int at = 0; at < good.Length; at++)
        {
            for (int value = 0; value < 256; value++)
            {
                byte[] changed = [.. good];
                changed[at] = (byte)value;
                int status = RequestHead.Read(changed, out RequestHead? head);
                Assert.Contains(status, answers);
                Assert.Equal(status == 200, head is not null);
            }
        }
    }

    [Fact]
    public void Random_bytes_never_become_a_request()
    {
        Random random = new(20261126);
        byte[] alphabet = "GETHAD /:.,\r\n\t ostcnelgh01TP\0\x7f\xff"u8.ToArray();
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = [.. Enumerable.Range(0, random.Next(200)).Select(_ => alphabet[random.Next(alphabet.Length)])];
            int status = RequestHead.Read(bytes, out RequestHead? head);
            Assert.True(status is 0 or 400 or 405 or 505, $"{status} for {Convert.ToHexString(bytes)}");
            Assert.Null(head);
        }
    }

    [Theory]
    [InlineData("127.0.0.1:9323", true)]
    [InlineData("10.1.2.3", true)]
    [InlineData("[::1]:9323", true)]
    [InlineData("[fe80::1]", true)]
    [InlineData("localhost", true)]
    [InlineData("LOCALHOST:80", true)]
    [InlineData("scrape.internal:9323", true)]
    [InlineData("evil.example", false)]
    [InlineData("evil.example:9323", false)]
    [InlineData("127.0.0.1.evil.example", false)]
    [InlineData("localhost.evil.example", false)]
    [InlineData("localhost:80:80", false)]
    [InlineData("127.1", false)]
    [InlineData("0x7f.0.0.1", false)]
    [InlineData("256.0.0.1", false)]
    [InlineData("127.0.0.1:", false)]
    [InlineData("127.0.0.1:x", false)]
    [InlineData("[::1]x", false)]
    [InlineData("[::1", false)]
    [InlineData("[127.0.0.1]", false)]
    [InlineData("[fe80::1%eth0]", false)]
    [InlineData("", false)]
    [InlineData("a@localhost", false)]
    public void Only_addresses_and_known_names_are_this_server(string host, bool allowed) => Assert.Equal(allowed, new HostRule(["scrape.internal"]).Allows(host));

    [Theory]
    [InlineData("", false)]
    [InlineData("*/*", false)]
    [InlineData("text/plain", false)]
    [InlineData("application/openmetrics-text", true)]
    [InlineData("application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", true)]
    [InlineData("application/openmetrics-text; version=\"1.0.0\"; charset=utf-8", true)]
    [InlineData("application/openmetrics-text;version=0.0.1", false)]
    [InlineData("application/openmetrics-text;q=0.1, text/plain;q=0.9", false)]
    [InlineData("application/openmetrics-text;q=0", false)]
    [InlineData("application/openmetrics-text;q=many", false)]
    [InlineData(";;,,q=,=", false)]
    public void Open_metrics_are_sent_to_whom_wants_them(string accept, bool open) => Assert.Equal(open, AcceptField.WantsOpenMetrics(accept));

    private static int Read(string bytes, out RequestHead? head) => RequestHead.Read(Encoding.Latin1.GetBytes(bytes), out head);
}
