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

    /// <summary>Keeps a credential: with the helper that is configured, else in the file.</summary>
    /// <returns>Where it is now: the path of a file that holds it readable; null for a helper.</returns>
    /// <exception cref="ContainerException">The file is malformed, or the helper failed.</exception>
    /// <exception cref="Syscalls.LinuxException">The file cannot be written.</exception>
    public string? Store(string registry, RegistryCredential credential)
    {
        string key = DockerConfig.KeyOf(registry);
        string? helper = DockerConfig.TryLoad(File)?.HelperOf(registry);
        if (helper is not null)
            helpers.Store(helper, key, credential);
        DockerConfigEditor.Set(File, key, helper is null ? credential : null);
        _configs = null;
        return helper is null ? File : null;
    }

    /// <summary>Forgets a credential, in all files and with their helpers.</summary>
    /// <returns>False where nobody was logged in.</returns>
    /// <inheritdoc cref="Store"/>
    public bool Erase(string registry)
    {
        bool found = false;
        foreach (string file in files)
        {
            if (DockerConfig.TryLoad(file) is not { } config)
                continue;
            string? helper = config.HelperOf(registry);
            bool isHeld = helper is not null && helpers.Get(helper, DockerConfig.KeyOf(registry)) is not null;
            if (isHeld)
                helpers.Erase(helper!, DockerConfig.KeyOf(registry));
            if (config.Names(registry))
                DockerConfigEditor.Remove(file, DockerConfig.KeyOf(registry));
            found |= isHeld || config.Names(registry);
        }
        _configs = null;
        return found;
    }

    private static string DockerFile(Func<string, string?> variable)
    {
        if (variable("DOCKER_CONFIG") is { Length: > 0 } folder)
            return $"{folder}/config.json";
        string home = variable("HOME") is { Length: > 0 } own ? own : "/root";
        return $"{home}/.docker/config.json";
    }
}
