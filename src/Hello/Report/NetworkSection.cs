using System.Globalization;
using System.Net;

namespace Rundlet.Hello.Report;

/// <summary>Interfaces (<see cref="InterfaceTable"/>), routes, resolvers and the hosts file.</summary>
internal static class NetworkSection
{
    // linux/ipv6_route.h and linux/route.h: routes that carry traffic.
    private const uint Up = 0x1;
    private const uint Gateway = 0x2;
    private const uint Reject = 0x200;
    private const uint Local = 0x8000_0000;

    public static Section Build(SystemFiles files) => new("network", "Network",
    [
        new("resolvers", "resolvers", new FactValue.List(Resolvers(files.ReadLines("/etc/resolv.conf")), "none: /etc/resolv.conf is absent or names none")),
        new("hosts", "hosts file", new FactValue.List(Hosts(files.ReadLines("/etc/hosts")), "none: /etc/hosts is absent or empty")),
    ],
    [
        new("interfaces", "Interfaces", ["name", "state", "mtu", "hardware", "addresses"], InterfaceTable.Rows(files), "none: /proc is not mounted"),
        new("routes", "Routes", ["destination", "gateway", "interface"],
            [.. files.ReadLines("/proc/net/route").Skip(1).Select(TryParseRoute).OfType<string[]>(),
             .. files.ReadLines("/proc/net/ipv6_route").Select(TryParseRoute6).OfType<string[]>()], "none"),
    ]);

    /// <summary>The addresses after "nameserver" (resolv.conf(5)).</summary>
    public static IReadOnlyList<string> Resolvers(IEnumerable<string> lines) =>
        [.. lines.Select(Words).Where(words => words is ["nameserver", _, ..]).Select(words => words[1])];

    /// <summary>hosts(5) without comments, words parted by one space.</summary>
    public static IReadOnlyList<string> Hosts(IEnumerable<string> lines) =>
        [.. lines.Select(line => string.Join(' ', Words(line.Split('#')[0]))).Where(line => line.Length > 0)];

    /// <summary>A line of /proc/net/route as destination, gateway, interface: words in memory order, written in hexadecimal.</summary>
    public static string[]? TryParseRoute(string line)
    {
        string[] words = Words(line);
        return words.Length >= 8 && TryHex(words[1], out uint target) && TryHex(words[2], out uint gateway) && TryHex(words[3], out uint flags)
            && TryHex(words[7], out uint mask) && (flags & (Up | Reject)) == Up
            ?
            [
                mask == 0 ? "default" : $"{new IPAddress(target)}/{uint.PopCount(mask)}",
                (flags & Gateway) != 0 ? new IPAddress(gateway).ToString() : "-",
                words[0],
            ]
            : null;
    }

    /// <summary>A line of /proc/net/ipv6_route in the same form; without the host's own addresses, multicast and rejected destinations.</summary>
    public static string[]? TryParseRoute6(string line)
    {
        string[] words = Words(line);
        if (words.Length < 10 || words[0].Length != 32 || words[4].Length != 32 || !TryHex(words[1], out uint prefix) || !TryHex(words[8], out uint flags))
            return null;
        if ((flags & (Up | Reject | Local)) != Up || words[0].StartsWith("ff", StringComparison.OrdinalIgnoreCase))
            return null;
        string target = prefix == 0 ? "default" : $"{Address6(words[0])}/{prefix}";
        return [target, (flags & Gateway) != 0 ? Address6(words[4]).ToString() : "-", words[9]];
    }

    private static IPAddress Address6(string hex) => new(Convert.FromHexString(hex));

    private static bool TryHex(string text, out uint value) =>
        uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);

    private static string[] Words(string line) => line.Split((char[])['\t', ' '], StringSplitOptions.RemoveEmptyEntries);
}
