using System.Text;
using Rundlet.Images.References;
using Rundlet.Images.Registry;
using Rundlet.Images.Registry.Configuration;
using Rundlet.Images.Registry.Credentials;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Tests.Registry;

/// <summary>Words that the tests of the client share.</summary>
internal static class Peers
{
    public const string ManifestPath = "/v2/team/web/manifests/";
    public const string BlobPath = "/v2/team/web/blobs/";

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static RegistryClient Client(TimeProvider? time = null, ICredentialSource? credentials = null, RegistryConfig? config = null, string? certificates = null, TimeSpan? stall = null, int chunk = 0) =>
        new(new RegistryOptions
        {
            Config = config ?? RegistryConfig.Default,
            Credentials = credentials ?? new FixedCredential(null),
            CertificateFolders = [certificates ?? "/nonexistent"],
            Time = time ?? new SkippingTime(),
            ChunkSize = chunk > 0 ? chunk : 32 << 20,
            ChunkedFrom = chunk > 0 ? chunk : 64 << 20,
            StallTimeout = stall ?? TimeSpan.FromSeconds(20),
        });

    public static ImageReference Web(string host, string suffix = ":latest") => ImageReference.Parse($"{host}/team/web{suffix}");

    public static Descriptor Blob(byte[] content) => new() { MediaType = MediaTypes.Layer, Digest = Digest.Of(content), Size = content.Length };

    public static RegistryCredential Ann => new() { User = "ann", Password = "s3cret: with colon" };

    /// <summary>The chain of an error that must come.</summary>
    public static async Task<ContainerException> FailsAsync(ContainerErrorKind kind, Func<Task> work)
    {
        ContainerException error = await Assert.ThrowsAsync<ContainerException>(work);
        Assert.True(kind == error.Kind, $"{error.Kind}: {error}");
        return error;
    }

    /// <summary>An image with its manifest and blobs, as an ordinary registry answers.</summary>
    public static RawAnswer Serve(RawRequest request, TestImage image)
    {
        string last = request.Path[(request.Path.LastIndexOf('/') + 1)..];
        if (request.Path.StartsWith(ManifestPath, StringComparison.Ordinal) && (last == "latest" || last == image.ManifestDigest))
            return RawAnswer.Ok(image.Manifest, ("Content-Type", TestImage.ManifestType), ("Docker-Content-Digest", image.ManifestDigest));
        byte[]? blob = ((IEnumerable<byte[]>)[image.Config, .. image.Layers]).FirstOrDefault(blob => TestImage.DigestOf(blob) == last);
        return blob is null ? RawAnswer.Text(404, """{"errors":[{"code":"BLOB_UNKNOWN"}]}""") : RawAnswer.Part(request, blob);
    }

    /// <summary>Reads a download to its end with reads of one size.</summary>
    public static byte[] ReadAll(BlobDownload download, int piece = 10_000)
    {
        var all = new MemoryStream();
        byte[] buffer = new byte[piece];
        while (download.Stream.Read(buffer) is > 0 and int got)
            all.Write(buffer, 0, got);
        return all.ToArray();
    }

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
