using System.Net;
using System.Text;
using Rundlet.Engine.Options;
using Rundlet.Linux;
using Rundlet.Network;
using Rundlet.Network.Files;
using Rundlet.Syscalls;

namespace Rundlet.Engine.Operations;

/// <summary>The files from which a container knows names: <c>hosts</c>, <c>hostname</c>, <c>resolv.conf</c>. They lie in its folder and are mounted.</summary>
internal static class NameFiles
{
    private const uint Everybody = 0x1A4; // 0644

    /// <summary>What is mounted where. Who shares a container's network shares its files: the names are the network's.</summary>
    public static IReadOnlyList<(string Destination, string Source)> MountsOf(EnginePaths paths, string folder, ContainerOptions options)
    {
        string from = NamespaceOptions.ContainerOf(options.Network) is { } other ? paths.Container(other) : folder;
        return [("/etc/hosts", $"{from}/hosts"), ("/etc/hostname", $"{folder}/hostname"), ("/etc/resolv.conf", $"{from}/resolv.conf")];
    }

    /// <summary>Writes them when the container is made. Its address is not known yet.</summary>
    public static void Write(string folder, ContainerOptions options, string hostname)
    {
        WritePublic(folder, "hostname", hostname + "\n");
        if (NamespaceOptions.ContainerOf(options.Network) is not null)
            return;
        bool isHost = options.Network == "host";
        WriteHosts(folder, options, hostname, null);
        string resolver = isHost ? FileIo.TryReadText(ResolvConf.HostPath) ?? "" : ResolvConf.ForContainer();
        WritePublic(folder, "resolv.conf", options.Dns.HasResolver ? ResolvConf.With(resolver, options.Dns.Servers, options.Dns.Search, options.Dns.Options) : resolver);
    }

    /// <summary>Writes <c>hosts</c>.</summary>
    /// <param name="folder">The container's folder.</param>
    /// <param name="options">What the user wants.</param>
    /// <param name="hostname">The container's own name.</param>
    /// <param name="network">Where it is in its network; null where it has none, or none yet.</param>
    public static void WriteHosts(string folder, ContainerOptions options, string hostname, Endpoint? network)
    {
        bool isHost = options.Network == "host";
        IReadOnlyList<(string Name, IPAddress Address)> added = options.Dns.HostLines(network?.Gateway ?? IPAddress.Loopback);
        string name = options.Domainname is { } domain && !hostname.Contains('.') ? $"{hostname}.{domain}" : hostname;
        WritePublic(folder, "hosts", isHost && FileIo.TryReadText("/etc/hosts") is { } hosts ? HostsFile.Append(hosts, added) : HostsFile.ForContainer(name, network?.Address, added));
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
