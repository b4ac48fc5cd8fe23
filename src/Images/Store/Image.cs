using Rundlet.Images.References;
using Rundlet.Oci;

namespace Rundlet.Images;

/// <summary>An image with its documents read.</summary>
/// <param name="Reference">By which reference it was found, in normal form; null when it was found by its id.</param>
/// <param name="Record">What the reference store says.</param>
/// <param name="Manifest">Its manifest.</param>
/// <param name="Config">Its configuration.</param>
public sealed record Image(ImageReference? Reference, ImageRecord Record, ImageManifest Manifest, ImageConfig Config)
{
    /// <summary>The image's id: the digest of its configuration.</summary>
    public Digest Id => Record.Id;
}
