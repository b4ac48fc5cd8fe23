using Rundlet.Images.References;
using Rundlet.Images.Registry;
using Rundlet.Images.Registry.Configuration;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Tests.Registry;

public class ManifestTests
{
    private static readonly string s_other = TestImage.DigestOf([1, 2, 3]);

    [Fact]
    [SpecRow("distribution.manifest.get")]
    public async Task A_manifest_comes_by_tag_and_by_digest()
    {
        var image = new TestImage(10);
        using var registry = new MisbehavingRegistry(request => Peers.Serve(request, image));
        using RegistryClient client = Peers.Client();
        foreach (string suffix in (string[])[":latest", "@" + image.ManifestDigest, ":anything@" + image.ManifestDigest])
        {
            RemoteDocument manifest = await client.GetManifestAsync(Peers.Web(registry.Host, suffix), Peers.Cancel);
            Assert.Equal(image.Manifest, manifest.Bytes);
            Assert.Equal(image.ManifestDigest, manifest.Digest.ToString());
            Assert.Equal(MediaTypes.Manifest, manifest.MediaType);
            Assert.Equal(image.Manifest.Length, manifest.Size);
        }
        string accept = registry.Requests[0]["Accept"]!;
        Assert.All((string[])[MediaTypes.Index, MediaTypes.Manifest, MediaTypes.DockerManifestList, MediaTypes.DockerManifest], type => Assert.Contains(type, accept, StringComparison.Ordinal));
    }

    [Fact]
    [SpecRow("distribution.manifest.head")]
    public async Task The_head_of_a_manifest_is_one_request_without_a_body()
    {
        var image = new TestImage(10);
        using var registry = new MisbehavingRegistry(request => Peers.Serve(request, image));
        using RegistryClient client = Peers.Client();
        RemoteDocument? head = await client.HeadManifestAsync(Peers.Web(registry.Host), Peers.Cancel);
        Assert.Equal((image.ManifestDigest, image.Manifest.Length, TestImage.ManifestType), (head!.Digest.ToString(), head.Size, head.MediaType));
        Assert.Empty(head.Bytes);
        Assert.Equal("HEAD", Assert.Single(registry.Requests).Method);
        Assert.Null(await client.HeadManifestAsync(Peers.Web(registry.Host, ":other"), Peers.Cancel));
    }

    [Theory]
    [InlineData(405)]
    [InlineData(200)]
    public async Task Where_HEAD_tells_too_little_GET_is_asked(int status)
    {
        var image = new TestImage(10);
        using var registry = new MisbehavingRegistry(request => request.Method == "HEAD" ? new RawAnswer(status) : Peers.Serve(request, image));
        using RegistryClient client = Peers.Client();
        RemoteDocument? head = await client.HeadManifestAsync(Peers.Web(registry.Host), Peers.Cancel);
        Assert.Equal(image.ManifestDigest, head!.Digest.ToString());
        Assert.Null(await client.HeadManifestAsync(Peers.Web(registry.Host, ":other"), Peers.Cancel));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_manifest_with_another_digest_is_refused(bool byTag)
    {
        var image = new TestImage(10);
        using var registry = new MisbehavingRegistry(_ => RawAnswer.Ok(image.Manifest, ("Content-Type", TestImage.ManifestType), ("Docker-Content-Digest", s_other)));
        using RegistryClient client = Peers.Client();
        ContainerException error = await Peers.FailsAsync(ContainerErrorKind.Unavailable, () => client.GetManifestAsync(Peers.Web(registry.Host, byTag ? ":latest" : "@" + s_other), Peers.Cancel));
        Assert.Contains($"it has the digest '{image.ManifestDigest}'", error.Message, StringComparison.Ordinal);
        if (!byTag)
            await Peers.FailsAsync(ContainerErrorKind.Unavailable, () => client.HeadManifestAsync(Peers.Web(registry.Host, "@" + image.ManifestDigest), Peers.Cancel));
    }

    [Fact]
    [SpecRow("distribution.digest.sha512")]
    public async Task A_manifest_is_verified_by_sha512_where_its_digest_is_of_that()
    {
        var image = new TestImage(10);
        Digest digest = Digest.FromSha512(System.Security.Cryptography.SHA512.HashData(image.Manifest));
        using var registry = new MisbehavingRegistry(_ => RawAnswer.Ok(image.Manifest, ("Content-Type", TestImage.ManifestType), ("Docker-Content-Digest", digest.ToString())));
        using RegistryClient client = Peers.Client();
        Assert.Equal(digest, (await client.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel)).Digest);
        Assert.Equal(digest, (await client.GetManifestAsync(Peers.Web(registry.Host, $"@{digest}"), Peers.Cancel)).Digest);
    }

