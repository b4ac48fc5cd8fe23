using System.Net;
using System.Text;
using Rundlet.Linux;

namespace Rundlet.Network.Files;

/// <summary>The hosts(5) of a container.</summary>
public static class HostsFile
{
    private const int MaxNameLength = 253; // of a domain name, RFC 1035

    /// <summary>The content: loopback (IPv4, for containers have no other), what the user added, the container itself.</summary>
    /// <param name="hostname">The container's name for itself.</param>
    /// <param name="addresses">Its addresses; none without a network: the name then leads to the loopback.</param>
    /// <param name="extraHosts">Further names and addresses, in order.</param>
    /// <exception cref="ContainerException">InvalidArgument: a name is not one (blanks and control characters would make other entries).</exception>
    public static string ForContainer(string hostname, IReadOnlyList<IPAddress> addresses, IEnumerable<(string Name, IPAddress Address)> extraHosts)
    {
        StringBuilder text = new();
        text.Append("127.0.0.1\tlocalhost\n");
        foreach ((string name, IPAddress extra) in extraHosts)
            Append(text, extra, name);
        foreach (IPAddress address in addresses.Count > 0 ? addresses : [IPAddress.Loopback])
            Append(text, address, hostname);
        return text.ToString();
    }

    /// <summary>A file of somebody else's with further names and addresses behind it.</summary>
    /// <exception cref="ContainerException">InvalidArgument: a name is not one.</exception>
    public static string Append(string text, IEnumerable<(string Name, IPAddress Address)> extraHosts)
    {
        StringBuilder result = new(text);
        if (text.Length > 0 && text[^1] != '\n')
            result.Append('\n');
        foreach ((string name, IPAddress extra) in extraHosts)
            Append(result, extra, name);
        return result.ToString();
    }

    /// <summary>Reads <c>--add-host NAME:ADDRESS</c> (or <c>NAME=ADDRESS</c>).</summary>
    /// <param name="text">The value; the address may be <c>host-gateway</c>.</param>
    /// <param name="gateway">What <c>host-gateway</c> stands for; null where there is no network.</param>
    /// <exception cref="ContainerException">InvalidArgument.</exception>
    public static (string Name, IPAddress Address) ParseExtraHost(string text, IPAddress? gateway)
    {
        int end = text.AsSpan().IndexOfAny(':', '=');
        if (end <= 0)
            throw Invalid($"invalid host entry '{Names.Printable(text)}': want NAME:ADDRESS");
        string name = text[..end];
        string value = text[(end + 1)..].Trim('[', ']');
        Check(name);
        if (value == "host-gateway")
            return (name, gateway ?? throw Invalid($"invalid host entry '{Names.Printable(text)}': no network, so no host-gateway"));
        return IPAddress.TryParse(value, out IPAddress? address)
            ? (name, address)
            : throw Invalid($"invalid host entry '{Names.Printable(text)}': '{Names.Printable(value)}' is no address");
    }

    private static void Append(StringBuilder text, IPAddress address, string name)
    {
        Check(name);
        text.Append(address).Append('\t').Append(name);
        int dot = name.IndexOf('.');
        if (dot > 0)
            text.Append(' ').Append(name, 0, dot); // the short name beside the full one
        text.Append('\n');
    }

    private static void Check(string name)
    {
        bool isOdd = name.Length is 0 or > MaxNameLength || name[0] == '#';
        foreach (char c in name)
            isOdd |= char.IsControl(c) || char.IsWhiteSpace(c);
        if (isOdd)
            throw Invalid($"invalid host name '{Names.Printable(name)}'");
    }

    private static ContainerException Invalid(string message) => new(ContainerErrorKind.InvalidArgument, message);
}
