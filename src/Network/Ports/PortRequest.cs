using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Rundlet.Linux;

namespace Rundlet.Network.Ports;

/// <summary>A container port, or several in a row, that is to be published, and where.</summary>
/// <param name="HostAddress">The host's address; null for all of them; <c>0.0.0.0</c> or <c>::</c> for all of one family.</param>
/// <param name="FirstHostPort">The host's port, or the first that may be taken; 0 for any that is free.</param>
/// <param name="LastHostPort">The last host port that may be taken; equal to the first for exactly one.</param>
/// <param name="ContainerPort">The container's port, 1 to 65535.</param>
/// <param name="Protocol">The protocol.</param>
public sealed record PortRequest(IPAddress? HostAddress, ushort FirstHostPort, ushort LastHostPort, ushort ContainerPort, PortProtocol Protocol)
{
    /// <summary>How many ports, one behind the other on both sides; more than 1 only with a host port of one's own.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Whether the host's input firewall judges who comes: then no rule leads the port into the container, and a program has to listen at it.</summary>
    public bool ObeysHost { get; init; }

    /// <summary>The same as single ports.</summary>
    public IEnumerable<PortRequest> Expand() => Count == 1 ? [this] : Enumerable.Range(0, Count).Select(step => this with
    {
        FirstHostPort = (ushort)(FirstHostPort + step),
        LastHostPort = (ushort)(FirstHostPort + step),
        ContainerPort = (ushort)(ContainerPort + step),
        Count = 1,
    });

    /// <summary>
    /// Reads one value of <c>-p</c>: <c>[ADDRESS:][HOST[-LAST]:]CONTAINER[-LAST][/tcp|udp|sctp]</c>, an IPv6 address in
    /// brackets. Ranges of the same length give one request; a range without host ports gives one a port; a host range for one container port lets us choose.
    /// </summary>
    /// <exception cref="ContainerException">InvalidArgument: it is malformed.</exception>
    public static IReadOnlyList<PortRequest> Parse(string text)
    {
        PortProtocol protocol = PortProtocol.Tcp;
        ReadOnlySpan<char> rest = text;
        int slash = rest.LastIndexOf('/');
        if (slash >= 0)
        {
            protocol = ParseProtocol(rest[(slash + 1)..], text);
            rest = rest[..slash];
        }
        IPAddress? address = TakeAddress(ref rest, text);
        int colon = rest.LastIndexOf(':');
        (ushort first, ushort last) container = ParseRange(rest[(colon + 1)..], text);
        ReadOnlySpan<char> host = colon < 0 ? [] : rest[..colon];
        (ushort first, ushort last) published = host.IsEmpty ? default : ParseRange(host, text);
        return Pair(address, published, container, protocol, text);
    }

    private static List<PortRequest> Pair(
        IPAddress? address, (ushort First, ushort Last) host, (ushort First, ushort Last) container, PortProtocol protocol, string text)
    {
        if (container.First == container.Last)
            return [new PortRequest(address, host.First, host.Last, container.First, protocol)];
        bool anyPort = host.First == 0;
        if (!anyPort && host.Last - host.First != container.Last - container.First)
            throw Invalid(text, "the ranges differ in length");
        if (!anyPort)
            return [new PortRequest(address, host.First, host.First, container.First, protocol) { Count = container.Last - container.First + 1 }];
        return [.. Enumerable.Range(container.First, container.Last - container.First + 1).Select(port => new PortRequest(address, 0, 0, (ushort)port, protocol))];
    }

    // Takes "[::1]:" or "127.0.0.1:" off the front.
    private static IPAddress? TakeAddress(ref ReadOnlySpan<char> rest, string text)
    {
        ReadOnlySpan<char> address;
        if (rest.StartsWith('['))
        {
            int end = rest.IndexOf("]:");
            if (end < 0)
                throw Invalid(text, "']:' is missing behind the address");
            address = rest[1..end];
            rest = rest[(end + 2)..];
        }
        else
        {
            int end = rest.IndexOf(':');
            // "8080:80" has one colon, "ADDRESS:8080:80" and "ADDRESS::80" have two.
            if (end < 0 || rest[(end + 1)..].IndexOf(':') < 0)
                return null;
            address = rest[..end];
            rest = rest[(end + 1)..];
        }
        if (!IPAddress.TryParse(address, out IPAddress? parsed) || !IsWholeAddress(address, parsed))
            throw Invalid(text, $"'{address}' is no address");
        return parsed;
    }

    // IPAddress takes "1" and "127.1" as well; here they are slips.
    private static bool IsWholeAddress(ReadOnlySpan<char> text, IPAddress parsed) =>
        parsed.AddressFamily == AddressFamily.InterNetworkV6 || text.Count('.') == 3;

    private static (ushort First, ushort Last) ParseRange(ReadOnlySpan<char> range, string text)
    {
        int dash = range.IndexOf('-');
        ushort first = ParsePort(dash < 0 ? range : range[..dash], text);
        ushort last = dash < 0 ? first : ParsePort(range[(dash + 1)..], text);
        return first <= last ? (first, last) : throw Invalid(text, "the range ends before it begins");
    }

    private static ushort ParsePort(ReadOnlySpan<char> port, string text) =>
        ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number) && number > 0
            ? number
            : throw Invalid(text, $"'{port}' is no port (1 to 65535)");

    private static PortProtocol ParseProtocol(ReadOnlySpan<char> name, string text) => name switch
    {
        _ when name.Equals("tcp", StringComparison.OrdinalIgnoreCase) => PortProtocol.Tcp,
        _ when name.Equals("udp", StringComparison.OrdinalIgnoreCase) => PortProtocol.Udp,
        _ when name.Equals("sctp", StringComparison.OrdinalIgnoreCase) => PortProtocol.Sctp,
        _ => throw Invalid(text, $"'{name}' is no protocol (tcp, udp, sctp)"),
    };

    private static ContainerException Invalid(string text, string reason) =>
        new(ContainerErrorKind.InvalidArgument, $"invalid port mapping '{text}': {reason}");
}
