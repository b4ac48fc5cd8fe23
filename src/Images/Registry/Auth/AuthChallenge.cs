namespace Rundlet.Images.Registry.Auth;

/// <summary>One challenge of a <c>WWW-Authenticate</c> field (RFC 9110, 11.6.1): a scheme and what it says.</summary>
/// <param name="Scheme">Its name, in lower case: <c>bearer</c>, <c>basic</c>.</param>
/// <param name="Parameters">By name in lower case; of two of one name the first counts.</param>
internal sealed record AuthChallenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    /// <summary>The value of a parameter; null where it is not there.</summary>
    public string? this[string name] => Parameters.GetValueOrDefault(name);
}
