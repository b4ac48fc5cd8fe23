using System.Globalization;
using System.Net;
using Rundlet.Linux;

namespace Rundlet.Cli.Http;

/// <summary>Where a server listens.</summary>
/// <param name="Path">A socket's path; null for none.</param>
/// <param name="EndPoint">Address and port; null for none. Where both are null, the service manager has the socket.</param>
internal sealed record ListenAddress(string? Path, IPEndPoint? EndPoint)
{
    private const string Unix = "unix:", Inherited = "fd://";

    /// <summary>Reads <c>127.0.0.1:9323</c>, <c>[::1]:9323</c>, <c>localhost:9323</c>, <c>unix:/path</c> or <c>fd://</c>.</summary>
    /// <exception cref="ContainerException">InvalidArgument: it is none of them.</exception>
    public static ListenAddress Parse(string text)
    {
        if (text == Inherited)
            return new ListenAddress(null, null);
        if (text.StartsWith(Unix, StringComparison.Ordinal))
        {
            string path = text[Unix.Length..];
            if (path.StartsWith("//", StringComparison.Ordinal)) // as docker writes it
                path = path[2..];
            return path.StartsWith('/') && path.Length > 1 && !path.Contains('\0') ? new ListenAddress(path, null) : throw Wrong(text, "a socket's path is absolute, as in unix:/run/rundlet/metrics.sock");
        }
        int colon = text.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
            throw Wrong(text, "write address and port, as in 127.0.0.1:9323");
        string host = text[..colon];
        if (host.Length == 0)
            throw Wrong(text, $"write which address: 127.0.0.1:{port} for this machine alone, 0.0.0.0:{port} for all");
        if (host == "localhost")
            return new ListenAddress(null, new IPEndPoint(IPAddress.Loopback, port));
        bool isV6 = host.StartsWith('[') && host.EndsWith(']');
        bool isV4 = !isV6 && host.AsSpan().Count('.') == 3 && !host.AsSpan().ContainsAnyExcept("0123456789.");
        return (isV6 || isV4) && IPAddress.TryParse(isV6 ? host.AsSpan(1, host.Length - 2) : host, out IPAddress? address)
            ? new ListenAddress(null, new IPEndPoint(address, port))
            : throw Wrong(text, "there are addresses such as 127.0.0.1 and [::1], but no names other than localhost");
    }

    private static ContainerException Wrong(string text, string hint) => new(ContainerErrorKind.InvalidArgument, $"invalid address '{text}'") { Hint = hint };
}
