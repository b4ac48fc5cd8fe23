using System.Net;
using System.Text;
using Rundlet.Engine.Networks;
using Rundlet.Engine.Options;
using Rundlet.Engine.State;
using Rundlet.Linux;
using Rundlet.Network.Files;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Operations;

/// <summary>The files from which a container knows names: <c>hosts</c>, <c>hostname</c>, <c>resolv.conf</c>. They lie in its folder and are mounted.</summary>
internal static class NameFiles
{
    private const uint Everybody = 0x1A4; // 0644
    private const string Hosts = "hosts", Resolver = "resolv.conf";

    /// <summary>What is mounted where. Who shares a container's network shares its files: the names are the network's.</summary>
    public static IReadOnlyList<(string Destination, string Source)> MountsOf(EnginePaths paths, string folder, ContainerOptions options)
    {
        string from = NamespaceOptions.ContainerOf(options.Network) is { } other ? paths.Container(other) : folder;
        return [("/etc/hosts", $"{from}/hosts"), ("/etc/hostname", $"{folder}/hostname"), ("/etc/resolv.conf", $"{from}/resolv.conf")];
    }

    /// <summary>Writes them when the container is made. Its address is not known yet.</summary>
    /// <param name="folder">The container's folder.</param>
    /// <param name="options">What the user wants.</param>
    /// <param name="hostname">The container's own name.</param>
    /// <param name="endpoints">Its networks.</param>
    public static void Write(string folder, ContainerOptions options, string hostname, IReadOnlyList<EndpointRecord> endpoints)
    {
        WritePublic(folder, "hostname", hostname + "\n");
        if (NamespaceOptions.ContainerOf(options.Network) is not null)
            return;
        WriteHosts(folder, options, hostname, null);
        WritePublic(folder, Resolver, ResolverOf(options, HaveNames(endpoints)));
    }

    /// <summary>Writes <c>hosts</c>.</summary>
    /// <param name="folder">The container's folder.</param>
    /// <param name="options">What the user wants.</param>
    /// <param name="hostname">The container's own name.</param>
    /// <param name="network">Where it is in its networks; null where it has none, or none yet.</param>
    public static void WriteHosts(string folder, ContainerOptions options, string hostname, NetworkNote? network) =>
        WritePublic(folder, Hosts, HostsOf(options, hostname, network));

    /// <summary>
    /// Brings <c>hosts</c> to other networks, also while the container runs. A file that somebody has changed, the container's program or a person,
    /// is left alone.
    /// </summary>
    /// <param name="folder">The container's folder.</param>
    /// <param name="options">What the user wants.</param>
    /// <param name="hostname">The container's own name.</param>
    /// <param name="before">Where it was.</param>
    /// <param name="now">Where it is.</param>
    public static void ChangeHosts(string folder, ContainerOptions options, string hostname, NetworkNote? before, NetworkNote? now) =>
        Change(folder, Hosts, HostsOf(options, hostname, before), HostsOf(options, hostname, now));

    /// <summary>The same for <c>resolv.conf</c>, which is another one where a network has names.</summary>
    /// <param name="folder">The container's folder.</param>
    /// <param name="options">What the user wants.</param>
    /// <param name="endpoints">Its networks.</param>
    public static void ChangeResolver(string folder, ContainerOptions options, IReadOnlyList<EndpointRecord> endpoints)
    {
        bool hasNames = HaveNames(endpoints);
        Change(folder, Resolver, ResolverOf(options, !hasNames), ResolverOf(options, hasNames));
    }

    private static bool HaveNames(IReadOnlyList<EndpointRecord> endpoints) => endpoints.Any(endpoint => ContainerEndpoints.HasNames(endpoint.Network));

    private static string ResolverOf(ContainerOptions options, bool hasNames)
    {
        string resolver = options.Network == BuiltInNetworks.Host ? FileIo.TryReadText(ResolvConf.HostPath) ?? "" : ResolvConf.ForContainer();
        string wanted = options.Dns.HasResolver ? ResolvConf.With(resolver, options.Dns.Servers, options.Dns.Search, options.Dns.Options) : resolver;
        return hasNames ? ResolvConf.ForNames(wanted) : wanted;
    }

    private static string HostsOf(ContainerOptions options, string hostname, NetworkNote? network)
    {
        IPAddress gateway = network?.Default?.Gateway is { } address ? IPAddress.Parse(address) : IPAddress.Loopback;
        IReadOnlyList<(string Name, IPAddress Address)> added = options.Dns.HostLines(gateway);
        string name = options.Domainname is { } domain && !hostname.Contains('.') ? $"{hostname}.{domain}" : hostname;
        return options.Network == BuiltInNetworks.Host && FileIo.TryReadText("/etc/hosts") is { } hosts
            ? HostsFile.Append(hosts, added)
            : HostsFile.ForContainer(name, [.. (network?.Endpoints ?? []).SelectMany(endpoint => endpoint.Addresses)], added);
    }

    private static void Change(string folder, string name, string before, string now)
    {
        if (FileIo.TryReadText($"{folder}/{name}") is { } text && (text == before || text.Length == 0))
            WritePublic(folder, name, now);
    }

    /// <summary>Writes a file that everybody in the container may read, in place: it may be mounted already.</summary>
    private static void WritePublic(string folder, string name, string text)
    {
        string path = $"{folder}/{name}";
        using OwnedFd file = FileIo.Open(Sys.AT_FDCWD, path, O.WRONLY | O.CREAT | O.TRUNC | O.NOFOLLOW, Everybody);
        LinuxException.ThrowIfError(Sys.fchmod(file.Value, Everybody), "chmod", path);
        FileIo.WriteAll(file.Value, Encoding.UTF8.GetBytes(text), path);
    }
}
