namespace Rundlet.Images.Registry.Credentials;

/// <summary>One credential for every registry, or none: for <c>login</c>, which tries what was typed.</summary>
/// <param name="credential">The credential; null to ask as nobody.</param>
public sealed class FixedCredential(RegistryCredential? credential) : ICredentialSource
{
    /// <inheritdoc/>
    public RegistryCredential? Find(string registry, string repository) => credential;
}
