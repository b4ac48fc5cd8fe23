using System.Net.Http.Headers;
using System.Text;
using Rundlet.Images.Registry;
using Rundlet.Images.Registry.Configuration;
using Rundlet.Images.Registry.Credentials;
using Rundlet.Linux;

namespace Rundlet.Images.Tests.Registry;

/// <summary>Against Debian's registry.</summary>
public class RealRegistryTests
{
    [Fact]
    public async Task An_image_is_pulled_over_plain_HTTP()
    {
        using var registry = new RegistryServer();
        var image = new TestImage(3_000_000, 10, 500_000);
        await registry.PushAsync("team/web", "latest", image);
        using RegistryClient client = Peers.Client();
        await AssertPullsAsync(client, registry.Host, image);
        Assert.Null(await client.HeadManifestAsync(Peers.Web(registry.Host, ":other"), Peers.Cancel));
        await Peers.FailsAsync(ContainerErrorKind.NotFound, () => client.GetManifestAsync(Peers.Web(registry.Host, ":other"), Peers.Cancel));
    }

    [Fact]
    public async Task An_authority_of_certs_d_is_trusted_and_no_other()
    {
        using var authority = new TestCa();
        using var folder = new CertificateFolder();
        using var registry = new RegistryServer(authority.SignInto(folder.Of("server"), "127.0.0.1"));
        var image = new TestImage(1000);
        await registry.PushAsync("team/web", "latest", image);
        RegistryConfig verified = ErrorTests.Secured(registry.Host, RegistrySecurity.Verified);

        using (RegistryClient stranger = Peers.Client(config: verified, certificates: folder.Path))
        {
            ContainerException error = await Peers.FailsAsync(ContainerErrorKind.PermissionDenied, () => stranger.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel));
            Assert.Contains($"registry '{registry.Host}' is not trusted: its certificate is signed by nobody who is trusted", error.Message, StringComparison.Ordinal);
            Assert.Contains($"{folder.Path}/{registry.Host}/ca.crt", error.Hint, StringComparison.Ordinal);
        }
        using (RegistryClient loopback = Peers.Client())
            await AssertPullsAsync(loopback, registry.Host, image);
        using (RegistryClient unverified = Peers.Client(config: ErrorTests.Secured(registry.Host, RegistrySecurity.UnverifiedTls)))
            await AssertPullsAsync(unverified, registry.Host, image);
        folder.Trust(registry.Host, authority);
        using (RegistryClient client = Peers.Client(config: verified, certificates: folder.Path))
            await AssertPullsAsync(client, registry.Host, image);
        using (RegistryClient plain = Peers.Client(config: ErrorTests.Secured(registry.Host, RegistrySecurity.PlainHttp)))
            await Assert.ThrowsAsync<ContainerException>(() => plain.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel));
    }

    [Theory]
    [InlineData("localhost", 0, "is for another host")]
    [InlineData("127.0.0.1", -1, "ended on")]
    public async Task A_certificate_that_is_not_good_is_refused_with_its_reason(string name, int days, string reason)
    {
        using var authority = new TestCa();
        using var folder = new CertificateFolder();
        using var certificate = authority.Sign(name, days == 0 ? null : DateTimeOffset.UtcNow.AddDays(days));
        using var registry = new MisbehavingRegistry(_ => RawAnswer.Ok([]), certificate);
        folder.Trust(registry.Host, authority);
        using RegistryClient client = Peers.Client(config: ErrorTests.Secured(registry.Host, RegistrySecurity.Verified), certificates: folder.Path);
        ContainerException error = await Peers.FailsAsync(ContainerErrorKind.PermissionDenied, () => client.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Empty(registry.Requests);
    }

    [Fact]
    public async Task A_registry_that_asks_who_we_are_is_shown_the_certificate_of_certs_d()
    {
        using var authority = new TestCa();
        using var folder = new CertificateFolder();
        File.WriteAllText($"{folder.Of("server")}/clients.pem", authority.Pem);
        using var registry = new RegistryServer(authority.SignInto(folder.Of("server"), "127.0.0.1"), clientAuthority: $"{folder.Of("server")}/clients.pem");
        folder.Trust(registry.Host, authority);
        RegistryConfig verified = ErrorTests.Secured(registry.Host, RegistrySecurity.Verified);
        using (RegistryClient stranger = Peers.Client(config: verified, certificates: folder.Path))
        {
            ContainerException error = await Peers.FailsAsync(ContainerErrorKind.Unavailable, () => stranger.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel));
            Assert.Contains(folder.Path, ContainerException.HintOf(error), StringComparison.Ordinal);
        }
        authority.SignInto(folder.Of(registry.Host), "client");
        using (RegistryClient client = Peers.Client(config: verified, certificates: folder.Path))
            Assert.Null(await client.HeadManifestAsync(Peers.Web(registry.Host), Peers.Cancel));
        File.Delete($"{folder.Of(registry.Host)}/client.key");
        using (RegistryClient keyless = Peers.Client(config: verified, certificates: folder.Path))
        {
            ContainerException error = await Peers.FailsAsync(ContainerErrorKind.InvalidArgument, () => keyless.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel));
            Assert.Contains("has no key", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    [SpecRow("distribution.auth")]
    public async Task Basic_logins_are_checked_by_htpasswd()
    {
        using var folder = new CertificateFolder();
        File.WriteAllText($"{folder.Path}/users", Sandbox.Run("htpasswd", "-Bbn", "-C", "4", Peers.Ann.User, Peers.Ann.Password!));
        using var registry = new RegistryServer(auth: $"  htpasswd:\n    realm: test\n    path: {folder.Path}/users\n");
        var image = new TestImage(1000);
        await registry.PushAsync("team/web", "latest", image, new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Peers.Ann.User}:{Peers.Ann.Password}"))));

        using (RegistryClient client = Peers.Client(credentials: new FixedCredential(Peers.Ann)))
            await AssertPullsAsync(client, registry.Host, image);
        using (RegistryClient nobody = Peers.Client())
        {
            ContainerException error = await Peers.FailsAsync(ContainerErrorKind.PermissionDenied, () => nobody.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel));
            Assert.Equal($"rundlet login {registry.Host}", error.Hint);
        }
        using RegistryClient wrong = Peers.Client(credentials: new FixedCredential(Peers.Ann with { Password = "wrong" }));
        Assert.Contains("does not accept the login", (await Peers.FailsAsync(ContainerErrorKind.PermissionDenied, () => wrong.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel))).Message, StringComparison.Ordinal);
    }

    [Fact]
    [SpecRow("distribution.auth")]
    public async Task Tokens_are_believed_by_the_registry()
    {
        using var tokens = new TokenServer();
        using var folder = new CertificateFolder();
        using var registry = new RegistryServer(auth: tokens.Configuration(folder.Path));
        using RegistryClient client = Peers.Client();
        Assert.Null(await client.HeadManifestAsync(Peers.Web(registry.Host), Peers.Cancel));
        Assert.Equal(["repository:team/web:pull"], tokens.Scopes);
    }

    private static async Task AssertPullsAsync(RegistryClient client, string host, TestImage image)
    {
        RemoteDocument? head = await client.HeadManifestAsync(Peers.Web(host), Peers.Cancel);
        RemoteDocument manifest = await client.GetManifestAsync(Peers.Web(host), Peers.Cancel);
        Assert.Equal(image.Manifest, manifest.Bytes);
        Assert.Equal((manifest.Digest, manifest.Size, manifest.MediaType), (head!.Digest, head.Size, head.MediaType));
        Assert.Equal(image.Config, await client.GetBlobAsync(Peers.Web(host), Peers.Blob(image.Config), 1 << 20, Peers.Cancel));
        foreach (byte[] layer in image.Layers)
        {
            int offset = layer.Length / 3;
            using BlobDownload download = await client.OpenBlobAsync(Peers.Web(host), Peers.Blob(layer), offset, Peers.Cancel);
            Assert.Equal(offset, download.Offset);
            Assert.Equal(layer[offset..], Peers.ReadAll(download));
        }
    }
}
