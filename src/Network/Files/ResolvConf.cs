using System.Net;
using System.Net.Sockets;
using System.Text;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Network.Files;

/// <summary>The resolv.conf(5) of a container.</summary>
public static class ResolvConf
{
    /// <summary>The host's file.</summary>
    public const string HostPath = "/etc/resolv.conf";

    /// <summary>Where systemd-resolved lists the real nameservers, when the host's file names only its stub at 127.0.0.53.</summary>
    public const string SystemdPath = "/run/systemd/resolve/resolv.conf";

    /// <summary>Where a container on a user-defined network asks for names: its supervisor, at docker's address.</summary>
    public const string OwnServer = "127.0.0.11";

    private const int MaxLength = 64 << 10; // bytes
    private const int MaxNameservers = 3; // the C library asks no more

    /// <summary>
    /// The content for a container with a network namespace of its own: the host's, without nameservers on the host's
    /// loopback, which the container cannot reach, and without IPv6 ones, for it has IPv4 only.
    /// </summary>
    /// <param name="hostText">What <see cref="HostPath"/> holds; null when there is none.</param>
    /// <param name="systemdText">What <see cref="SystemdPath"/> holds; used when the host's file leaves no nameserver.</param>
    /// <returns>The content; with a comment in the nameservers' place when there is none to ask.</returns>
    public static string ForContainer(string? hostText, string? systemdText = null)
    {
        string text = Convert(hostText ?? "", out int nameservers);
        if (nameservers == 0 && systemdText is not null)
        {
            string other = Convert(systemdText, out nameservers);
            if (nameservers > 0)
                return other;
        }
        return nameservers > 0 ? text : text + "# the host has no nameserver that a container can reach\n";
    }

    /// <summary>Reads the host's files and does the same.</summary>
    /// <exception cref="LinuxException">They cannot be read.</exception>
    public static string ForContainer() => ForContainer(FileIo.TryReadText(HostPath, MaxLength), FileIo.TryReadText(SystemdPath, MaxLength));

    /// <summary>The content with nameservers, domains and options of the user's own in place of those that are there.</summary>
    /// <param name="text">The content so far.</param>
    /// <param name="servers">Addresses; empty to keep those that are there.</param>
    /// <param name="search">Domains; empty to keep those that are there, a single <c>.</c> for none.</param>
    /// <param name="options">Options; empty to keep those that are there.</param>
    /// <exception cref="ContainerException">InvalidArgument: one of them is none, or would be several lines.</exception>
    public static string With(string text, IReadOnlyList<string> servers, IReadOnlyList<string> search, IReadOnlyList<string> options)
    {
        StringBuilder result = new();
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            bool isReplaced = line.Split((char[]?)null, 2)[0] switch
            {
                "nameserver" or "#" => servers.Count > 0,
                "search" or "domain" => search.Count > 0,
                "options" => options.Count > 0,
                _ => false,
            };
            if (!isReplaced)
                result.Append(line).Append('\n');
        }
        foreach (string server in servers)
        {
            if (!IPAddress.TryParse(server, out IPAddress? address))
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid nameserver '{Names.Printable(server)}': it is no address");
            result.Append("nameserver ").Append(address).Append('\n');
        }
        if (search.Count > 0 && search is not ["."])
            result.Append("search ").AppendJoin(' ', search.Select(domain => OneWord(domain, "search domain"))).Append('\n');
        if (options.Count > 0)
            result.Append("options ").AppendJoin(' ', options.Select(option => OneWord(option, "resolver option"))).Append('\n');
        return result.ToString();
    }

    /// <summary>
    /// The content for a container that has its names from its supervisor (docs/network.md): one nameserver, domains and options kept, and
    /// <c>ndots:0</c> unless there is a number already, so that a container's name is asked for as it is before domains are put behind it.
    /// </summary>
    /// <param name="text">The content so far, the user's domains and options in it.</param>
    public static string ForNames(string text)
    {
        StringBuilder result = new("nameserver " + OwnServer + "\n");
        bool hasNumber = false;
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || words[0] is "nameserver" or "#")
                continue;
            hasNumber |= words[0] == "options" && words.Any(static word => word.StartsWith("ndots:", StringComparison.Ordinal));
            result.Append(line).Append('\n');
        }
        if (!hasNumber)
            result.Append("options ndots:0\n");
        return result.ToString();
    }

    private static string OneWord(string word, string what) => word.Length is > 0 and <= 255 && !word.Any(static c => char.IsControl(c) || char.IsWhiteSpace(c))
        ? word
        : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"invalid {what} '{Names.Printable(word)}'");

    private static string Convert(string source, out int nameservers)
    {
        StringBuilder text = new();
        nameservers = 0;
        foreach (string raw in source.Split('\n'))
        {
            string line = raw.Trim();
            string[] words = line.Split((char[]?)null, 3, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || text.Length + line.Length > MaxLength || line.Any(static c => char.IsControl(c) && c != '\t'))
                continue;
            switch (words[0])
            {
                case "nameserver" when nameservers < MaxNameservers && IsReachable(words[1]):
                    nameservers++;
                    text.Append("nameserver ").Append(words[1]).Append('\n');
                    break;
                case "search" or "domain" or "options" or "sortlist":
                    text.Append(line).Append('\n');
                    break;
            }
        }
        return text.ToString();
    }

    private static bool IsReachable(string nameserver) =>
        IPAddress.TryParse(nameserver, out IPAddress? address)
        && address.AddressFamily == AddressFamily.InterNetwork
        && !IPAddress.IsLoopback(address);
}
