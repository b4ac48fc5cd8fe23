using Rundlet.Images.References;
using Rundlet.Oci;

namespace Rundlet.Images.Pull;

/// <summary>What a pull brought.</summary>
/// <param name="Reference">The reference.</param>
/// <param name="Target">What the registry has under it: the digest of an index or a manifest.</param>
/// <param name="Image">The image.</param>
/// <param name="IsNew">False when it was here already, just so.</param>
public sealed record PulledImage(ImageReference Reference, Digest Target, ImageRecord Image, bool IsNew);
