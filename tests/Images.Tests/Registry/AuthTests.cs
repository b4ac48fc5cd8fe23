using Rundlet.Images.Registry;
using Rundlet.Images.Registry.Configuration;
using Rundlet.Images.Registry.Credentials;
using Rundlet.Linux;

namespace Rundlet.Images.Tests.Registry;

[SpecRow("distribution.auth")]
public class AuthTests
{
    private static readonly FixedCredential s_ann = new(Peers.Ann);

    [Fact]
    public async Task One_token_serves_all_requests_to_a_repository()
    {
        var image = new TestImage(1000, 1000);
        using var tokens = new TokenServer();
        using var registry = new MisbehavingRegistry(request => request["Authorization"] is null ? Challenge(tokens.Host) : Peers.Serve(request, image));
        using RegistryClient client = Peers.Client(credentials: s_ann);
        await client.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel);
        await Task.WhenAll(image.Layers.Select(layer => client.GetBlobAsync(Peers.Web(registry.Host), Peers.Blob(layer), 1000, Peers.Cancel)));
        Assert.Equal(["repository:team/web:pull"], tokens.Scopes);
        Assert.Equal(4, registry.Requests.Count);
        Assert.Contains("account=ann", tokens.Requests[0].Target, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_gets_a_token_for_what_all_may_read()
    {
        var image = new TestImage(10);
        using var tokens = new TokenServer();
        using var registry = new MisbehavingRegistry(request => request["Authorization"] is null ? Challenge(tokens.Host) : Peers.Serve(request, image));
        using RegistryClient client = Peers.Client();
        await client.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel);
        Assert.Null(tokens.Requests[0]["Authorization"]);
    }

