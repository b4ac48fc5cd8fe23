using System.Security.Cryptography;
using Rundlet.Images.References;
using Rundlet.Images.Registry;
using Rundlet.Images.Registry.Credentials;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Tests.Registry;

public class UploadTests
{
    private static readonly byte[] s_content = RandomNumberGenerator.GetBytes(100_000);

    [Fact]
    [SpecRow("distribution.blob.monolithic")]
    public async Task A_small_blob_is_one_POST_and_one_PUT()
    {
        using var server = new UploadServer();
        using RegistryClient client = Peers.Client();
        List<long> progress = [];
        await client.UploadBlobAsync(Peers.Web(server.Host), Peers.Blob(s_content), () => new MemoryStream(s_content), progress.Add, Peers.Cancel);
        Assert.Equal(s_content, server.Stored);
        Assert.Equal(["POST /v2/team/web/blobs/uploads/", $"PUT /v2/team/web/blobs/uploads/1?_state=0&digest={Uri.EscapeDataString(TestImage.DigestOf(s_content))}"], server.Requests.Select(request => request.ToString()));
        Assert.Equal(100_000, progress[^1]);
    }

    [Theory]
    [InlineData(30_000, 0, 4)]
    [InlineData(100_000, 0, 0)]
    [InlineData(50_000, 0, 2)]
    [InlineData(30_000, 40_000, 3)]
    [InlineData(30_000, 400_000, 0)]
    [SpecRow("distribution.blob.chunked")]
    public async Task A_large_blob_goes_in_pieces_as_large_as_the_registry_wants(int chunk, int least, int pieces)
    {
        using var server = new UploadServer { Fields = least > 0 ? [("OCI-Chunk-Min-Length", $"{least}")] : [] };
        using RegistryClient client = Peers.Client(chunk: chunk);
        await client.UploadBlobAsync(Peers.Web(server.Host), Peers.Blob(s_content), () => new MemoryStream(s_content), null, Peers.Cancel);
        Assert.Equal(s_content, server.Stored);
        Assert.Equal(pieces, server.Requests.Count(request => request.Method == "PATCH"));
    }

    [Fact]
    [SpecRow("distribution.blob.resume")]
    public async Task A_broken_upload_goes_on_where_the_registry_has_it()
    {
        int patches = 0;
        using var server = new UploadServer();
        server.Fault = request =>
        {
            if (request.Method != "PATCH" || ++patches is not (2 or 4))
                return null;
            server.KeepPart(request, 7000);
            return RawAnswer.HangUp;
        };
        using RegistryClient client = Peers.Client(chunk: 20_000);
        await client.UploadBlobAsync(Peers.Web(server.Host), Peers.Blob(s_content), () => new MemoryStream(s_content), null, Peers.Cancel);
        Assert.Equal(s_content, server.Stored);
        Assert.Contains(server.Requests, request => request["Content-Range"] == "27000-46999");
        Assert.Single(server.Requests, request => request.Method == "POST");
    }

