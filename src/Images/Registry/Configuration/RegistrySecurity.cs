namespace Rundlet.Images.Registry.Configuration;

/// <summary>How a registry is spoken to.</summary>
public enum RegistrySecurity
{
    /// <summary>TLS with a certificate that is trusted.</summary>
    Verified,

    /// <summary>TLS without looking at the certificate where the registry speaks TLS, else plain HTTP.</summary>
    Insecure,

    /// <summary>TLS without looking at the certificate.</summary>
    UnverifiedTls,

    /// <summary>Plain HTTP.</summary>
    PlainHttp,
}
