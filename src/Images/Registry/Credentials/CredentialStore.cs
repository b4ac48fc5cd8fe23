using Rundlet.Linux;

namespace Rundlet.Images.Registry.Credentials;

/// <summary>
/// Credentials where Docker and podman keep them: <c>$REGISTRY_AUTH_FILE</c> first, then <c>$DOCKER_CONFIG/config.json</c>, else
/// <c>~/.docker/config.json</c>. Files are read at the first question.
/// </summary>
/// <param name="files">Paths, the one that counts first.</param>
/// <param name="helpers">Runs helpers.</param>
public sealed class CredentialStore(IReadOnlyList<string> files, CredentialHelper helpers) : ICredentialSource
{
    private List<DockerConfig>? _configs;

    /// <summary>The store of whoever calls.</summary>
    /// <param name="variable">Looks up a variable of the environment.</param>
    public static CredentialStore FromEnvironment(Func<string, string?> variable)
    {
        List<string> files = [DockerFile(variable)];
        if (variable("REGISTRY_AUTH_FILE") is { Length: > 0 } podman)
            files.Insert(0, podman);
        return new CredentialStore(files, new CredentialHelper(variable));
    }

    /// <summary>The file that <c>login</c> writes.</summary>
    public string File => files[0];

    /// <inheritdoc/>
    public RegistryCredential? Find(string registry, string repository)
    {
        _configs ??= [.. files.Select(DockerConfig.TryLoad).OfType<DockerConfig>()];
        foreach (DockerConfig config in _configs)
        {
            RegistryCredential? credential = config.HelperOf(registry) is { } helper ? helpers.Get(helper, DockerConfig.KeyOf(registry)) : null;
            if ((credential ?? config.Find(registry, repository)) is { } found)
                return found;
        }
        return null;
    }

    private static string DockerFile(Func<string, string?> variable)
    {
        if (variable("DOCKER_CONFIG") is { Length: > 0 } folder)
            return $"{folder}/config.json";
        string home = variable("HOME") is { Length: > 0 } own ? own : "/root";
        return $"{home}/.docker/config.json";
    }
}
