namespace Rundlet.Oci;

/// <summary>What a document that a tag or digest names can be.</summary>
public enum ManifestKind
{
    /// <summary>One image: <see cref="ImageManifest"/>.</summary>
    Manifest,

    /// <summary>A choice of images, usually by platform: <see cref="ImageIndex"/>.</summary>
    Index,
}