    [Fact]
    public async Task A_refresh_token_is_posted()
    {
        var image = new TestImage(10);
        using var tokens = new TokenServer();
        using var registry = new MisbehavingRegistry(request => request["Authorization"] is null ? Challenge(tokens.Host) : Peers.Serve(request, image));
        using RegistryClient client = Peers.Client(credentials: new FixedCredential(new RegistryCredential { IdentityToken = TokenServer.RefreshToken }));
        await client.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel);
        Assert.Equal("POST", Assert.Single(tokens.Requests).Method);
    }

    [Fact]
    public async Task A_token_that_ends_is_renewed_before_the_registry_complains()
    {
        var image = new TestImage(10);
        var time = new SkippingTime();
        using var tokens = new TokenServer(seconds: 60);
        using var registry = new MisbehavingRegistry(request => request["Authorization"] is null ? Challenge(tokens.Host) : Peers.Serve(request, image));
        using RegistryClient client = Peers.Client(time);
        await client.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel);
        time.Pass(TimeSpan.FromSeconds(50));
        await client.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel);
        Assert.Single(tokens.Scopes);
        time.Pass(TimeSpan.FromSeconds(5));
        await client.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel);
        Assert.Equal(2, tokens.Scopes.Count);
        Assert.Equal(4, registry.Requests.Count);
    }

    [Fact]
    public async Task A_token_that_the_registry_forgot_is_renewed()
    {
        var image = new TestImage(10);
        string? good = null;
        using var tokens = new TokenServer();
        using var registry = new MisbehavingRegistry(request =>
        {
            if (request["Authorization"] is null || request["Authorization"] == good)
                return Challenge(tokens.Host);
            return Peers.Serve(request, image);
        });
        using RegistryClient client = Peers.Client();
        await client.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel);
        good = registry.Requests[^1]["Authorization"]; // from now on bad
        await client.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel);
        Assert.Equal(2, tokens.Scopes.Count);
    }

    [Theory]
    [InlineData("Bearer realm=\"http://TOKENS/token\",service=\"registry of a test\"")]
    [InlineData("Basic realm=\"again\"")]
    [InlineData("Bearer realm=\"http://TOKENS/token\",service=\"registry of a test\", Basic realm=\"or so\"")]
    public async Task A_registry_that_is_never_content_is_given_up(string challenge)
    {
        using var tokens = new TokenServer();
        using var registry = new MisbehavingRegistry(_ => new RawAnswer(401, ("WWW-Authenticate", challenge.Replace("TOKENS", tokens.Host, StringComparison.Ordinal))));
        using RegistryClient client = Peers.Client(credentials: s_ann);
        ContainerException error = await Peers.FailsAsync(ContainerErrorKind.PermissionDenied, () => client.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel));
        Assert.Contains("does not accept the login", error.Message, StringComparison.Ordinal);
        Assert.Equal($"log in again: rundlet login {registry.Host}", error.Hint);
        Assert.InRange(registry.Requests.Count, 1, 3);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Negotiate")]
    [InlineData("Bearer service=\"no realm\"")]
    [InlineData("Basic realm=\"but we have no login\"")]
    public async Task A_challenge_that_cannot_be_met_asks_for_a_login(string challenge)
    {
        using var registry = new MisbehavingRegistry(_ => new RawAnswer(401, ("WWW-Authenticate", challenge)));
        using RegistryClient client = Peers.Client();
        ContainerException error = await Peers.FailsAsync(ContainerErrorKind.PermissionDenied, () => client.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel));
        Assert.Equal($"rundlet login {registry.Host}", error.Hint);
        Assert.Single(registry.Requests);
    }

    [Theory]
    [InlineData(401, "{}", ContainerErrorKind.PermissionDenied, "does not accept the login")]
    [InlineData(500, "{}", ContainerErrorKind.Unavailable, "answers 500")]
    [InlineData(200, "{}", ContainerErrorKind.Unavailable, "gives no token")]
    [InlineData(200, "[]", ContainerErrorKind.Unavailable, "gives no token")]
    [InlineData(200, "nonsense", ContainerErrorKind.Unavailable, "gives no token")]
    [InlineData(200, "{\"token\":\"a\\r\\nX-Evil: yes\"}", ContainerErrorKind.Unavailable, "gives no token")]
    public async Task A_token_server_that_gives_none_is_named(int status, string body, ContainerErrorKind kind, string message)
    {
        using var tokens = new MisbehavingRegistry(_ => RawAnswer.Text(status, body));
        using var registry = new MisbehavingRegistry(_ => Challenge(tokens.Host));
        using RegistryClient client = Peers.Client(credentials: s_ann);
        ContainerException error = await Peers.FailsAsync(kind, () => client.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains($"token server '{tokens.Host}' of registry '{registry.Host}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_login_is_not_sent_to_a_token_server_without_TLS_when_the_registry_has_it()
    {
        using var authority = new TestCa();
        using var certificate = authority.Sign("127.0.0.1");
        using var tokens = new TokenServer();
        using var registry = new MisbehavingRegistry(_ => Challenge(tokens.Host), certificate);
        using var folder = new CertificateFolder();
        folder.Trust(registry.Host, authority);
        using RegistryClient client = Peers.Client(credentials: s_ann, config: ErrorTests.Secured(registry.Host, RegistrySecurity.Verified), certificates: folder.Path);
        ContainerException error = await Peers.FailsAsync(ContainerErrorKind.PermissionDenied, () => client.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel));
        Assert.Contains("without TLS", error.Message, StringComparison.Ordinal);
        Assert.Empty(tokens.Requests);
    }

    [Fact]
    public async Task A_challenge_of_another_host_is_not_answered()
    {
        using var storage = new MisbehavingRegistry(_ => new RawAnswer(401, ("WWW-Authenticate", "Basic realm=\"give it to me\"")));
        using var registry = new MisbehavingRegistry(_ => new RawAnswer(307, ("Location", $"http://{storage.Host}/x")));
        using RegistryClient client = Peers.Client(credentials: s_ann);
        await Peers.FailsAsync(ContainerErrorKind.PermissionDenied, () => client.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel));
        Assert.Null(Assert.Single(storage.Requests)["Authorization"]);
    }

    [Fact]
    public async Task A_registry_token_is_shown_as_it_is()
    {
        var image = new TestImage(10);
        using var registry = new MisbehavingRegistry(request => request["Authorization"] == "Bearer abc" ? Peers.Serve(request, image) : new RawAnswer(401));
        using RegistryClient client = Peers.Client(credentials: new FixedCredential(new RegistryCredential { RegistryToken = "abc" }));
        await client.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel);
        Assert.Single(registry.Requests);
    }

    private static RawAnswer Challenge(string tokens) =>
        new(401, ("WWW-Authenticate", $"Bearer realm=\"http://{tokens}/token\",service=\"{TokenServer.Service}\",scope=\"repository:team/web:pull\""));
}
