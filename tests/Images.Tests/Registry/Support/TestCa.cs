using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Rundlet.Images.Tests.Registry;

/// <summary>An authority of a test's own, which signs certificates for loopback.</summary>
public sealed class TestCa : IDisposable
{
    private readonly X509Certificate2 _authority;

    public TestCa()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=authority of a test", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-30), DateTimeOffset.UtcNow.AddDays(30));
    }

    /// <summary>Its certificate, as PEM.</summary>
    public string Pem => _authority.ExportCertificatePem();

    /// <summary>Signs a certificate with a key of its own.</summary>
    /// <param name="name">For which host; an address counts as one.</param>
    /// <param name="until">Until when it is good; null for long enough.</param>
    public X509Certificate2 Sign(string name, DateTimeOffset? until = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out IPAddress? address))
            names.AddIpAddress(address);
        else
            names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 signed = request.Create(_authority, DateTimeOffset.UtcNow.AddDays(-20), until ?? DateTimeOffset.UtcNow.AddDays(10), Guid.NewGuid().ToByteArray());
        return signed.CopyWithPrivateKey(key);
    }

    /// <summary>Signs a certificate and leaves it with its key as PEM.</summary>
    public (string Certificate, string Key) SignInto(string folder, string name, DateTimeOffset? until = null)
    {
        using X509Certificate2 certificate = Sign(name, until);
        (string Certificate, string Key) files = ($"{folder}/{name}.cert", $"{folder}/{name}.key");
        File.WriteAllText(files.Certificate, certificate.ExportCertificatePem());
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        File.WriteAllText(files.Key, key.ExportPkcs8PrivateKeyPem());
        return files;
    }

    public void Dispose() => _authority.Dispose();
}
