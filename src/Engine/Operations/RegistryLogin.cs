using Rundlet.Images.References;
using Rundlet.Images.Registry;
using Rundlet.Images.Registry.Credentials;
using Rundlet.Linux;

namespace Rundlet.Engine.Operations;

/// <summary>Logs in to a registry and out of it. Needs no engine: credentials belong to who calls.</summary>
public static class RegistryLogin
{
    private const string DockerRegistry = "docker.io";

    /// <summary>The registry that a person names; Docker's own where they name none.</summary>
    /// <param name="text">Host, with a port where it has one; also as an URL.</param>
    /// <exception cref="ContainerException">InvalidArgument: it is none.</exception>
    public static string RegistryOf(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return DockerRegistry;
        int scheme = text.IndexOf("://", StringComparison.Ordinal);
        string host = (scheme < 0 ? text : text[(scheme + 3)..]).Split('/')[0];
        if (!ImageReference.TryParse($"{host}/x", out ImageReference? reference) || !ImageReference.NamesRegistry($"{host}/x"))
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"'{text}' is no registry") { Hint = "it is a host, with a port where it has one: registry.example.com:5000" };
        return reference.Registry;
    }

    /// <summary>Asks the registry, and keeps the credential if it is accepted.</summary>
    /// <param name="options">How registries are spoken to.</param>
    /// <param name="store">Where credentials are kept.</param>
    /// <param name="registry">As <see cref="RegistryOf"/> gives it.</param>
    /// <param name="credential">User and password.</param>
    /// <param name="cancellation">Ends it; nothing is kept.</param>
    /// <returns>The file in which the password stands readable; null where a helper holds it.</returns>
    /// <exception cref="ContainerException">PermissionDenied: it is not accepted; Unavailable: the registry does not answer.</exception>
    public static string? Login(RegistryOptions options, CredentialStore store, string registry, RegistryCredential credential, CancellationToken cancellation = default)
    {
        using (var client = new RegistryClient(options with { Credentials = new FixedCredential(credential) }))
            client.CheckLoginAsync(registry, cancellation).GetAwaiter().GetResult();
        return store.Store(registry, credential);
    }

    /// <summary>Forgets the credential.</summary>
    /// <returns>False where nobody was logged in.</returns>
    /// <exception cref="ContainerException">The file is malformed, or the helper failed.</exception>
    public static bool Logout(CredentialStore store, string registry) => store.Erase(registry);
}
