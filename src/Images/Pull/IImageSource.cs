using Rundlet.Images.References;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Pull;

/// <summary>Where a pull gets an image from: a registry.</summary>
public interface IImageSource
{
    /// <summary>What a reference names now: media type, digest and size; null when it names nothing.</summary>
    /// <exception cref="ContainerException">The registry cannot be asked, or refuses.</exception>
    Task<Descriptor?> ResolveAsync(ImageReference reference, CancellationToken cancel);

    /// <summary>A manifest or an index, whole. Its digest was verified where the reference has one.</summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.NotFound"/>, or the registry cannot be asked, or refuses.</exception>
    Task<(Descriptor Descriptor, byte[] Content)> GetDocumentAsync(ImageReference reference, CancellationToken cancel);

    /// <summary>A blob's bytes, to be read by a thread of its own. Nothing about them is verified.</summary>
    /// <param name="repository">A reference into the repository.</param>
    /// <param name="blob">Which.</param>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="cancel">Also ends a read that waits.</param>
    /// <returns>The bytes, and where they begin: at the offset, or at 0 where the registry cannot do otherwise.</returns>
    /// <exception cref="ContainerException">The registry cannot be asked, or refuses.</exception>
    Task<(Stream Bytes, long Offset)> OpenBlobAsync(ImageReference repository, Descriptor blob, long offset, CancellationToken cancel);
}
