using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Rundlet.Images.Registry.Http;

/// <summary>Decides whether the certificate that a host shows is to be trusted, and remembers why not.</summary>
/// <param name="authorities">Authorities besides the system's.</param>
internal sealed class ServerTrust(X509Certificate2Collection authorities)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1"; // RFC 5280, 4.2.1.12

    private volatile string? _refusal;

    /// <summary>Why the last certificate was refused; null where none was.</summary>
    public string? Refusal => _refusal;

    /// <summary>The callback of a handshake.</summary>
    public bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
            return true;
        _refusal = Judge(certificate, chain, errors);
        return _refusal is null;
    }

    private string? Judge(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is not X509Certificate2 server || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
            return "it shows no certificate";
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            return "its certificate is for another host";
        if (DateTime.Now > server.NotAfter)
            return $"its certificate ended on {server.NotAfter.ToUniversalTime():yyyy-MM-dd}";
        if (DateTime.Now < server.NotBefore)
            return $"its certificate begins on {server.NotBefore.ToUniversalTime():yyyy-MM-dd}";
        if (authorities.Count == 0)
            return "its certificate is signed by nobody who is trusted";

        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(authorities);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        own.ChainPolicy.DisableCertificateDownloads = true;
        own.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid(ServerAuthentication));
        foreach (X509ChainElement element in chain?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
            own.ChainPolicy.ExtraStore.Add(element.Certificate);
        return own.Build(server) ? null : "its certificate is signed by nobody who is trusted";
    }
}
