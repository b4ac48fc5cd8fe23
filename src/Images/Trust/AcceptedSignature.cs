using Rundlet.Oci;

namespace Rundlet.Images.Trust;

/// <summary>A signature for which an image was accepted.</summary>
/// <param name="Key">Which key's.</param>
/// <param name="Reference">What the signer calls the image.</param>
/// <param name="Digest">What was signed: the image's index or manifest.</param>
public sealed record AcceptedSignature(string Key, string Reference, Digest Digest);
