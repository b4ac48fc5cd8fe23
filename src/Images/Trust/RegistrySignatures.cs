using Rundlet.Images.References;
using Rundlet.Images.Registry;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Trust;

/// <summary>Finds signatures in a registry, where the image lies. The client stays the caller's.</summary>
public sealed class RegistrySignatures(RegistryClient client) : ISignatureSource
{
    /// <inheritdoc/>
    public async Task<byte[]?> TryGetManifestAsync(ImageReference reference, CancellationToken cancel)
    {
        try
        {
            return (await client.GetManifestAsync(reference, cancel).ConfigureAwait(false)).Bytes;
        }
        catch (ContainerException error) when (error.Kind == ContainerErrorKind.NotFound)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public Task<byte[]> GetBlobAsync(ImageReference repository, Descriptor blob, CancellationToken cancel) =>
        client.GetBlobAsync(repository, blob, SignatureFinder.MaxPayloadBytes, cancel);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Descriptor>> ListReferrersAsync(ImageReference repository, Digest subject, string artifactType, CancellationToken cancel) =>
        client.ReferrersAsync(repository, subject, artifactType, cancel);
}
