using Rundlet.Oci;

namespace Rundlet.Images.Registry;

/// <summary>A manifest that is about another one, as an index of referrers lists it (distribution-spec, "Listing Referrers").</summary>
/// <param name="Subject">What it is about.</param>
/// <param name="Listed">How it is listed.</param>
internal sealed record Referrer(Descriptor Subject, Descriptor Listed)
{
    /// <summary>The entry for a document; null where it is about nothing.</summary>
    /// <exception cref="SpecFormatException">The document is no manifest and no index.</exception>
    public static Referrer? TryRead(byte[] document, string mediaType, Digest digest)
    {
        Descriptor? subject;
        var listed = new Descriptor { MediaType = mediaType, Digest = digest, Size = document.Length };
        if (MediaTypes.IsIndex(mediaType))
        {
            ImageIndex index = ImageReader.ReadIndex(document);
            (subject, listed.ArtifactType, listed.Annotations) = (index.Subject, index.ArtifactType, index.Annotations);
        }
        else
        {
            ImageManifest manifest = ImageReader.ReadManifest(document);
            (subject, listed.ArtifactType, listed.Annotations) = (manifest.Subject, manifest.ArtifactType ?? manifest.Config.MediaType, manifest.Annotations);
        }
        return subject is null ? null : new Referrer(subject, listed);
    }
}
