using System.Security.Cryptography;
using Rundlet.Images.Trust;
using Rundlet.Linux;

namespace Rundlet.Images.Tests.Trust;

public class VerificationKeyTests
{
    private const string Ed25519 = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";

    public static TheoryData<string> Kinds => ["p256", "p384", "p384-sha384", "rsa-pkcs1", "rsa-pss"];

    private static TrustSigner Signer(string kind) => kind switch
    {
        "p256" => TrustSigner.P256(),
        "p384" => TrustSigner.OnCurve(ECCurve.NamedCurves.nistP384, HashAlgorithmName.SHA256),
        "p384-sha384" => TrustSigner.OnCurve(ECCurve.NamedCurves.nistP384, HashAlgorithmName.SHA384),
        "rsa-pkcs1" => TrustSigner.OfRsa(2048, RSASignaturePadding.Pkcs1),
        _ => TrustSigner.OfRsa(3072, RSASignaturePadding.Pss),
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_signature_fits_its_bytes_and_its_key_alone(string kind)
    {
        using TrustSigner signer = Signer(kind), other = Signer(kind);
        byte[] bytes = "what is signed"u8.ToArray();
        byte[] signature = signer.Sign(bytes);
        VerificationKey key = signer.Key;
        Assert.True(key.Verifies(bytes, signature));
        Assert.False(other.Key.Verifies(bytes, signature));
        Assert.False(key.Verifies("what is signeD"u8, signature));
        Assert.False(key.Verifies([], signature));
        Assert.False(key.Verifies(bytes, []));
        Assert.False(key.Verifies(bytes, signature[..^1]));
        Assert.False(key.Verifies(bytes, [.. signature, 0]));
        Assert.False(key.Verifies(bytes, new byte[signature.Length]));
        for (int i = 0; i < signature.Length; i++)
        {
            byte[] bent = [.. signature];
            bent[i] ^= 1;
            Assert.False(key.Verifies(bytes, bent), $"byte {i}");
        }
    }

    /// <summary>Key, signature and their forms by another hand.</summary>
    [Theory]
    [InlineData("EC -pkeyopt ec_paramgen_curve:P-256", "-sha256")]
    [InlineData("EC -pkeyopt ec_paramgen_curve:P-384", "-sha256")]
    [InlineData("EC -pkeyopt ec_paramgen_curve:P-384", "-sha384")]
    [InlineData("RSA -pkeyopt rsa_keygen_bits:2048", "-sha256")]
    [InlineData("RSA -pkeyopt rsa_keygen_bits:3072", "-sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest")]
    public void What_openssl_signs_is_verified(string key, string signing)
    {
        string folder = Directory.CreateTempSubdirectory("rundlet-openssl-").FullName;
        try
        {
            File.WriteAllText($"{folder}/payload", "what is signed");
            Sandbox.Run("openssl", ["genpkey", "-algorithm", .. key.Split(' '), "-out", $"{folder}/key"]);
            Sandbox.Run("openssl", "pkey", "-in", $"{folder}/key", "-pubout", "-out", $"{folder}/key.pub");
            Sandbox.Run("openssl", ["dgst", .. signing.Split(' '), "-sign", $"{folder}/key", "-out", $"{folder}/signature", $"{folder}/payload"]);
            VerificationKey verification = VerificationKey.Load($"{folder}/key.pub");
            Assert.True(verification.Verifies("what is signed"u8, File.ReadAllBytes($"{folder}/signature")));
            Assert.False(verification.Verifies("what is not"u8, File.ReadAllBytes($"{folder}/signature")));
            Assert.Equal($"{folder}/key.pub", verification.Name);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_curve_that_the_machine_does_not_know_is_refused()
    {
        const string Unknown = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQkDQgAENz08xCZkTjq3VLLskfbTnQw8szr5cjGluduKQaJsyzZse9t0RAG3aAoWa5wiuiRYrPae3vZlCMCaB96XODaq/w==";
        ContainerException error = Assert.Throws<ContainerException>(() => VerificationKey.Parse($"-----BEGIN PUBLIC KEY-----\n{Unknown}\n-----END PUBLIC KEY-----\n", "k"));
        Assert.Equal(ContainerErrorKind.Unsupported, error.Kind);
    }

    [Theory]
    [InlineData("", "no PEM")]
    [InlineData("hello", "no PEM")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "no public key")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "holds a 'CERTIFICATE', not a 'PUBLIC KEY'")]
    [InlineData("-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----\n", "holds a 'RSA PUBLIC KEY'")]
    [InlineData("-----BEGIN ENCRYPTED COSIGN PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED COSIGN PRIVATE KEY-----\n", "not a 'PUBLIC KEY'")]
    public void What_is_no_public_key_is_refused(string pem, string problem)
    {
        ContainerException error = Assert.Throws<ContainerException>(() => VerificationKey.Parse(pem, "k"));
        Assert.Equal(ContainerErrorKind.InvalidArgument, error.Kind);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_private_key_is_refused()
    {
        using var key = ECDsa.Create();
        Assert.Contains("holds a 'PRIVATE KEY'", Assert.Throws<ContainerException>(() => VerificationKey.Parse(key.ExportPkcs8PrivateKeyPem(), "k")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_keys_in_one_file_are_refused()
    {
        using TrustSigner one = TrustSigner.P256(), two = TrustSigner.P256();
        Assert.Contains("more than one key", Assert.Throws<ContainerException>(() => VerificationKey.Parse($"{one.Pem}\n{two.Pem}", "k")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_of_other_kinds_are_refused_by_name()
    {
        using TrustSigner p521 = TrustSigner.OnCurve(ECCurve.NamedCurves.nistP521, HashAlgorithmName.SHA512);
        using TrustSigner small = TrustSigner.OfRsa(1024, RSASignaturePadding.Pkcs1);
        (string Pem, string Name)[] kinds = [(Ed25519, "an Ed25519 key"), (p521.Pem, "an ECDSA key on another curve"), (small.Pem, "an RSA key of 1024 bits")];
        foreach ((string pem, string name) in kinds)
        {
            ContainerException error = Assert.Throws<ContainerException>(() => VerificationKey.Parse(pem, "k"));
            Assert.Equal((ContainerErrorKind.Unsupported, $"'k' is {name}"), (error.Kind, error.Message[..$"'k' is {name}".Length]));
        }
    }
}
