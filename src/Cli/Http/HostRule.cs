using System.Net;
using System.Net.Sockets;

namespace Rundlet.Cli.Http;

/// <summary>
/// Which <c>Host</c> a request may name. A web page of a stranger can make a browser connect to this machine under the stranger's name
/// (DNS rebinding), but neither under an address nor under <c>localhost</c>.
/// </summary>
/// <param name="names">Other names that are meant for this server.</param>
internal sealed class HostRule(IEnumerable<string> names)
{
    private readonly HashSet<string> _names = new(names.Append("localhost"), StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a field's value, <c>name</c> or <c>name:port</c>, is meant for this server.</summary>
    public bool Allows(string host)
    {
        if (host.StartsWith('['))
        {
            int end = host.IndexOf(']');
            return end > 0 && IsPort(host.AsSpan(end + 1)) && !host.AsSpan(1, end - 1).Contains('%')
                && IPAddress.TryParse(host.AsSpan(1, end - 1), out IPAddress? v6) && v6.AddressFamily == AddressFamily.InterNetworkV6;
        }
        int colon = host.IndexOf(':');
        ReadOnlySpan<char> name = colon < 0 ? host : host.AsSpan(0, colon);
        return IsPort(colon < 0 ? default : host.AsSpan(colon)) && (IsAddress(name) || _names.Contains(name.ToString()));
    }

    private static bool IsPort(ReadOnlySpan<char> text) =>
        text.IsEmpty || (text[0] == ':' && text.Length is > 1 and <= 6 && !text[1..].ContainsAnyExceptInRange('0', '9'));

    // Four decimal numbers: of what else is taken for an address here and there ("127.1", "0x7f000001") nothing is.
    private static bool IsAddress(ReadOnlySpan<char> text) =>
        text.Count('.') == 3 && !text.ContainsAnyExcept("0123456789.") && IPAddress.TryParse(text, out _);
}
