using System.Net.Sockets;
using Rundlet.Images.Registry.Configuration;

namespace Rundlet.Images.Registry.Http;

/// <summary>The links to all hosts that one client speaks to.</summary>
internal sealed class HostPool(RegistryOptions options) : IDisposable
{
    private static readonly TimeSpan s_probeLimit = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Authority, bool Verify), HostLink> _links = [];

    /// <summary>What all links have.</summary>
    public RegistryOptions Options => options;

    /// <summary>The link to the host of an address.</summary>
    /// <param name="address">An http or https address.</param>
    /// <param name="verify">Whether a certificate must be trusted.</param>
    public HostLink LinkTo(Uri address, bool verify)
    {
        lock (_lock)
        {
            if (!_links.TryGetValue((address.Authority, verify), out HostLink? link))
            {
                string[] names = address.IsDefaultPort ? [address.Host, $"{address.Host}:{address.Port}"] : [address.Authority];
                _links[(address.Authority, verify)] = link = new HostLink(names, verify, options);
            }
            return link;
        }
    }

    /// <summary>Where a registry answers: its scheme, host and port. May ask it whether it speaks TLS.</summary>
    /// <param name="host">Host, with a port where one is given.</param>
    /// <param name="security">How it is spoken to.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="SocketException">Nobody answers.</exception>
    public Uri Locate(string host, RegistrySecurity security, CancellationToken cancel)
    {
        Uri secure = new($"https://{host}/"), plain = new($"http://{host}/");
        if (security == RegistrySecurity.PlainHttp)
            return plain;
        if (security != RegistrySecurity.Insecure || options.Proxy?.IsBypassed(secure) == false)
            return secure;
        if (secure.Port == plain.Port)
            return SpeaksTls(secure, cancel) ? secure : plain;
        try
        {
            return SpeaksTls(secure, cancel) ? secure : plain;
        }
        catch (SocketException)
        {
            return plain; // no port given: one of the two may be closed, and the other tells its own error
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (HostLink link in _links.Values)
                link.Dispose();
            _links.Clear();
        }
    }

    private bool SpeaksTls(Uri address, CancellationToken cancel)
    {
        using NetworkStream connection = HostLink.Connect(address.IdnHost, address.Port, options.ConnectTimeout, s_probeLimit, cancel);
        return TlsProbe.SpeaksTls(connection);
    }
}
