using Rundlet.Images.Registry;
using Rundlet.Images.Registry.Configuration;
using Rundlet.Linux;

namespace Rundlet.Images.Tests.Registry;

public class RegistryConfigTests
{
    [Fact]
    public void A_document_sets_search_mirrors_and_security()
    {
        RegistryConfig config = RegistryConfig.Parse("""
            {
              // comments are welcome
              "search": ["docker.io", "registry.lan:5000"],
              "registries": {
                "registry.lan:5000": { "insecure": true },
                "plain.lan": { "insecure": "http" },
                "tls.lan": { "insecure": "tls" },
                "127.0.0.1:5000": { "insecure": false },
                "docker.io": { "mirrors": ["mirror.lan/hub/x", "other.lan:1", "[::1]:5000"] },
              }
            }
            """, "r.json");
        Assert.Equal(["docker.io", "registry.lan:5000"], config.Search);
        Assert.Equal(["mirror.lan/hub/x", "other.lan:1", "[::1]:5000"], config.MirrorsOf("docker.io"));
        Assert.Empty(config.MirrorsOf("other.lan"));
        Assert.Equal(RegistrySecurity.Insecure, config.SecurityOf("registry.lan:5000"));
        Assert.Equal(RegistrySecurity.PlainHttp, config.SecurityOf("plain.lan"));
        Assert.Equal(RegistrySecurity.UnverifiedTls, config.SecurityOf("tls.lan"));
        Assert.Equal(RegistrySecurity.Verified, config.SecurityOf("127.0.0.1:5000"));
        Assert.Equal(RegistrySecurity.Verified, config.SecurityOf("registry.lan"));
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("localhost:5000", true)]
    [InlineData("127.0.0.1:5000", true)]
    [InlineData("127.9.8.7", true)]
    [InlineData("[::1]:5000", true)]
    [InlineData("[::1]", true)]
    [InlineData("128.0.0.1", false)]
    [InlineData("localhost.test", false)]
    [InlineData("127.0.0.1.test", false)]
    [InlineData("docker.io", false)]
    public void Loopback_needs_no_TLS_and_all_else_does(string registry, bool isLoopback) =>
        Assert.Equal(isLoopback ? RegistrySecurity.Insecure : RegistrySecurity.Verified, RegistryConfig.Default.SecurityOf(registry));

    [Theory]
    [InlineData("{", "is not JSON: line 1")]
    [InlineData("[]", "the document is not an object")]
    [InlineData("""{"serach": []}""", "unknown member 'serach'")]
    [InlineData("""{"search": "docker.io"}""", "search is not a list")]
    [InlineData("""{"search": ["https://docker.io"]}""", "is not host[:port]")]
    [InlineData("""{"search": [5]}""", "is not host[:port]")]
    [InlineData("""{"registries": {"a/b": {}}}""", "'a/b' is not host[:port]")]
    [InlineData("""{"registries": {"a.test": []}}""", "'a.test' is not an object")]
    [InlineData("""{"registries": {"a.test": {"insecure": "yes"}}}""", "'insecure' of 'a.test' is")]
    [InlineData("""{"registries": {"a.test": {"insecure": 1}}}""", "'insecure' of 'a.test' is")]
    [InlineData("""{"registries": {"a.test": {"mirrors": ["m.test/../x"]}}}""", "is not host[:port][/prefix]")]
    [InlineData("""{"registries": {"a.test": {"mirror": []}}}""", "unknown member 'mirror' of 'a.test'")]
    public void What_is_not_understood_is_an_error_with_its_place(string json, string message)
    {
        var error = Assert.Throws<ContainerException>(() => RegistryConfig.Parse(json, "r.json"));
        Assert.Equal(ContainerErrorKind.InvalidArgument, error.Kind);
        Assert.Contains("'r.json'", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_environment_names_the_folder()
    {
        using var folder = new CertificateFolder();
        File.WriteAllText($"{folder.Path}/registries.json", """{"search":["registry.lan"]}""");
        RegistryOptions options = RegistryOptions.FromEnvironment(name => name == "RUNDLET_CONFIG_DIR" ? folder.Path : null);
        Assert.Equal(["registry.lan"], options.Config.Search);
        Assert.Equal($"{folder.Path}/certs.d", options.CertificateFolders[0]);
        Assert.Equal(RegistryConfig.Default, RegistryConfig.Load($"{folder.Path}/none"));
        Assert.Equal("/etc/rundlet", RegistryOptions.ConfigFolder(_ => ""));
    }
}
