using System.Net;
using Rundlet.Linux;

namespace Rundlet.Images.Registry.Http;

/// <summary>
/// Proxies as the environment names them: <c>HTTP_PROXY</c>, <c>HTTPS_PROXY</c> and <c>NO_PROXY</c>, each in lower case too, which counts
/// first. <c>NO_PROXY</c> is read as other container engines read it: <c>*</c>, addresses, CIDR blocks, <c>host</c> (with all below it),
/// <c>.host</c> (only what is below it), each with <c>:port</c> where only that is meant. Loopback is never proxied.
/// </summary>
public sealed class EnvironmentProxy : IWebProxy
{
    private readonly Uri? _http, _https;
    private readonly string[] _exempt;

    /// <summary>Reads the variables.</summary>
    /// <param name="variable">Looks one up.</param>
    /// <exception cref="ContainerException">InvalidArgument: what should be a proxy is no URL.</exception>
    public EnvironmentProxy(Func<string, string?> variable)
    {
        string? Either(string name) => variable(name.ToLowerInvariant()) is { Length: > 0 } lower ? lower : variable(name);
        _http = Parse(Either("HTTP_PROXY"), "HTTP_PROXY");
        _https = Parse(Either("HTTPS_PROXY"), "HTTPS_PROXY");
        _exempt = (Either("NO_PROXY") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        Credentials = new ProxyLogins(_http, _https);
    }

    /// <summary>User and password, where the proxy's URL has them.</summary>
    public ICredentials? Credentials { get; set; }

    /// <inheritdoc/>
    public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : Of(destination);

    /// <inheritdoc/>
    public bool IsBypassed(Uri host) => Of(host) is null || IsExempt(host);

    private Uri? Of(Uri destination) => destination.Scheme == Uri.UriSchemeHttps ? _https : _http;

    private bool IsExempt(Uri destination)
    {
        string host = destination.IdnHost.TrimEnd('.');
        bool isAddress = IPAddress.TryParse(host, out IPAddress? address);
        if (host == "localhost" || (isAddress && IPAddress.IsLoopback(address!)))
            return true;
        foreach (string entry in _exempt)
        {
            if (entry == "*" || (isAddress ? CoversAddress(entry, address!, destination.Port) : CoversName(entry, host, destination.Port)))
                return true;
        }
        return false;
    }

    private static bool CoversAddress(string entry, IPAddress address, int port)
    {
        if (IPNetwork.TryParse(entry, out IPNetwork network))
            return network.Contains(address);
        if (IPAddress.TryParse(entry.Trim('[', ']'), out IPAddress? one))
            return one.Equals(address);
        return IPEndPoint.TryParse(entry, out IPEndPoint? place) && place.Address.Equals(address) && place.Port == port;
    }

    private static bool CoversName(string entry, string host, int port)
    {
        int colon = entry.LastIndexOf(':');
        if (colon > 0)
        {
            if (!int.TryParse(entry.AsSpan(colon + 1), out int only) || only != port)
                return false;
            entry = entry[..colon];
        }
        string below = entry.TrimStart('*');
        below = below.StartsWith('.') ? below : "." + below;
        return host.EndsWith(below, StringComparison.OrdinalIgnoreCase) || (!entry.StartsWith('.') && host.Equals(entry, StringComparison.OrdinalIgnoreCase));
    }

    private static Uri? Parse(string? text, string name)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        string url = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        return Uri.TryCreate(url, UriKind.Absolute, out Uri? proxy) && proxy.Scheme is "http" or "https" or "socks4" or "socks4a" or "socks5"
            ? proxy
            : throw new ContainerException(ContainerErrorKind.InvalidArgument, $"{name} is not the URL of a proxy") { Hint = "it looks like http://host:port" };
    }

    private sealed class ProxyLogins(params Uri?[] proxies) : ICredentials
    {
        public NetworkCredential? GetCredential(Uri uri, string authType)
        {
            Uri? proxy = Array.Find(proxies, proxy => proxy is not null && proxy.UserInfo.Length > 0 && proxy.Authority == uri.Authority);
            if (proxy is null)
                return null;
            string[] parts = proxy.UserInfo.Split(':', 2);
            return new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
        }
    }
}
