namespace Rundlet.Images.Trust;

/// <summary>What a policy says for some images.</summary>
/// <param name="Scope">Where it stands in the file: <c>default</c>, <c>transports.docker['registry.test/team']</c>.</param>
/// <param name="Requirements">All must hold; never empty.</param>
public sealed record TrustRule(string Scope, IReadOnlyList<TrustRequirement> Requirements)
{
    /// <summary>Whether any image will do.</summary>
    public bool AcceptsAnything => Requirements.All(one => one is AcceptRequirement);
}
