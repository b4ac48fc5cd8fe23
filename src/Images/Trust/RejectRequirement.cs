namespace Rundlet.Images.Trust;

/// <summary><c>reject</c>: no image will do.</summary>
public sealed record RejectRequirement : TrustRequirement;
