using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Rundlet.Linux;

namespace Rundlet.Images.Trust;

/// <summary>
/// A public key that signatures are verified with: ECDSA on P-256 or P-384, or RSA of 2,048 bits and more, as PEM of a
/// SubjectPublicKeyInfo (RFC 7468, section 13), which is what <c>cosign generate-key-pair</c> and <c>openssl pkey -pubout</c> write.
/// </summary>
public sealed class VerificationKey
{
    private const string Ec = "1.2.840.10045.2.1", Rsa = "1.2.840.113549.1.1.1", P256 = "1.2.840.10045.3.1.7", P384 = "1.3.132.0.34";
    private const string Label = "PUBLIC KEY";
    private const int MinRsaBits = 2048, MaxRsaBits = 16384, MaxFileBytes = 64 << 10;

    private readonly PublicKey _key;

    private VerificationKey(string name, PublicKey key)
    {
        Name = name;
        _key = key;
    }

    /// <summary>What to call it: its file.</summary>
    public string Name { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="ContainerException">NotFound; InvalidArgument: it holds no key; Unsupported: one of another kind.</exception>
    /// <exception cref="Syscalls.LinuxException">It cannot be read.</exception>
    public static VerificationKey Load(string path) => FileIo.TryReadText(path, MaxFileBytes) is { } pem
        ? Parse(pem, path)
        : throw new ContainerException(ContainerErrorKind.NotFound, $"no such key '{path}'");

    /// <summary>Reads a key.</summary>
    /// <param name="pem">Text with one block of PEM in it.</param>
    /// <param name="name">What to call it.</param>
    /// <exception cref="ContainerException">InvalidArgument: it is no key; Unsupported: one of another kind.</exception>
    public static VerificationKey Parse(string pem, string name)
    {
        if (!PemEncoding.TryFind(pem, out PemFields fields))
            throw Malformed(name, "there is no PEM in it");
        string label = pem[fields.Label];
        if (label != Label)
            throw Malformed(name, $"it holds a '{ByteText.Show(Encoding.UTF8.GetBytes(label))}', not a '{Label}'");
        if (PemEncoding.TryFind(pem.AsSpan(fields.Location.End.GetOffset(pem.Length)), out _))
            throw Malformed(name, "it holds more than one key");
        byte[] der = Convert.FromBase64String(pem[fields.Base64Data]);
        try
        {
            PublicKey key = PublicKey.CreateFromSubjectPublicKeyInfo(der, out int read);
            if (read != der.Length)
                throw Malformed(name, "there are bytes behind the key");
            RefuseOtherKinds(key, name);
            return new VerificationKey(name, key);
        }
        catch (PlatformNotSupportedException)
        {
            throw Unsupported(name, "a key of a kind that this machine does not know");
        }
        catch (CryptographicException)
        {
            throw Malformed(name, "it is no public key"); // the framework's texts may be missing from a trimmed program
        }
    }

    /// <summary>
    /// Whether a signature over some bytes is of this key: ECDSA in DER with SHA-256, on P-384 also with SHA-384; RSA by PKCS #1 1.5 or PSS
    /// with SHA-256. That is what cosign makes.
    /// </summary>
    public bool Verifies(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature)
    {
        try
        {
            return _key.Oid.Value == Rsa ? VerifiesRsa(bytes, signature) : VerifiesEc(bytes, signature);
        }
        catch (CryptographicException)
        {
            return false; // no signature by its form
        }
    }

    private bool VerifiesRsa(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature)
    {
        using RSA rsa = _key.GetRSAPublicKey()!;
        return rsa.VerifyData(bytes, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            || rsa.VerifyData(bytes, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
    }

    private bool VerifiesEc(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature)
    {
        using ECDsa ec = _key.GetECDsaPublicKey()!;
        return ec.VerifyData(bytes, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)
            || (ec.KeySize == 384 && ec.VerifyData(bytes, signature, HashAlgorithmName.SHA384, DSASignatureFormat.Rfc3279DerSequence));
    }

    private static void RefuseOtherKinds(PublicKey key, string name)
    {
        switch (key.Oid.Value)
        {
            case Rsa:
                using (RSA rsa = key.GetRSAPublicKey()!)
                {
                    if (rsa.KeySize is < MinRsaBits or > MaxRsaBits)
                        throw Unsupported(name, $"an RSA key of {rsa.KeySize} bits");
                }
                break;
            case Ec:
                using (ECDsa ec = key.GetECDsaPublicKey()!)
                {
                    string? curve = ec.ExportParameters(includePrivateParameters: false).Curve.Oid?.Value;
                    if (curve is not (P256 or P384))
                        throw Unsupported(name, $"an ECDSA key on another curve, {curve ?? "which has no name"}");
                }
                break;
            case var other:
                throw Unsupported(name, other == "1.3.101.112" ? "an Ed25519 key" : $"a key of algorithm {other}");
        }
    }

    private static ContainerException Malformed(string name, string problem) =>
        new(ContainerErrorKind.InvalidArgument, $"'{name}' is not a public key: {problem}") { Hint = "cosign public-key and openssl pkey -pubout write one" };

    private static ContainerException Unsupported(string name, string what) =>
        new(ContainerErrorKind.Unsupported, $"'{name}' is {what}") { Hint = "signatures are verified with ECDSA keys on P-256 or P-384, and RSA keys of 2048 to 16384 bits" };
}
