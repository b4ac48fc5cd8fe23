namespace Rundlet.Images.Tests.Registry;

/// <summary>A <c>certs.d</c> of a test's own.</summary>
public sealed class CertificateFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("rundlet-certs-").FullName;

    /// <summary>The folder of a host, made if it is missing.</summary>
    public string Of(string host) => Directory.CreateDirectory($"{Path}/{host}").FullName;

    /// <summary>Has an authority trusted for a host.</summary>
    public void Trust(string host, TestCa authority) => File.WriteAllText($"{Of(host)}/ca.crt", authority.Pem);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
