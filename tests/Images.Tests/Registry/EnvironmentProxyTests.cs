using Rundlet.Images.References;
using Rundlet.Images.Registry;
using Rundlet.Images.Registry.Configuration;
using Rundlet.Images.Registry.Http;
using Rundlet.Linux;

namespace Rundlet.Images.Tests.Registry;

public class EnvironmentProxyTests
{
    [Theory]
    [InlineData("", "https://a.test/", true)]
    [InlineData("*", "https://a.test/", false)]
    [InlineData("a.test", "https://a.test/", false)]
    [InlineData("a.test", "https://b.a.test/", false)]
    [InlineData("A.Test", "https://b.a.test/", false)]
    [InlineData("a.test", "https://ba.test/", true)]
    [InlineData(".a.test", "https://b.a.test/", false)]
    [InlineData(".a.test", "https://a.test/", true)]
    [InlineData("*.a.test", "https://b.a.test/", false)]
    [InlineData("b.test, a.test", "https://a.test/", false)]
    [InlineData("a.test:5000", "https://a.test:5000/", false)]
    [InlineData("a.test:5000", "https://a.test/", true)]
    [InlineData("10.0.0.0/8", "https://10.1.2.3/", false)]
    [InlineData("10.0.0.0/8", "https://11.1.2.3/", true)]
    [InlineData("10.1.2.3", "https://10.1.2.3:5000/", false)]
    [InlineData("10.1.2.3:5000", "https://10.1.2.3:5000/", false)]
    [InlineData("10.1.2.3:5001", "https://10.1.2.3:5000/", true)]
    [InlineData("fd00::/8", "https://[fd00::1]/", false)]
    [InlineData("[fd00::1]", "https://[fd00::1]/", false)]
    [InlineData("", "https://localhost:5000/", false)]
    [InlineData("", "https://127.0.0.5/", false)]
    [InlineData("", "https://[::1]/", false)]
    public void NO_PROXY_is_read_as_other_engines_do(string exempt, string address, bool proxied)
    {
        var proxy = new EnvironmentProxy(name => name switch { "https_proxy" => "proxy.test:3128", "NO_PROXY" => exempt, _ => null });
        Assert.Equal(proxied ? "http://proxy.test:3128/" : null, proxy.GetProxy(new Uri(address))?.ToString());
        Assert.Equal(!proxied, proxy.IsBypassed(new Uri(address)));
    }

    [Fact]
    public void Each_scheme_has_its_proxy_and_lower_case_counts_first()
    {
        var proxy = new EnvironmentProxy(name => name switch { "HTTP_PROXY" => "upper.test", "http_proxy" => "lower.test", "HTTPS_PROXY" => "socks5://s.test:1080", _ => null });
        Assert.Equal("http://lower.test/", proxy.GetProxy(new Uri("http://a.test/"))!.ToString());
        Assert.Equal("socks5://s.test:1080/", proxy.GetProxy(new Uri("https://a.test/"))!.ToString());
        Assert.Null(new EnvironmentProxy(_ => null).GetProxy(new Uri("http://a.test/")));
    }

    [Fact]
    public void What_is_no_URL_is_refused() =>
        Assert.Equal(ContainerErrorKind.InvalidArgument, Assert.Throws<ContainerException>(() => new EnvironmentProxy(name => name == "HTTP_PROXY" ? "ftp://x" : null)).Kind);

    [Fact]
    public async Task A_request_goes_through_the_proxy_with_its_login()
    {
        var image = new TestImage(10);
        using var proxy = new MisbehavingRegistry(request => request["Proxy-Authorization"] is null
            ? new RawAnswer(407, ("Proxy-Authenticate", "Basic realm=\"p\""))
            : Peers.Serve(request with { Target = new Uri(request.Target).PathAndQuery }, image));
        using RegistryClient client = new(new RegistryOptions
        {
            Proxy = new EnvironmentProxy(name => name == "HTTP_PROXY" ? $"http://ann:p%40ss@{proxy.Host}" : null),
            Config = ErrorTests.Secured("registry.invalid", RegistrySecurity.PlainHttp),
            Time = new SkippingTime(),
        });
        RemoteDocument manifest = await client.GetManifestAsync(ImageReference.Parse("registry.invalid/team/web"), Peers.Cancel);
        Assert.Equal(image.Manifest, manifest.Bytes);
        Assert.Equal("Basic " + Convert.ToBase64String(Peers.Utf8("ann:p@ss")), proxy.Requests[^1]["Proxy-Authorization"]);
        Assert.StartsWith("http://registry.invalid/v2/", proxy.Requests[^1].Target, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_that_leads_nowhere_is_told()
    {
        using var proxy = new MisbehavingRegistry(_ => new RawAnswer(502));
        using RegistryClient client = new(new RegistryOptions
        {
            Proxy = new EnvironmentProxy(name => name == "HTTPS_PROXY" ? proxy.Host : null),
            Time = new SkippingTime(),
        });
        ContainerException error = await Peers.FailsAsync(ContainerErrorKind.Unavailable, () => client.GetManifestAsync(ImageReference.Parse("registry.invalid/team/web"), Peers.Cancel));
        Assert.Equal("the proxy does not lead to registry 'registry.invalid'", error.Message);
        Assert.Equal("CONNECT registry.invalid:443", proxy.Requests[0].ToString());
    }
}
