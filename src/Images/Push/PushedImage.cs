using Rundlet.Images.References;
using Rundlet.Oci;

namespace Rundlet.Images.Push;

/// <summary>What a push left in the registry.</summary>
/// <param name="Reference">Under which name.</param>
/// <param name="Digest">Digest of the manifest or index that the name now leads to.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="IsWhole">False where the name leads to an index here, of which only this machine's image is here and was pushed.</param>
public sealed record PushedImage(ImageReference Reference, Digest Digest, long Size, bool IsWhole);
