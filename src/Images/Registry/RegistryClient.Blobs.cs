using Rundlet.Images.References;
using Rundlet.Images.Registry.Http;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Registry;

public sealed partial class RegistryClient
{
    /// <summary>Begins to download a blob.</summary>
    /// <param name="repository">Where it is; tag and digest do not matter.</param>
    /// <param name="blob">Digest and size; the registry must agree with the size.</param>
    /// <param name="offset">Where to begin, from 0 to the size, in bytes: what came before is there already.</param>
    /// <param name="cancel">Ends it, also while it is read.</param>
    public Task<BlobDownload> OpenBlobAsync(ImageReference repository, Descriptor blob, long offset, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, blob.Size);
        return BlockingTask.Run(() => OpenBlob(SourcesOf(repository), blob, offset, cancel), cancel);
    }

    /// <summary>Fetches a small blob whole, such as a configuration, and verifies it.</summary>
    /// <param name="repository">Where it is; tag and digest do not matter.</param>
    /// <param name="blob">Digest and size.</param>
    /// <param name="maxBytes">The most to accept.</param>
    /// <param name="cancel">Ends it.</param>
    public Task<byte[]> GetBlobAsync(ImageReference repository, Descriptor blob, int maxBytes, CancellationToken cancel) =>
        BlockingTask.Run(() =>
        {
            if (blob.Size > maxBytes)
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"blob '{blob.Digest}' of '{repository.FamiliarName}' is longer than {maxBytes} bytes");
            if (blob.Data is { } data && data.Length == blob.Size && ContentDigest.Of(data, blob.Digest.Algorithm) == blob.Digest)
                return data;
            return FromAny(repository, source => GetBlob(source, blob, cancel))!;
        }, cancel);

    private BlobDownload OpenBlob(List<RegistrySource> sources, Descriptor blob, long offset, CancellationToken cancel)
    {
        var stream = new BlobStream(_exchange, _pool, sources, blob, cancel);
        try
        {
            return new BlobDownload(stream, stream.Begin(offset));
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    private byte[] GetBlob(RegistrySource source, Descriptor blob, CancellationToken cancel)
    {
        byte[] bytes = new byte[blob.Size];
        using (BlobDownload download = OpenBlob([source], blob, 0, cancel))
            download.Stream.ReadExactly(bytes);
        Digest found = ContentDigest.Of(bytes, blob.Digest.Algorithm);
        if (found == blob.Digest)
            return bytes;
        throw new ContainerException(ContainerErrorKind.Unavailable, $"registry '{source.Endpoint.Name}' sends something else for blob '{blob.Digest}': it has the digest '{found}'")
        {
            Hint = "the registry, or something on the way to it, is damaged or lies; nothing was kept",
        };
    }
}
