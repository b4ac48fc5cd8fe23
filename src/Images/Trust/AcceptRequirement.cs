namespace Rundlet.Images.Trust;

/// <summary><c>insecureAcceptAnything</c>: nothing is required.</summary>
public sealed record AcceptRequirement : TrustRequirement;