    [Theory]
    [InlineData("""{"schemaVersion":1,"name":"a","tag":"b","fsLayers":[]}""", "application/vnd.docker.distribution.manifest.v1+prettyjws", ContainerErrorKind.Unsupported, "schema 1")]
    [InlineData("""{"schemaVersion":1,"name":"a","tag":"b","fsLayers":[]}""", "application/json", ContainerErrorKind.Unsupported, "schema 1")]
    [InlineData("""{"schemaVersion":2,"manifests":[],"layers":[]}""", MediaTypes.Index, ContainerErrorKind.InvalidArgument, "both")]
    [InlineData("""{"schemaVersion":2,"manifests":[]}""", MediaTypes.Manifest, ContainerErrorKind.InvalidArgument, "malformed")]
    [InlineData("<html>", "text/html", ContainerErrorKind.InvalidArgument, "malformed")]
    [InlineData("", MediaTypes.Manifest, ContainerErrorKind.InvalidArgument, "malformed")]
    public async Task What_is_no_manifest_is_refused_by_name(string body, string type, ContainerErrorKind kind, string message)
    {
        using var registry = new MisbehavingRegistry(_ => RawAnswer.Text(200, body, ("Content-Type", type)));
        using RegistryClient client = Peers.Client();
        ContainerException error = await Peers.FailsAsync(kind, () => client.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains("team/web", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/json")]
    [InlineData(null)]
    public async Task A_registry_that_does_not_know_the_type_is_told_by_the_document(string? type)
    {
        var image = new TestImage(10);
        using var registry = new MisbehavingRegistry(_ => type is null ? RawAnswer.Ok(image.Manifest) : RawAnswer.Ok(image.Manifest, ("Content-Type", type)));
        using RegistryClient client = Peers.Client();
        Assert.Equal(MediaTypes.Manifest, (await client.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel)).MediaType);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_manifest_of_more_than_four_mebibytes_is_not_read(bool chunked)
    {
        using var registry = new MisbehavingRegistry(_ => RawAnswer.Ok(new byte[(4 << 20) + 1]) with { Chunked = chunked });
        using RegistryClient client = Peers.Client();
        ContainerException error = await Peers.FailsAsync(ContainerErrorKind.Unavailable, () => client.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel));
        Assert.Contains("more than 4194304 bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manifest_that_breaks_off_is_asked_for_again()
    {
        var image = new TestImage(10);
        int answers = 0;
        using var registry = new MisbehavingRegistry(request => Peers.Serve(request, image) with { ResetAfter = ++answers < 3 ? 20 : null });
        using RegistryClient client = Peers.Client();
        Assert.Equal(image.Manifest, (await client.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel)).Bytes);
        Assert.Equal(3, answers);
    }

    [Fact]
    public async Task What_a_mirror_lacks_or_spoils_comes_from_the_registry()
    {
        var image = new TestImage(200_000);
        byte[] spoilt = [.. image.Config[..^1], 0];
        using var registry = new MisbehavingRegistry(request => Peers.Serve(request, image));
        using var empty = new MisbehavingRegistry(_ => new RawAnswer(404));
        using var spoiling = new MisbehavingRegistry(request =>
        {
            if (request.Path.EndsWith(TestImage.DigestOf(image.Config), StringComparison.Ordinal))
                return RawAnswer.Ok(spoilt);
            return request.Path.StartsWith(Peers.ManifestPath, StringComparison.Ordinal) ? new RawAnswer(404) : RawAnswer.Ok(image.Layers[0]) with { ResetAfter = 100_000 };
        });
        RegistryConfig config = Mirrored(registry.Host, $"127.0.0.1:1/unreachable", $"{empty.Host}/hub", spoiling.Host);
        using RegistryClient client = Peers.Client(config: config);

        Assert.Equal(image.ManifestDigest, (await client.HeadManifestAsync(Peers.Web(registry.Host), Peers.Cancel))!.Digest.ToString());
        using BlobDownload download = await client.OpenBlobAsync(Peers.Web(registry.Host), Peers.Blob(image.Layers[0]), 0, Peers.Cancel);
        Assert.Equal(image.Layers[0], Peers.ReadAll(download));
        Assert.StartsWith("/v2/hub/team/web/", empty.Requests[0].Target, StringComparison.Ordinal);
        Assert.Equal("bytes=100000-", registry.Requests[^1]["Range"]);

        using RegistryClient another = Peers.Client(config: config);
        Assert.Equal(image.Config, await another.GetBlobAsync(Peers.Web(registry.Host), Peers.Blob(image.Config), 1 << 20, Peers.Cancel));
        Assert.EndsWith(TestImage.DigestOf(image.Config), spoiling.Requests[^1].Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_mirror_has_the_registry_is_not_asked_for()
    {
        var image = new TestImage(1000);
        using var registry = new MisbehavingRegistry(_ => new RawAnswer(500));
        using var mirror = new MisbehavingRegistry(request => Peers.Serve(request, image));
        using RegistryClient client = Peers.Client(config: Mirrored(registry.Host, mirror.Host));
        Assert.Equal(image.Manifest, (await client.GetManifestAsync(Peers.Web(registry.Host), Peers.Cancel)).Bytes);
        using BlobDownload download = await client.OpenBlobAsync(Peers.Web(registry.Host), Peers.Blob(image.Layers[0]), 0, Peers.Cancel);
        Assert.Equal(image.Layers[0], Peers.ReadAll(download));
        Assert.Empty(registry.Requests);
    }

    private static RegistryConfig Mirrored(string registry, params string[] mirrors) =>
        new() { Registries = new Dictionary<string, RegistryEntry> { [registry] = new() { Mirrors = mirrors } } };
}
