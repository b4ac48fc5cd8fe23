using System.Globalization;
using System.Net;
using System.Numerics;

namespace Rundlet.Hello.Report;

/// <summary>
/// Interfaces and their addresses, from /proc/net and /sys/class/net. The base library would ask getifaddrs, but gives no address where
/// the image has no /etc/resolv.conf. /proc does not say which interface has an IPv4 address: it is the one whose own network contains it.
/// </summary>
internal static class InterfaceTable
{
    /// <summary>Name, state, MTU, hardware address and addresses, ordered by name.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Rows(SystemFiles files)
    {
        ILookup<string, string> addresses = Addresses4(files).Concat(Addresses6(files)).ToLookup(own => own.Interface, own => own.Address);
        return
        [
            .. Names(files.ReadLines("/proc/net/dev")).Order(StringComparer.Ordinal)
                .Select(name => (IReadOnlyList<string>)
                    [name, State(files, name), Attribute(files, name, "mtu"), Hardware(files, name), string.Join(", ", addresses[name])]),
        ];
    }

    /// <summary>The names before the colons of /proc/net/dev.</summary>
    public static IEnumerable<string> Names(IEnumerable<string> lines) =>
        lines.Where(line => line.Contains(':', StringComparison.Ordinal)).Select(line => line[..line.IndexOf(':', StringComparison.Ordinal)].Trim());

    /// <summary>The lines of /proc/net/if_inet6: address, interface index, prefix length, scope, flags, name.</summary>
    public static IEnumerable<(string Interface, string Address)> Addresses6(SystemFiles files)
    {
        foreach (string line in files.ReadLines("/proc/net/if_inet6"))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is [{ Length: 32 } hex, _, var prefix, _, _, var name] && TryHex(prefix, out uint length))
                yield return (name, $"{new IPAddress(Convert.FromHexString(hex))}/{length}");
        }
    }

    /// <summary>The host addresses of /proc/net/fib_trie, each on the interface of the narrowest network of /proc/net/route that contains it.</summary>
    public static IEnumerable<(string Interface, string Address)> Addresses4(SystemFiles files)
    {
        (string Name, uint Target, uint Mask)[] networks = [.. files.ReadLines("/proc/net/route").Skip(1).Select(Network).OfType<(string, uint, uint)>()];
        foreach (IPAddress address in HostAddresses(files.ReadLines("/proc/net/fib_trie")).Distinct())
        {
            if (IPAddress.IsLoopback(address))
            {
                yield return ("lo", $"{address}/8");
                continue;
            }
            uint bits = BitConverter.ToUInt32(address.GetAddressBytes());
            (string Name, uint Target, uint Mask) home = networks
                .Where(net => (bits & net.Mask) == net.Target)
                .OrderByDescending(net => BitOperations.PopCount(net.Mask))
                .FirstOrDefault();
            if (home.Name is not null)
                yield return (home.Name, $"{address}/{BitOperations.PopCount(home.Mask)}");
        }
    }

    // "|-- 172.17.0.2" on one line, "/32 host LOCAL" on the next.
    private static IEnumerable<IPAddress> HostAddresses(IEnumerable<string> lines)
    {
        string last = "";
        foreach (string line in lines)
        {
            string text = line.Trim();
            if (text == "/32 host LOCAL" && IPAddress.TryParse(last, out IPAddress? address))
                yield return address;
            last = text.StartsWith("|-- ", StringComparison.Ordinal) ? text[4..] : last;
        }
    }

    // A line of /proc/net/route that is a network of the interface itself; words in memory order.
    private static (string Name, uint Target, uint Mask)? Network(string line)
    {
        string[] words = line.Split('\t', StringSplitOptions.TrimEntries);
        return words.Length >= 8 && TryHex(words[1], out uint target) && TryHex(words[2], out uint gateway) && TryHex(words[7], out uint mask)
            && gateway == 0 && mask != 0
            ? (words[0], target, mask)
            : null;
    }

    // IFF_UP is the lowest bit: a loopback or veth device is "unknown" to operstate while it works.
    private static string State(SystemFiles files, string name) =>
        files.TryReadLine($"/sys/class/net/{name}/flags") is { } flags && TryHex(flags.Replace("0x", "", StringComparison.Ordinal), out uint bits)
            ? (bits & 1) != 0 ? "up" : "down"
            : "unknown";

    private static string Attribute(SystemFiles files, string name, string attribute) => files.TryReadLine($"/sys/class/net/{name}/{attribute}") ?? "unknown";

    private static string Hardware(SystemFiles files, string name) =>
        Attribute(files, name, "address") is var address && address == "00:00:00:00:00:00" ? "-" : address;

    private static bool TryHex(string text, out uint value) =>
        uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
