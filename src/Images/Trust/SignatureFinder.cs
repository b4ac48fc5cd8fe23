using Rundlet.Images.References;
using Rundlet.Oci;

namespace Rundlet.Images.Trust;

/// <summary>
/// Finds the signatures that cosign keeps beside an image: manifests whose layers are payloads, each with its signature as an annotation.
/// <code>
/// repository:sha256-HEX.sig                                   the older way, a tag made of the image's digest
/// referrers of sha256:HEX, application/vnd.dev.cosign.artifact.sig.v1+json     distribution-spec 1.1
/// </code>
/// Source: cosign, specs/SIGNATURE_SPEC.md.
/// </summary>
public static class SignatureFinder
{
    /// <summary>The type of a payload.</summary>
    public const string PayloadType = "application/vnd.dev.cosign.simplesigning.v1+json";

    /// <summary>The type of a signature's manifest as an artifact.</summary>
    public const string ArtifactType = "application/vnd.dev.cosign.artifact.sig.v1+json";

    /// <summary>Holds a payload's signature.</summary>
    public const string SignatureAnnotation = "dev.cosignproject.cosign/signature";

    /// <summary>How long a payload may be, in bytes.</summary>
    public const int MaxPayloadBytes = 1 << 20;

    /// <summary>How many signatures of an image are looked at; the rest does not count.</summary>
    public const int MaxSignatures = 64;

    private const int MaxReferrers = 32, MaxSignatureText = 8192;

    /// <summary>All signatures of one digest, at most <see cref="MaxSignatures"/>.</summary>
    /// <exception cref="Linux.ContainerException">The source cannot be asked.</exception>
    internal static async Task<List<CosignSignature>> FindAsync(ImageReference image, Digest digest, ISignatureSource source, CancellationToken cancel)
    {
        List<CosignSignature> found = [];
        ImageReference tag = ImageReference.Parse($"{image.Registry}/{image.Repository}:{digest.Algorithm}-{digest.Hex}.sig");
        if (await source.TryGetManifestAsync(tag, cancel).ConfigureAwait(false) is { } tagged)
            await AddAsync(found, tagged, image, source, cancel).ConfigureAwait(false);
        IReadOnlyList<Descriptor> referrers = await source.ListReferrersAsync(image, digest, ArtifactType, cancel).ConfigureAwait(false);
        foreach (Descriptor referrer in referrers.Where(one => one.ArtifactType == ArtifactType).Take(MaxReferrers))
        {
            if (await source.TryGetManifestAsync(image.WithDigest(referrer.Digest), cancel).ConfigureAwait(false) is { } manifest)
                await AddAsync(found, manifest, image, source, cancel).ConfigureAwait(false);
        }
        return found;
    }

    private static async Task AddAsync(List<CosignSignature> found, byte[] json, ImageReference image, ISignatureSource source, CancellationToken cancel)
    {
        foreach (Descriptor layer in PayloadsOf(json))
        {
            if (found.Count == MaxSignatures)
                return;
            byte[] signature = FromBase64(layer.Annotations![SignatureAnnotation]);
            // What the blob holds needs no digest: it is the signature that must fit.
            byte[] payload = await source.GetBlobAsync(image, layer, cancel).ConfigureAwait(false);
            found.Add(new CosignSignature(payload, signature));
        }
    }

    /// <summary>Empty where it is no base64, which no signature is.</summary>
    private static byte[] FromBase64(string text)
    {
        byte[] bytes = new byte[Math.Min(text.Length, MaxSignatureText)];
        return Convert.TryFromBase64String(text, bytes, out int length) ? bytes[..length] : [];
    }

    /// <summary>A manifest that is none has no signatures: anybody who may push can put one there.</summary>
    private static IEnumerable<Descriptor> PayloadsOf(byte[] json)
    {
        try
        {
            return ImageReader.ReadManifest(json).Layers.Where(layer =>
                layer.MediaType == PayloadType && layer.Size <= MaxPayloadBytes && layer.Annotations?.ContainsKey(SignatureAnnotation) == true);
        }
        catch (SpecFormatException error)
        {
            _ = error; // ignored: see above
            return [];
        }
    }
}
