using System.Security.Cryptography;
using System.Text;
using Rundlet.Images.Tests.Registry;
using Rundlet.Images.Trust;

namespace Rundlet.Images.Tests.Trust;

/// <summary>A key, and what it signs, in cosign's form.</summary>
internal sealed class TrustSigner : IDisposable
{
    public static readonly byte[] Config = "{}"u8.ToArray();

    private readonly AsymmetricAlgorithm _key;
    private readonly Func<byte[], byte[]> _sign;

    private TrustSigner(AsymmetricAlgorithm key, Func<byte[], byte[]> sign)
    {
        _key = key;
        _sign = sign;
    }

    public string Pem => _key.ExportSubjectPublicKeyInfoPem();

    public string KeyData => Convert.ToBase64String(Encoding.UTF8.GetBytes(Pem));

    public VerificationKey Key => VerificationKey.Parse(Pem, "test.pub");

    public static TrustSigner P256() => OnCurve(ECCurve.NamedCurves.nistP256, HashAlgorithmName.SHA256);

    public static TrustSigner OnCurve(ECCurve curve, HashAlgorithmName hash)
    {
        var key = ECDsa.Create(curve);
        return new TrustSigner(key, bytes => key.SignData(bytes, hash, DSASignatureFormat.Rfc3279DerSequence));
    }

    public static TrustSigner OfRsa(int bits, RSASignaturePadding padding)
    {
        var key = RSA.Create(bits);
        return new TrustSigner(key, bytes => key.SignData(bytes, HashAlgorithmName.SHA256, padding));
    }

    public byte[] Sign(byte[] payload) => _sign(payload);

    public static byte[] Payload(string digest, string reference, string optional = "null") => Encoding.UTF8.GetBytes(
        $$$"""{"critical":{"identity":{"docker-reference":"{{{reference}}}"},"image":{"docker-manifest-digest":"{{{digest}}}"},"type":"cosign container image signature"},"optional":{{{optional}}}}""");

    /// <summary>A manifest of signatures.</summary>
    public static byte[] Manifest(string more, params (byte[] Payload, byte[] Signature)[] signatures)
    {
        string layers = string.Join(',', signatures.Select(one => TestImage.Describe(SignatureFinder.PayloadType, one.Payload)[..^1]
            + $",\"annotations\":{{\"{SignatureFinder.SignatureAnnotation}\":\"{Convert.ToBase64String(one.Signature)}\"}}}}"));
        string config = TestImage.Describe("application/vnd.oci.image.config.v1+json", Config);
        return Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"mediaType":"{{TestImage.ManifestType}}","config":{{config}},"layers":[{{layers}}]{{more}}}""");
    }

    public void Dispose() => _key.Dispose();
}
