using System.Net;
using System.Net.Sockets;
using Rundlet.Images.Registry;
using Rundlet.Images.Registry.Configuration;
using Rundlet.Images.Registry.Credentials;
using Rundlet.Linux;

namespace Rundlet.Images.Tests.Registry;

[SpecRow("distribution.errors")]
public class ErrorTests
{
    [Theory]
    [InlineData(401, "", ContainerErrorKind.PermissionDenied, "without a login", "rundlet login HOST")]
    [InlineData(403, """{"errors":[{"code":"DENIED","message":"not yours"}]}""", ContainerErrorKind.PermissionDenied, "does not allow it for 'team/web': DENIED: not yours", "rundlet login HOST")]
    [InlineData(404, """{"errors":[{"code":"NAME_UNKNOWN","message":"x"}]}""", ContainerErrorKind.NotFound, "has no repository 'team/web'", "check the name")]
    [InlineData(404, """{"errors":[{"code":"MANIFEST_UNKNOWN","message":"x"}]}""", ContainerErrorKind.NotFound, "repository 'HOST/team/web' has no tag 'latest'", "check the name")]
    [InlineData(404, "<html>", ContainerErrorKind.NotFound, "has no tag 'latest'", "check the name")]
    [InlineData(418, "{}", ContainerErrorKind.Internal, "answers 418", null)]
    [InlineData(403, "{\"errors\":[{\"code\":\"A\",\"message\":\"\\u001b[31mred\\nline\"}]}", ContainerErrorKind.PermissionDenied, "A: \\x1b[31mred\\x0aline", "rundlet login HOST")]
    [InlineData(403, """{"errors":[5]}""", ContainerErrorKind.PermissionDenied, "does not allow", "rundlet login HOST")]
    public async Task A_refusal_is_told_with_its_cure(int status, string body, ContainerErrorKind kind, string message, string? hint)
    {
        using var registry = new MisbehavingRegistry(_ => RawAnswer.Text(status, body));
        using RegistryClient client = Peers.Client();
        ContainerException error = await Peers.FailsAsync(kind, () => client.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel));
        Assert.Contains(message.Replace("HOST", registry.Host, StringComparison.Ordinal), error.Message, StringComparison.Ordinal);
        Assert.Contains(registry.Host, error.Message, StringComparison.Ordinal);
        Assert.Contains((hint ?? "").Replace("HOST", registry.Host, StringComparison.Ordinal), ContainerException.HintOf(error) ?? "", StringComparison.Ordinal);
        Assert.Single(registry.Requests);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Retry_After_is_kept_to(int status)
    {
        var image = new TestImage(10);
        var time = new SkippingTime();
        int answers = 0;
        using var registry = new MisbehavingRegistry(request => ++answers switch
        {
            1 => new RawAnswer(status, ("Retry-After", "7")),
            2 => new RawAnswer(status, ("Retry-After", (time.GetUtcNow() + TimeSpan.FromSeconds(20)).ToString("r"))),
            _ => Peers.Serve(request, image),
        });
        using RegistryClient client = Peers.Client(time);
        await client.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel);
        Assert.Equal([TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(20)], time.Waits.Select(wait => TimeSpan.FromSeconds(Math.Round(wait.TotalSeconds))));
    }

    [Fact]
    public async Task A_wait_that_is_too_long_is_told_and_not_waited()
    {
        var time = new SkippingTime();
        using var registry = new MisbehavingRegistry(_ => RawAnswer.Text(429, """{"errors":[{"code":"TOOMANYREQUESTS"}]}""", ("Retry-After", "3600")));
        using RegistryClient client = Peers.Client(time);
        ContainerException error = await Peers.FailsAsync(ContainerErrorKind.Unavailable, () => client.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel));
        Assert.Equal("try again in 3600 s, at 2030-01-01 13:00:00 UTC", error.Hint);
        Assert.Contains("asked too often: TOOMANYREQUESTS", error.Message, StringComparison.Ordinal);
        Assert.Empty(time.Waits);
    }

    [Theory]
    [InlineData("-5")]
    [InlineData("soon")]
    [InlineData("99999999999999999999999")]
    public async Task A_Retry_After_that_means_nothing_is_as_none(string value)
    {
        var time = new SkippingTime();
        using var registry = new MisbehavingRegistry(_ => new RawAnswer(503, ("Retry-After", value)));
        using RegistryClient client = Peers.Client(time);
        await Peers.FailsAsync(ContainerErrorKind.Unavailable, () => client.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel));
        Assert.Equal(4, time.Waits.Count);
        Assert.Equal(5, registry.Requests.Count);
    }

    [Fact]
    public async Task A_closed_port_is_a_refused_connection()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // nobody else has it, and nobody listens
        string host = $"127.0.0.1:{((IPEndPoint)taken.LocalEndPoint!).Port}";
        foreach (RegistrySecurity security in Enum.GetValues<RegistrySecurity>())
        {
            using RegistryClient client = Peers.Client(config: Secured(host, security));
            ContainerException error = await Peers.FailsAsync(ContainerErrorKind.Unavailable, () => client.GetManifestAsync(Peers.Web(host), Peers.Cancel));
            Assert.Equal($"registry '{host}' refuses the connection", error.Message);
            Assert.Contains("check that it runs", error.Hint, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_host_that_does_not_exist_is_unknown()
    {
        using RegistryClient client = Peers.Client();
        ContainerException error = await Peers.FailsAsync(ContainerErrorKind.Unavailable, () => client.GetManifestAsync(Peers.Web("registry.invalid"), Peers.Cancel));
        Assert.Contains("registry 'registry.invalid' is ", error.Message, StringComparison.Ordinal); // unknown, or without a name server not found
        Assert.NotNull(error.Hint);
    }

    [Fact]
    public async Task A_listener_that_accepts_nothing_does_not_answer_in_time()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        using RegistryClient client = new(new RegistryOptions { Time = new SkippingTime(), StallTimeout = TimeSpan.FromMilliseconds(50), Config = Secured(listener.LocalEndPoint!.ToString()!, RegistrySecurity.PlainHttp), Attempts = 2 });
        ContainerException error = await Peers.FailsAsync(ContainerErrorKind.Unavailable, () => client.GetManifestAsync(Peers.Web(listener.LocalEndPoint!.ToString()!), Peers.Cancel));
        Assert.Contains("does not answer in time", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_head_without_end_is_not_read()
    {
        using var registry = new MisbehavingRegistry(_ => new RawAnswer(200, ("X-Long", new string('a', 1 << 20))));
        using RegistryClient client = Peers.Client();
        ContainerException error = await Peers.FailsAsync(ContainerErrorKind.Unavailable, () => client.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel));
        Assert.Contains("does not answer as HTTP demands", error.Message, StringComparison.Ordinal);
        Assert.Single(registry.Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_is_never_made_ends_in_time_and_by_cancel(bool cancels)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        List<Socket> queue = []; // more than fit: whoever comes next is not answered
        try
        {
            for (int i = 0; i < 4; i++)
            {
                queue.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
                Task connecting = queue[i].ConnectAsync(listener.LocalEndPoint!);
                await Task.WhenAny(connecting, Task.Delay(20, Peers.Cancel));
            }
            string host = listener.LocalEndPoint!.ToString()!;
            using RegistryClient client = new(new RegistryOptions { Attempts = 1, ConnectTimeout = TimeSpan.FromSeconds(cancels ? 60 : 0.1), Config = Secured(host, RegistrySecurity.PlainHttp) });
            using var cancel = new CancellationTokenSource(cancels ? 100 : Timeout.Infinite);
            Task asking = client.GetManifestAsync(Peers.Web(host), cancel.Token);
            if (cancels)
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
            else
                Assert.Contains("does not answer in time", (await Peers.FailsAsync(ContainerErrorKind.Unavailable, () => asking)).Message, StringComparison.Ordinal);
        }
        finally
        {
            queue.ForEach(socket => socket.Dispose());
        }
    }

    [Theory]
    [InlineData("HTTP/1.1 2x0 OK\r\n\r\n")]
    [InlineData("nonsense\r\n\r\n")]
    public async Task What_is_no_HTTP_is_told_as_that(string answer)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string host = listener.LocalEndpoint.ToString()!;
        Task serving = Task.Run(async () =>
        {
            using TcpClient peer = await listener.AcceptTcpClientAsync(Peers.Cancel);
            await peer.GetStream().WriteAsync(Peers.Utf8(answer), Peers.Cancel);
            await peer.GetStream().CopyToAsync(Stream.Null, Peers.Cancel);
        });
        using (RegistryClient client = Peers.Client(config: Secured(host, RegistrySecurity.PlainHttp)))
        {
            ContainerException error = await Peers.FailsAsync(ContainerErrorKind.Unavailable, () => client.GetManifestAsync(Peers.Web(host), Peers.Cancel));
            Assert.Contains("does not answer as HTTP demands", error.Message, StringComparison.Ordinal);
        }
        await serving;
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_followed_without_the_login(int status)
    {
        var image = new TestImage(100_000);
        using var storage = new MisbehavingRegistry(request => RawAnswer.Part(request, image.Layers[0]));
        using var registry = new MisbehavingRegistry(request => request["Authorization"] is null
            ? new RawAnswer(401, ("WWW-Authenticate", "Basic realm=\"r\""))
            : new RawAnswer(status, ("Location", $"http://{storage.Host}/store?signature=abc")));
        using RegistryClient client = Peers.Client(credentials: new FixedCredential(Peers.Ann));
        using BlobDownload download = await client.OpenBlobAsync(Peers.Web(registry.Host), Peers.Blob(image.Layers[0]), 30_000, Peers.Cancel);
        Assert.Equal(image.Layers[0][30_000..], Peers.ReadAll(download));
        RawRequest request = Assert.Single(storage.Requests);
        Assert.Null(request["Authorization"]);
        Assert.Equal("/store?signature=abc", request.Target);
    }

    [Fact]
    public async Task Redirects_in_a_circle_end()
    {
        using var registry = new MisbehavingRegistry(request => new RawAnswer(307, ("Location", request.Target + "x")));
        using RegistryClient client = Peers.Client();
        ContainerException error = await Peers.FailsAsync(ContainerErrorKind.Unavailable, () => client.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel));
        Assert.Contains("leads in circles", error.Message, StringComparison.Ordinal);
        Assert.Equal(11, registry.Requests.Count);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/x", "leads away from TLS")]
    [InlineData("file:///etc/passwd", "leads away from TLS")]
    public async Task A_redirect_never_leaves_TLS(string target, string message)
    {
        using var authority = new TestCa();
        using var certificate = authority.Sign("127.0.0.1");
        using var registry = new MisbehavingRegistry(_ => new RawAnswer(307, ("Location", target)), certificate);
        using var folder = new CertificateFolder();
        folder.Trust(registry.Host, authority);
        using RegistryClient client = Peers.Client(config: Secured(registry.Host, RegistrySecurity.Verified), certificates: folder.Path);
        ContainerException error = await Peers.FailsAsync(ContainerErrorKind.PermissionDenied, () => client.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    internal static RegistryConfig Secured(string host, RegistrySecurity security) =>
        new() { Registries = new Dictionary<string, RegistryEntry> { [host] = new() { Security = security } } };
}
