namespace Rundlet.Images.Trust;

/// <summary>What may be a signature: nothing of it was looked at.</summary>
/// <param name="Payload">The bytes that were signed.</param>
/// <param name="Signature">The signature over them; empty where it was not base64.</param>
internal sealed record CosignSignature(byte[] Payload, byte[] Signature);
