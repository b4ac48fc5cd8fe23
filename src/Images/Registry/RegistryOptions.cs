using System.Net;
using Rundlet.Images.Registry.Configuration;
using Rundlet.Images.Registry.Credentials;
using Rundlet.Images.Registry.Http;
using Rundlet.Linux;

namespace Rundlet.Images.Registry;

/// <summary>How registries are spoken to.</summary>
public sealed record RegistryOptions
{
    /// <summary>Where configuration is kept, unless <c>RUNDLET_CONFIG_DIR</c> names another folder.</summary>
    public const string DefaultConfigFolder = "/etc/rundlet";

    /// <summary>What is configured.</summary>
    public RegistryConfig Config { get; init; } = RegistryConfig.Default;

    /// <summary>Where credentials come from.</summary>
    public ICredentialSource Credentials { get; init; } = new FixedCredential(null);

    /// <summary>Folders that hold <c>HOST[:PORT]/*.crt</c>, <c>*.cert</c> and <c>*.key</c>; the first is the one that errors name.</summary>
    public IReadOnlyList<string> CertificateFolders { get; init; } = [$"{DefaultConfigFolder}/certs.d"];

    /// <summary>Which proxy leads to a host; null for none.</summary>
    public IWebProxy? Proxy { get; init; }

    /// <summary>The longest to wait for a connection and its handshake.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest to wait for the next byte.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often to try before a failure counts, at least 1; a download that gets on begins to count anew.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>The longest that a registry may ask us to wait (<c>Retry-After</c>); beyond it the request fails at once.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>From which size on, in bytes, a blob is uploaded in pieces.</summary>
    public long ChunkedFrom { get; init; } = 64 << 20;

    /// <summary>How large the pieces of an upload are, in bytes, unless the registry wants larger ones.</summary>
    public int ChunkSize { get; init; } = 32 << 20;

    /// <summary>The clock, and what waits by it.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>What this machine's files and the caller's environment say.</summary>
    /// <param name="variable">Looks up a variable of the environment.</param>
    /// <exception cref="ContainerException">InvalidArgument: a file or a variable is malformed.</exception>
    /// <exception cref="Syscalls.LinuxException">A file cannot be read.</exception>
    public static RegistryOptions FromEnvironment(Func<string, string?> variable)
    {
        string folder = ConfigFolder(variable);
        return new RegistryOptions
        {
            Config = RegistryConfig.Load(folder),
            Credentials = CredentialStore.FromEnvironment(variable),
            CertificateFolders = [$"{folder}/certs.d", "/etc/containers/certs.d", "/etc/docker/certs.d"],
            Proxy = new EnvironmentProxy(variable),
        };
    }

    /// <summary>The folder of <c>registries.json</c> and <c>certs.d</c>.</summary>
    public static string ConfigFolder(Func<string, string?> variable) =>
        variable("RUNDLET_CONFIG_DIR") is { Length: > 0 } named ? Path.GetFullPath(named) : DefaultConfigFolder;
}
