namespace Rundlet.Images.Registry.Credentials;

/// <summary>What proves to a registry who asks: a user and a password, or a token in place of both.</summary>
public sealed record RegistryCredential
{
    /// <summary>The user's name; empty where a token is enough.</summary>
    public string User { get; init; } = "";

    /// <summary>The password; null where there is none.</summary>
    public string? Password { get; init; }

    /// <summary>A refresh token, which the token server exchanges (Docker's <c>identitytoken</c>).</summary>
    public string? IdentityToken { get; init; }

    /// <summary>A bearer token for the registry itself (Docker's <c>registrytoken</c>).</summary>
    public string? RegistryToken { get; init; }

    /// <summary>Never shows secrets.</summary>
    public override string ToString() => $"credential of '{User}'";
}
