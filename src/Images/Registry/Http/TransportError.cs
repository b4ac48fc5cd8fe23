using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using Rundlet.Linux;

namespace Rundlet.Images.Registry.Http;

/// <summary>What it means when no answer comes, or none that can be read.</summary>
internal static class TransportError
{
    /// <summary>Whether an exception is a failure of the connection.</summary>
    public static bool Is(Exception e) => e is HttpRequestException or IOException or SocketException or OperationCanceledException or ObjectDisposedException;

    /// <summary>Whether it may be better in a moment.</summary>
    /// <param name="e">What happened.</param>
    /// <param name="patient">Whether that goes for a host that cannot be reached.</param>
    public static bool MayPass(Exception e, bool patient)
    {
        if (SocketErrorOf(e) is { } error)
            return patient || error is not (SocketError.ConnectionRefused or SocketError.HostNotFound or SocketError.NoData or SocketError.HostUnreachable or SocketError.NetworkUnreachable);
        if (IsOfTls(e))
            return false;
        return HttpErrorOf(e) switch
        {
            HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.ProxyTunnelError
                or HttpRequestError.NameResolutionError or HttpRequestError.UserAuthenticationError => false,
            _ => true,
        };
    }

    /// <summary>Tells it to a person.</summary>
    /// <param name="e">What happened.</param>
    /// <param name="call">What was tried.</param>
    /// <param name="at">The address at which it happened.</param>
    /// <param name="pool">Whose link it was.</param>
    public static ContainerException Explain(Exception e, HttpCall call, Uri at, HostPool pool)
    {
        string who = at.Authority == call.Address.Authority ? $"registry '{call.Registry}'" : $"host '{at.Authority}', to which registry '{call.Registry}' leads,";
        if (HttpErrorOf(e) == HttpRequestError.ProxyTunnelError)
            return Unavailable($"the proxy does not lead to {who.TrimEnd(',')}", "HTTPS_PROXY names it; NO_PROXY names hosts that need none");
        return SocketErrorOf(e) switch
        {
            SocketError.HostNotFound or SocketError.NoData => Unavailable($"{who} is unknown: there is no host '{at.Host}'", "check the name, and this machine's name servers"),
            SocketError.TryAgain => Unavailable($"{who} is not found: no name server answers", "check this machine's network"),
            SocketError.ConnectionRefused => Unavailable($"{who} refuses the connection", $"check that it runs, and the port ({at.Port})"),
            SocketError.HostUnreachable or SocketError.NetworkUnreachable => Unavailable($"{who} cannot be reached from this network", "check this machine's network"),
            SocketError.TimedOut or SocketError.WouldBlock => Unavailable($"{who} does not answer in time", "try again later"),
            { } => Unavailable($"{who} dropped the connection", "try again"),
            null => ExplainHttp(e, who, at, call, pool),
        };
    }

    private static ContainerException ExplainHttp(Exception e, string who, Uri at, HttpCall call, HostPool pool)
    {
        if (e is OperationCanceledException)
            return Unavailable($"{who} does not answer in time", "try again later");
        if (HttpErrorOf(e) is HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded)
            return Unavailable($"{who} does not answer as HTTP demands", null);
        if (!IsOfTls(e))
            return Unavailable($"{who} dropped the connection", "try again");
        return pool.LinkTo(at, call.Verify).Trust.Refusal is { } refusal
            ? new ContainerException(ContainerErrorKind.PermissionDenied, $"{who} is not trusted: {refusal}")
            {
                Hint = $"if it should be, put the certificate of its authority at '{pool.Options.CertificateFolders[0]}/{at.Authority}/ca.crt'",
            }
            : Unavailable($"{who} and this machine do not agree on TLS",
                $"it may speak plain HTTP (registries.json: \"insecure\"), or want a certificate in '{pool.Options.CertificateFolders[0]}/{at.Authority}'");
    }

    private static ContainerException Unavailable(string message, string? hint) => new(ContainerErrorKind.Unavailable, message) { Hint = hint };

    // Since TLS 1.3 a server judges our certificate when we believe to be done; its alert comes with the first read.
    private static bool IsOfTls(Exception e) => Find<AuthenticationException>(e) is not null || Find<CryptographicException>(e) is not null;

    private static SocketError? SocketErrorOf(Exception e) => Find<SocketException>(e)?.SocketErrorCode;

    private static HttpRequestError? HttpErrorOf(Exception e) => e switch
    {
        HttpRequestException http => http.HttpRequestError,
        HttpIOException http => http.HttpRequestError,
        _ => null,
    };

    private static T? Find<T>(Exception? e) where T : Exception
    {
        for (; e is not null; e = e.InnerException)
        {
            if (e is T found)
                return found;
        }
        return null;
    }
}
