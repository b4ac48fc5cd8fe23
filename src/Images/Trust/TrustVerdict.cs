namespace Rundlet.Images.Trust;

/// <summary>Why an image is accepted.</summary>
/// <param name="File">The policy; null where there is none.</param>
/// <param name="Scope">The rule in it.</param>
/// <param name="Signatures">The signatures that were required; empty where none was.</param>
public sealed record TrustVerdict(string? File, string Scope, IReadOnlyList<AcceptedSignature> Signatures);
