using Rundlet.Images.References;
using Rundlet.Oci;

namespace Rundlet.Images.Trust;

// What belongs in this folder: which images may be used, and by whose signature. What does not: how a registry is spoken to; whoever
// pulls gives a source, and asks before anything is kept.
//
//   TrustPolicy (policy.json) ──► TrustRule of the longest scope ──► its requirements, all of which must hold
//                                                                       └ SignatureRequirement ──► SignatureFinder ──► ISignatureSource
//                                                                              VerificationKey, SimpleSigning, SignedIdentity

/// <summary>
/// Where signatures are found: the repository that an image lies in. Nothing of what it gives is believed, and an implementation need
/// not verify digests; it must bound what it reads.
/// </summary>
/// <remarks>Methods fail with a <see cref="Linux.ContainerException"/> where the source cannot be asked.</remarks>
public interface ISignatureSource
{
    /// <summary>A manifest, by the reference's digest, else by its tag; null where there is none.</summary>
    Task<byte[]?> TryGetManifestAsync(ImageReference reference, CancellationToken cancel);

    /// <summary>A blob of the repository, whole.</summary>
    /// <param name="repository">A reference into the repository; tag and digest do not matter.</param>
    /// <param name="blob">Digest and size; at most <see cref="SignatureFinder.MaxPayloadBytes"/>.</param>
    /// <param name="cancel">Ends it.</param>
    Task<byte[]> GetBlobAsync(ImageReference repository, Descriptor blob, CancellationToken cancel);

    /// <summary>What refers to a manifest (distribution-spec 1.1, "Listing Referrers"); empty where nothing does.</summary>
    /// <param name="repository">A reference into the repository; tag and digest do not matter.</param>
    /// <param name="subject">The manifest's digest.</param>
    /// <param name="artifactType">Of which type; the source may give others, too.</param>
    /// <param name="cancel">Ends it.</param>
    Task<IReadOnlyList<Descriptor>> ListReferrersAsync(ImageReference repository, Digest subject, string artifactType, CancellationToken cancel);
}