    [Theory]
    [InlineData(404)]
    [InlineData(200)]
    public async Task An_upload_that_the_registry_forgot_begins_anew(int status)
    {
        int patches = 0;
        using var server = new UploadServer();
        server.Fault = request => request.Method switch
        {
            "PATCH" when ++patches == 3 => RawAnswer.HangUp,
            "GET" => new RawAnswer(status),
            _ => null,
        };
        using RegistryClient client = Peers.Client(chunk: 20_000);
        await client.UploadBlobAsync(Peers.Web(server.Host), Peers.Blob(s_content), () => new MemoryStream(s_content), null, Peers.Cancel);
        Assert.Equal(s_content, server.Stored);
        Assert.Equal(2, server.Requests.Count(request => request.Method == "POST"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(404)]
    public async Task A_small_blob_is_sent_again_a_few_times(int status)
    {
        int puts = 0;
        using var server = new UploadServer();
        server.Fault = request => request.Method == "PUT" && ++puts < 3 ? new RawAnswer(status) : null;
        using RegistryClient client = Peers.Client();
        await client.UploadBlobAsync(Peers.Web(server.Host), Peers.Blob(s_content), () => new MemoryStream(s_content), null, Peers.Cancel);
        Assert.Equal(s_content, server.Stored);
        server.Fault = request => request.Method == "PUT" ? new RawAnswer(status) : null;
        ContainerException error = await Assert.ThrowsAsync<ContainerException>(() => client.UploadBlobAsync(Peers.Web(server.Host), Peers.Blob(s_content), () => new MemoryStream(s_content), null, Peers.Cancel));
        Assert.Contains(server.Host, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_blob_with_another_digest_is_refused_by_the_registry_and_not_sent_again()
    {
        using var server = new UploadServer();
        using RegistryClient client = Peers.Client();
        byte[] other = [.. s_content[..^1], 1, 2];
        ContainerException error = await Assert.ThrowsAsync<ContainerException>(() => client.UploadBlobAsync(Peers.Web(server.Host), new Descriptor { MediaType = MediaTypes.Layer, Digest = Digest.Of(s_content), Size = other.Length }, () => new MemoryStream(other), null, Peers.Cancel));
        Assert.Contains("DIGEST_INVALID: not that", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task Content_that_is_shorter_than_it_says_is_a_fault_of_ours()
    {
        using var server = new UploadServer();
        using RegistryClient client = Peers.Client();
        Descriptor blob = Peers.Blob(s_content);
        await Peers.FailsAsync(ContainerErrorKind.Internal, () => client.UploadBlobAsync(Peers.Web(server.Host), blob, () => new MemoryStream(s_content, 0, 500), null, Peers.Cancel));
    }

    [Theory]
    [InlineData("0-10")]
    [InlineData("0-99999999")]
    public async Task A_registry_that_keeps_other_bytes_than_it_got_is_found_out(string range)
    {
        int patches = 0;
        using var server = new UploadServer();
        server.Fault = request => request.Method == "PATCH" && ++patches == 2 ? new RawAnswer(202, ("Range", range)) : null;
        using RegistryClient client = Peers.Client(chunk: 20_000);
        ContainerException error = await Peers.FailsAsync(ContainerErrorKind.Unavailable, () => client.UploadBlobAsync(Peers.Web(server.Host), Peers.Blob(s_content), () => new MemoryStream(s_content), null, Peers.Cancel));
        Assert.Contains("kept", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [SpecRow("distribution.blob.mount")]
    public async Task A_mount_that_becomes_an_upload_is_ended()
    {
        using var server = new UploadServer();
        using RegistryClient client = Peers.Client();
        Assert.False(await client.TryMountAsync(Peers.Web(server.Host), Digest.Of(s_content), "team/other", Peers.Cancel));
        Assert.Equal(["POST", "DELETE"], server.Requests.Select(request => request.Method));
        Assert.Contains("from=team%2Fother", server.Requests[0].Target, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_000_000)]
    [SpecRow("distribution.manifest.put", "distribution.blob.head", "distribution.blob.mount", "distribution.manifest.delete", "distribution.blob.delete", "distribution.tags")]
    public async Task A_real_registry_takes_all_and_gives_it_back(int chunk)
    {
        using var tokens = new TokenServer();
        using var folder = new CertificateFolder();
        using var registry = new RegistryServer(auth: tokens.Configuration(folder.Path));
        var image = new TestImage(3_333_333, 10);
        using RegistryClient client = Peers.Client(credentials: new FixedCredential(Peers.Ann), chunk: chunk);
        ImageReference web = Peers.Web(registry.Host), other = ImageReference.Parse($"{registry.Host}/team/other:x");
        foreach (byte[] blob in (byte[][])[image.Config, .. image.Layers])
        {
            Assert.False(await client.BlobExistsAsync(web, Digest.Of(blob), Peers.Cancel));
            await client.UploadBlobAsync(web, Peers.Blob(blob), () => new MemoryStream(blob), null, Peers.Cancel);
            Assert.True(await client.BlobExistsAsync(web, Digest.Of(blob), Peers.Cancel));
            Assert.True(await client.TryMountAsync(other, Digest.Of(blob), "team/web", Peers.Cancel));
            Assert.Equal(blob, await client.GetBlobAsync(other, Peers.Blob(blob), 4 << 20, Peers.Cancel));
        }
        Assert.Equal(image.ManifestDigest, (await client.PutManifestAsync(web, TestImage.ManifestType, image.Manifest, Peers.Cancel)).ToString());
        await client.PutManifestAsync(Peers.Web(registry.Host, ":second"), TestImage.ManifestType, image.Manifest, Peers.Cancel);
        Assert.Equal(image.Manifest, (await client.GetManifestAsync(web, Peers.Cancel)).Bytes);
        Assert.Equal(["latest", "second"], await client.ListTagsAsync(web, Peers.Cancel));
        await Peers.FailsAsync(ContainerErrorKind.NotFound, () => client.ListTagsAsync(ImageReference.Parse($"{registry.Host}/no/such"), Peers.Cancel));

        await client.DeleteManifestAsync(Peers.Web(registry.Host, "@" + image.ManifestDigest), Peers.Cancel);
        Assert.Null(await client.HeadManifestAsync(web, Peers.Cancel));
        await Peers.FailsAsync(ContainerErrorKind.NotFound, () => client.DeleteManifestAsync(Peers.Web(registry.Host, "@" + image.ManifestDigest), Peers.Cancel));
        await client.DeleteBlobAsync(web, Digest.Of(image.Config), Peers.Cancel);
        Assert.False(await client.BlobExistsAsync(web, Digest.Of(image.Config), Peers.Cancel));
    }

    [Fact]
    public async Task Nobody_writes_without_a_login()
    {
        using var tokens = new TokenServer();
        using var folder = new CertificateFolder();
        using var registry = new RegistryServer(auth: tokens.Configuration(folder.Path));
        using RegistryClient client = Peers.Client();
        ContainerException error = await Peers.FailsAsync(ContainerErrorKind.PermissionDenied, () => client.UploadBlobAsync(Peers.Web(registry.Host), Peers.Blob(s_content), () => new MemoryStream(s_content), null, Peers.Cancel));
        Assert.Contains($"rundlet login {registry.Host}", ContainerException.HintOf(error), StringComparison.Ordinal);
    }
}
