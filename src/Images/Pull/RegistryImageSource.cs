using Rundlet.Images.References;
using Rundlet.Images.Registry;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Pull;

/// <summary>A registry as the source of images; the client stays the caller's.</summary>
public sealed class RegistryImageSource(RegistryClient client) : IImageSource
{
    /// <inheritdoc/>
    public async Task<Descriptor?> ResolveAsync(ImageReference reference, CancellationToken cancel) =>
        await client.HeadManifestAsync(reference, cancel).ConfigureAwait(false) is { } document ? Describe(document) : null;

    /// <inheritdoc/>
    public async Task<(Descriptor Descriptor, byte[] Content)> GetDocumentAsync(ImageReference reference, CancellationToken cancel)
    {
        RemoteDocument document = await client.GetManifestAsync(reference, cancel).ConfigureAwait(false);
        return (Describe(document), document.Bytes);
    }

    /// <inheritdoc/>
    public async Task<(Stream Bytes, long Offset)> OpenBlobAsync(ImageReference repository, Descriptor blob, long offset, CancellationToken cancel)
    {
        BlobDownload download = await client.OpenBlobAsync(repository, blob, offset, cancel).ConfigureAwait(false);
        return (download.Stream, download.Offset);
    }

    private static Descriptor Describe(RemoteDocument document) => new() { MediaType = document.MediaType, Digest = document.Digest, Size = document.Size };
}
