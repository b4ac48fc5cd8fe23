using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.References;

/// <summary>
/// Which images there are, what they are called and what they consist of.
/// <code>
/// reference ──► image (a manifest) ──► its blobs
///                   ▲     └──────────► its layers (chain ids)
///               containers
/// lease ──► blobs, layers that somebody is at work on
/// </code>
/// Each method is one step for all processes that use the store, and what it changed survives a power cut. An image stays while anything
/// points at it; contents stay while an image or a lease has them. Not for two threads at once.
/// </summary>
public interface IImageDatabase
{
    /// <summary>What a reference points at; null when it is not known.</summary>
    NamedImage? TryGet(string reference);

    /// <summary>The image of a manifest; null when it is not known.</summary>
    ImageRecord? TryGetImage(Digest manifest);

    /// <summary>Images whose id begins so, sorted by manifest.</summary>
    /// <param name="hex">Digits of <c>0-9a-f</c>.</param>
    IReadOnlyList<ImageRecord> FindById(string hex);

    /// <summary>References whose target or manifest has this digest.</summary>
    IReadOnlyList<NamedImage> FindByDigest(Digest digest);

    /// <summary>All references, sorted by name (ordinal).</summary>
    IReadOnlyList<NamedImage> List();

    /// <summary>Images that no reference points at, sorted by manifest.</summary>
    IReadOnlyList<NamedImage> ListUnnamed();

    /// <summary>Adds an image, or what is new about it, and points a reference at it, whatever that pointed at before.</summary>
    /// <param name="image">The image; a null name adds it without one.</param>
    /// <param name="blobs">All blobs that it and its indexes consist of.</param>
    void Set(NamedImage image, IReadOnlyCollection<Digest> blobs);

    /// <summary>The blobs of an image.</summary>
    IReadOnlyList<Digest> BlobsOf(Digest manifest);

    /// <summary>Images whose blobs are not known, from an older version; <see cref="Set"/> completes them.</summary>
    IReadOnlyList<ImageRecord> ListIncomplete();

    /// <summary>Forgets a reference; false when it was not known.</summary>
    bool Remove(string reference);

    /// <summary>Forgets an image that nothing points at; false when it was not known, or something does.</summary>
    bool Forget(Digest manifest);

    /// <summary>Names of the containers that were made of an image.</summary>
    IReadOnlyList<string> ContainersOf(Digest manifest);

    /// <summary>A new lease, empty.</summary>
    IImageLease Lease();

    /// <summary>
    /// Tells what is in use, and holds off every new image, container and lease until the callback returns: it may put everything else
    /// out of sight.
    /// </summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.Conflict"/>: <see cref="ListIncomplete"/> is not empty.</exception>
    void Sweep(Action<ContentInUse> remove);
}
