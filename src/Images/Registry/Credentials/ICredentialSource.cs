namespace Rundlet.Images.Registry.Credentials;

/// <summary>Where credentials come from.</summary>
public interface ICredentialSource
{
    /// <summary>The credential for a registry; null where there is none, and one asks as nobody.</summary>
    /// <param name="registry">Host, with a port where the reference has one; <c>docker.io</c> for Docker's own.</param>
    /// <param name="repository">Path in the registry, for files that tell repositories apart; empty for the registry itself.</param>
    /// <exception cref="Linux.ContainerException">The file or the helper that holds it does not work.</exception>
    RegistryCredential? Find(string registry, string repository);
}
