using System.Net;
using System.Text.Json;
using Rundlet.Images.References;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Registry.Configuration;

/// <summary>
/// <c>registries.json</c>, which an administrator writes:
/// <code>
/// {
///   "search": ["docker.io", "registry.lan:5000"],
///   "registries": {
///     "registry.lan:5000": { "insecure": true },
///     "docker.io": { "mirrors": ["mirror.lan/hub"] }
///   }
/// }
/// </code>
/// An unknown member is an error: a word that is misspelt must not be a setting that does not count.
/// </summary>
public sealed record RegistryConfig
{
    /// <summary>The file's name in the configuration folder.</summary>
    public const string FileName = "registries.json";

    /// <summary>What holds where nothing is configured: short names are Docker's.</summary>
    public static RegistryConfig Default { get; } = new();

    /// <summary>Registries in which a short name is looked for, in this order.</summary>
    public IReadOnlyList<string> Search { get; init; } = ["docker.io"];

    /// <summary>By host, with a port where references to it have one.</summary>
    public IReadOnlyDictionary<string, RegistryEntry> Registries { get; init; } = new Dictionary<string, RegistryEntry>();

    /// <summary>Reads the file in a folder; the default where there is none.</summary>
    /// <exception cref="ContainerException">InvalidArgument: it is not what it must be; says where.</exception>
    /// <exception cref="LinuxException">It cannot be read.</exception>
    public static RegistryConfig Load(string folder)
    {
        string path = $"{folder}/{FileName}";
        return FileIo.TryReadText(path) is { } text ? Parse(text, path) : Default;
    }

    /// <summary>Reads the document.</summary>
    /// <param name="json">The text.</param>
    /// <param name="path">What to call it in errors.</param>
    /// <exception cref="ContainerException">InvalidArgument: it is not what it must be; says where.</exception>
    public static RegistryConfig Parse(string json, string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return ReadConfig(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"'{path}' is not JSON: line {(e.LineNumber ?? 0) + 1}");
        }
        catch (InvalidOperationException)
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"'{path}' holds text that is not Unicode");
        }
        catch (FormatException e)
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"'{path}': {e.Message}") { Hint = "docs/registries.md shows what may stand there" };
        }
    }

    /// <summary>How a registry is spoken to: what is configured; else TLS, where loopback addresses need none.</summary>
    /// <param name="registry">Host, with a port where the reference has one.</param>
    public RegistrySecurity SecurityOf(string registry) =>
        Registries.GetValueOrDefault(registry)?.Security ?? (IsLoopback(registry) ? RegistrySecurity.Insecure : RegistrySecurity.Verified);

    /// <summary>Where to ask before a registry.</summary>
    public IReadOnlyList<string> MirrorsOf(string registry) => Registries.GetValueOrDefault(registry)?.Mirrors ?? [];

    // Docker's rule: what does not leave the machine needs no protection on the way.
    private static bool IsLoopback(string registry)
    {
        int colon = registry.LastIndexOf(':');
        string host = colon > registry.LastIndexOf(']') ? registry[..colon] : registry;
        return host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));
    }

    private static RegistryConfig ReadConfig(JsonElement json)
    {
        RegistryConfig config = Default;
        foreach (JsonProperty member in Members(json, "the document"))
        {
            config = member.Name switch
            {
                "search" => config with { Search = Texts(member.Value, "search", IsHost, "host[:port]") },
                "registries" => config with { Registries = ReadRegistries(member.Value) },
                _ => throw new FormatException($"unknown member '{Show(member.Name)}'"),
            };
        }
        return config;
    }

    private static Dictionary<string, RegistryEntry> ReadRegistries(JsonElement json)
    {
        Dictionary<string, RegistryEntry> registries = [];
        foreach (JsonProperty registry in Members(json, "registries"))
        {
            if (!IsHost(registry.Name))
                throw new FormatException($"registries: '{Show(registry.Name)}' is not host[:port]");
            var entry = new RegistryEntry();
            foreach (JsonProperty member in Members(registry.Value, $"registries.'{registry.Name}'"))
            {
                entry = member.Name switch
                {
                    "insecure" => entry with { Security = ReadSecurity(member.Value, registry.Name) },
                    "mirrors" => entry with { Mirrors = Texts(member.Value, $"mirrors of '{registry.Name}'", IsLocation, "host[:port][/prefix]") },
                    _ => throw new FormatException($"unknown member '{Show(member.Name)}' of '{registry.Name}'"),
                };
            }
            registries[registry.Name] = entry;
        }
        return registries;
    }

    private static RegistrySecurity ReadSecurity(JsonElement json, string registry) => json.ValueKind switch
    {
        JsonValueKind.True => RegistrySecurity.Insecure,
        JsonValueKind.False => RegistrySecurity.Verified,
        JsonValueKind.String when json.GetString() == "http" => RegistrySecurity.PlainHttp,
        JsonValueKind.String when json.GetString() == "tls" => RegistrySecurity.UnverifiedTls,
        _ => throw new FormatException($"'insecure' of '{registry}' is true, false, \"http\" or \"tls\""),
    };

    private static JsonElement.ObjectEnumerator Members(JsonElement json, string what) =>
        json.ValueKind == JsonValueKind.Object ? json.EnumerateObject() : throw new FormatException($"{what} is not an object");

    private static List<string> Texts(JsonElement json, string what, Func<string, bool> isOne, string form)
    {
        if (json.ValueKind != JsonValueKind.Array)
            throw new FormatException($"{what} is not a list");
        List<string> texts = [];
        foreach (JsonElement item in json.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String || !isOne(item.GetString()!))
                throw new FormatException($"{what}: '{Show(item.ToString())}' is not {form}");
            texts.Add(item.GetString()!);
        }
        return texts;
    }

    private static string Show(string text) => ByteText.Show(System.Text.Encoding.UTF8.GetBytes(text));

    private static bool IsHost(string text) => ImageReference.IsRegistry(text);

    private static bool IsLocation(string text)
    {
        int slash = text.IndexOf('/');
        return IsHost(slash < 0 ? text : text[..slash]) && (slash < 0 || ImageReference.RepositoryProblem(text.AsSpan(slash + 1)) is null);
    }
}
