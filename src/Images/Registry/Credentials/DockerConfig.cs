using System.Text;
using System.Text.Json;
using Rundlet.Linux;

namespace Rundlet.Images.Registry.Credentials;

/// <summary>
/// What Docker's <c>config.json</c> says of credentials. podman's <c>auth.json</c> is of the same form, and may tell repositories apart.
/// <code>
/// { "auths": { "registry.test": { "auth": "BASE64(user:password)" } }, "credsStore": "pass", "credHelpers": { "other.test": "secretservice" } }
/// </code>
/// </summary>
internal sealed class DockerConfig
{
    // Docker's own registry is there under the address that it had first.
    private const string DockerName = "docker.io", DockerKey = "https://index.docker.io/v1/";

    private readonly string _path;
    private readonly Dictionary<string, string> _helpers = [];
    private readonly Dictionary<string, JsonElement> _auths = [];

    private DockerConfig(string path) => _path = path;

    /// <summary>The helper that holds all credentials; null for the file itself.</summary>
    public string? Store { get; private set; }

    /// <summary>Reads a file; null where there is none.</summary>
    /// <exception cref="ContainerException">InvalidArgument: it is malformed.</exception>
    /// <exception cref="Syscalls.LinuxException">It cannot be read.</exception>
    public static DockerConfig? TryLoad(string path)
    {
        if (FileIo.TryReadText(path) is not { } text)
            return null;
        var config = new DockerConfig(path);
        try
        {
            using JsonDocument document = JsonDocument.Parse(text.Length > 0 ? text : "{}");
            config.Read(document.RootElement);
            return config;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw config.Malformed();
        }
    }

    /// <summary>The key under which a registry's credential is kept.</summary>
    public static string KeyOf(string registry) => registry == DockerName ? DockerKey : registry;

    /// <summary>The host of a key: old files have URLs, such as <c>https://registry.test/v2/</c>.</summary>
    public static string Bare(string key)
    {
        int scheme = key.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
            return key;
        string rest = key[(scheme + 3)..];
        int slash = rest.IndexOf('/');
        return slash < 0 ? rest : rest[..slash];
    }

    /// <summary>Whether an entry's key is for the registry of another.</summary>
    public static bool IsOf(string entry, string key) => Bare(entry) == Bare(key) || (key == DockerKey && entry == DockerName);

    /// <summary>The helper that holds a registry's credential; null for the file itself.</summary>
    public string? HelperOf(string registry) =>
        _helpers.GetValueOrDefault(KeyOf(registry)) ?? _helpers.GetValueOrDefault(registry) ?? Store;

    /// <summary>Whether the file has an entry for a registry, with a credential or not: it may be with a helper.</summary>
    public bool Names(string registry) => _auths.ContainsKey(Bare(KeyOf(registry))) || _auths.ContainsKey(registry);

    /// <summary>The credential that stands in the file for a repository, or for its registry.</summary>
    /// <exception cref="ContainerException">InvalidArgument: it is malformed.</exception>
    public RegistryCredential? Find(string registry, string repository)
    {
        string place = repository.Length > 0 ? $"{registry}/{repository}" : registry;
        while (true)
        {
            if (_auths.TryGetValue(place, out JsonElement entry) && Credential(entry) is { } credential)
                return credential;
            int slash = place.LastIndexOf('/');
            if (slash < 0)
                return registry == DockerName && _auths.TryGetValue(Bare(DockerKey), out entry) ? Credential(entry) : null;
            place = place[..slash];
        }
    }

    private void Read(JsonElement json)
    {
        Store = json.TryGetProperty("credsStore", out JsonElement store) && store.GetString() is { Length: > 0 } name ? name : null;
        if (json.TryGetProperty("credHelpers", out JsonElement helpers))
        {
            foreach (JsonProperty helper in helpers.EnumerateObject())
                _helpers[helper.Name] = helper.Value.GetString() ?? "";
        }
        if (json.TryGetProperty("auths", out JsonElement auths))
        {
            foreach (JsonProperty entry in auths.EnumerateObject())
                _auths[Bare(entry.Name)] = entry.Value.Clone();
        }
    }

    private RegistryCredential? Credential(JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.Object)
            throw Malformed();
        string user = Text(entry, "username") ?? "";
        string? password = Text(entry, "password"), identity = Text(entry, "identitytoken"), token = Text(entry, "registrytoken");
        if (Text(entry, "auth") is { Length: > 0 } auth)
        {
            Span<byte> bytes = new byte[auth.Length];
            if (!Convert.TryFromBase64String(auth, bytes, out int length))
                throw Malformed();
            string pair = Encoding.UTF8.GetString(bytes[..length]).TrimEnd('\0');
            int colon = pair.IndexOf(':');
            if (colon < 0)
                throw Malformed();
            (user, password) = (pair[..colon], pair[(colon + 1)..]);
        }
        if (string.IsNullOrEmpty(password) && identity is null && token is null)
            return null;
        return new RegistryCredential { User = user, Password = string.IsNullOrEmpty(password) ? null : password, IdentityToken = identity, RegistryToken = token };
    }

    private string? Text(JsonElement entry, string name)
    {
        if (!entry.TryGetProperty(name, out JsonElement member) || member.ValueKind == JsonValueKind.Null)
            return null;
        return member.ValueKind == JsonValueKind.String ? member.GetString() is { Length: > 0 } text ? text : null : throw Malformed();
    }

    private ContainerException Malformed() => new(ContainerErrorKind.InvalidArgument, $"'{_path}' is malformed") { Hint = "repair it, or remove it and log in again" };
}
