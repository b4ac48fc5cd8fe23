using Rundlet.Oci;

namespace Rundlet.Images.References;

/// <summary>A reference and what it points at.</summary>
/// <param name="Name">The reference in normal form; null for an image without a name.</param>
/// <param name="Target">What the registry has under that name: the digest of an index, or of the manifest itself.</param>
/// <param name="Image">The image for this machine.</param>
public sealed record NamedImage(string? Name, Digest Target, ImageRecord Image);
