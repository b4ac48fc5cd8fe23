using System.Net;
using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Dns.Names;

/// <summary>
/// What a container's resolver needs to know: <c>resolver</c> in its run folder. Written by the engine before the container's start, and again
/// when a network is connected or disconnected; the resolver sees the change with the next question. Where there is no such file the
/// container gets no resolver: it is on no user-defined network.
/// <code>
///   network front /run/rundlet/networks/front      in the order in which they are asked
///   server 192.0.2.53                              for other names; without any, those of the host
///   internal                                       no network leads out: the host's own servers are not asked
///   dotted                                         a name without a dot is never asked of others
/// </code>
/// </summary>
public sealed record ResolverConfig
{
    /// <summary>The file's name in the run folder.</summary>
    public const string FileName = "resolver";

    /// <summary>The most networks.</summary>
    public const int MaxNetworks = 64;

    /// <summary>The most servers; the C library asks no more either.</summary>
    public const int MaxServers = 3;

    private const int MaxFile = 64 << 10; // bytes
    private const uint Mode = 0x180; // 0600
    private const string NetworkWord = "network ", ServerWord = "server ", InternalWord = "internal", DottedWord = "dotted";

    /// <summary>The networks that the container is on: name, and absolute path of the folder with <see cref="NetworkNames"/>.</summary>
    public IReadOnlyList<(string Name, string Folder)> Networks { get; init; } = [];

    /// <summary>Nameservers of the user's own, asked from inside the container's network; empty for those of the host.</summary>
    public IReadOnlyList<IPAddress> Servers { get; init; } = [];

    /// <summary>Whether all networks are internal. The host's servers on its loopback are not asked then; others are, and cannot be reached.</summary>
    public bool IsInternal { get; init; }

    /// <summary>Whether the user has set <c>ndots</c>, docker's sign that names without a dot belong to nobody else.</summary>
    public bool OnlyDotted { get; init; }

    /// <summary>Writes the file.</summary>
    /// <exception cref="ContainerException">InvalidArgument: a path or name would be several lines.</exception>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Write(string runFolder)
    {
        using OwnedFd folder = FileIo.Open(Sys.AT_FDCWD, runFolder, O.RDONLY | O.DIRECTORY);
        FileIo.Replace(folder.Value, FileName, ToBytes(), Mode, durable: false);
    }

    /// <summary>Removes the file; does nothing where there is none.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Remove(string runFolder)
    {
        int answer = Sys.unlinkat(Sys.AT_FDCWD, $"{runFolder}/{FileName}", 0);
        if (!Sys.Is(answer, Errno.ENOENT))
            LinuxException.ThrowIfError(answer, "unlink", $"{runFolder}/{FileName}");
    }

    /// <summary>Reads the file; null where there is none.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static ResolverConfig? TryRead(string runFolder) => FileIo.TryReadText($"{runFolder}/{FileName}", MaxFile) is { } text ? Read(text) : null;

    internal byte[] ToBytes()
    {
        StringBuilder text = new();
        foreach ((string name, string folder) in Networks)
        {
            if (name.Length == 0 || name.Contains(' ') || name.Any(char.IsControl) || !folder.StartsWith('/') || folder.Any(char.IsControl))
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"network '{name}' cannot have names: its name or its folder has odd characters");
            text.Append(NetworkWord).Append(name).Append(' ').Append(folder).Append('\n');
        }
        foreach (IPAddress server in Servers.Take(MaxServers))
            text.Append(ServerWord).Append(server).Append('\n');
        if (IsInternal)
            text.Append(InternalWord).Append('\n');
        if (OnlyDotted)
            text.Append(DottedWord).Append('\n');
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    internal static ResolverConfig Read(string text)
    {
        List<(string, string)> networks = [];
        List<IPAddress> servers = [];
        bool isInternal = false, onlyDotted = false;
        foreach (string line in text.Split('\n'))
        {
            if (line.StartsWith(NetworkWord, StringComparison.Ordinal) && line.IndexOf(' ', NetworkWord.Length) is > 0 and int end && networks.Count < MaxNetworks)
                networks.Add((line[NetworkWord.Length..end], line[(end + 1)..]));
            else if (line.StartsWith(ServerWord, StringComparison.Ordinal) && servers.Count < MaxServers && IPAddress.TryParse(line.AsSpan(ServerWord.Length), out IPAddress? server))
                servers.Add(server);
            isInternal |= line == InternalWord;
            onlyDotted |= line == DottedWord;
        }
        return new ResolverConfig { Networks = networks, Servers = servers, IsInternal = isInternal, OnlyDotted = onlyDotted };
    }
}
