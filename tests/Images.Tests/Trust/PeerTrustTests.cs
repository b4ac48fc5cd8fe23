using System.Diagnostics;
using System.Text;
using Rundlet.Images.References;
using Rundlet.Images.Registry;
using Rundlet.Images.Tests.Registry;
using Rundlet.Images.Trust;
using Rundlet.Linux;
using Digest = Rundlet.Oci.Digest;

namespace Rundlet.Images.Tests.Trust;

/// <summary>Signed images in Debian's registry, judged by us and by skopeo, with the same policy and the same expectations.</summary>
public sealed class PeerTrustTests(PeerTrustTests.Fixture fixture) : IClassFixture<PeerTrustTests.Fixture>
{
    private const string Default = "matchRepoDigestOrExact", Repository = "matchRepository", Exact = "matchExact";

    /// <summary>One registry for all.</summary>
    public sealed class Fixture : IDisposable
    {
        public RegistryServer Registry { get; } = new();

        public void Dispose() => Registry.Dispose();
    }

    public static TheoryData<string, string?, string, bool> Cases => new()
    {
        { "signed as cosign signs", "{repo}", Repository, true },
        { "signed with its tag", "{repo}:v1", Default, true },
        { "signed with its tag, exactly", "{repo}:v1", Exact, true },
        { "signed without a tag", "{repo}", Default, false },
        { "signed without a tag, exactly", "{repo}", Exact, false },
        { "signed with another tag", "{repo}:v2", Default, false },
        { "signed with another tag of the repository", "{repo}:v2", Repository, true },
        { "signed for another repository", "{repo}-other:v1", Default, false },
        { "signed for another repository, without a tag", "{repo}-other", Repository, false },
        { "not signed", null, Repository, false },
        { "signed by another key", "{repo}", Repository, false },
        { "signed by one of two keys", "{repo}", Repository, true },
        { "signature of another digest", "{repo}", Repository, false },
        { "payload that was changed", "{repo}", Repository, false },
        { "signature that was cut", "{repo}", Repository, false },
        { "payload with a member that nobody knows", "{repo}", Repository, false },
        { "payload of another type", "{repo}", Repository, false },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_signature_beside_an_image_in_a_registry_is_judged(string what, string? signed, string match, bool isTrusted)
    {
        (string repository, string policy, Digest manifest) = await MakeAsync("ours", what, signed, match);
        using RegistryClient client = Peers.Client();
        Task<TrustVerdict> Judge() => TrustPolicy.Parse(policy, "/policy.json").VerifyAsync(
            ImageReference.Parse($"{repository}:v1"), manifest, manifest, new RegistrySignatures(client), Peers.Cancel);
        if (isTrusted)
            Assert.Single((await Judge()).Signatures);
        else
            await Peers.FailsAsync(ContainerErrorKind.PermissionDenied, Judge);
    }

    [Fact]
    public async Task A_signature_is_found_where_the_registry_has_no_list_of_referrers()
    {
        string repository = $"{fixture.Registry.Host}/referred";
        var image = new TestImage(1000);
        await fixture.Registry.PushAsync("referred", "v1", image);
        using TrustSigner signer = TrustSigner.P256();
        byte[] payload = TrustSigner.Payload(image.ManifestDigest, repository);
        byte[] manifest = TrustSigner.Manifest($",\"artifactType\":\"{SignatureFinder.ArtifactType}\"", (payload, signer.Sign(payload)));
        await fixture.Registry.PushBlobsAsync("referred", [TrustSigner.Config, payload]);
        await fixture.Registry.PutManifestAsync("referred", TestImage.DigestOf(manifest), manifest, TestImage.ManifestType);
        string descriptor = $"{TestImage.Describe(TestImage.ManifestType, manifest)[..^1]},\"artifactType\":\"{SignatureFinder.ArtifactType}\"}}";
        byte[] index = Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{{descriptor}}]}""");
        await fixture.Registry.PutManifestAsync("referred", image.ManifestDigest.Replace(':', '-'), index, "application/vnd.oci.image.index.v1+json");
        using RegistryClient client = Peers.Client();
        Digest digest = Digest.Of(image.Manifest);
        TrustVerdict verdict = await TrustPolicy.RequireKeys([signer.Key]).VerifyAsync(
            ImageReference.Parse($"{repository}:v1"), digest, digest, new RegistrySignatures(client), Peers.Cancel);
        Assert.Equal(repository, Assert.Single(verdict.Signatures).Reference);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Skopeo_judges_alike(string what, string? signed, string match, bool isTrusted)
    {
        (string repository, string policy, _) = await MakeAsync("theirs", what, signed, match);
        Assert.Equal(isTrusted, Skopeo($"{repository}:v1", policy));
    }

    private async Task<(string Repository, string Policy, Digest Manifest)> MakeAsync(string whose, string what, string? signed, string match)
    {
        string name = $"{whose}/{what.Replace(' ', '-').Replace(",", "", StringComparison.Ordinal)}";
        string repository = $"{fixture.Registry.Host}/{name}";
        var image = new TestImage(1000);
        await fixture.Registry.PushAsync(name, "v1", image);
        using TrustSigner signer = TrustSigner.P256(), other = TrustSigner.P256();
        if (signed is not null)
            await SignAsync(what, name, image, signed.Replace("{repo}", repository, StringComparison.Ordinal), signer, other);
        string policy = $$$$"""
            {"default":[{"type":"reject"}],"transports":{"docker":{"{{{{repository}}}}":[
              {"type":"sigstoreSigned","keyData":"{{{{signer.KeyData}}}}","signedIdentity":{"type":"{{{{match}}}}"}}]}}}
            """;
        return (repository, policy, Digest.Of(image.Manifest));
    }

    private async Task SignAsync(string what, string name, TestImage image, string reference, TrustSigner signer, TrustSigner other)
    {
        string digest = what == "signature of another digest" ? new TestImage(5).ManifestDigest : image.ManifestDigest;
        byte[] payload = TrustSigner.Payload(digest, reference, """{"by":"test"}""");
        if (what.StartsWith("payload with", StringComparison.Ordinal))
            payload = Replaced(payload, "\"type\":", "\"unknown\":1,\"type\":");
        if (what.StartsWith("payload of", StringComparison.Ordinal))
            payload = Replaced(payload, "cosign container", "atomic container");
        byte[] signature = (what == "signed by another key" ? other : signer).Sign(payload);
        if (what.StartsWith("payload that", StringComparison.Ordinal))
            payload = Replaced(payload, "\"by\":\"test\"", "\"by\":\"text\"");
        if (what.StartsWith("signature that", StringComparison.Ordinal))
            signature = signature[..^1];
        (byte[], byte[])[] all = what.Contains("two keys", StringComparison.Ordinal) ? [(payload, other.Sign(payload)), (payload, signature)] : [(payload, signature)];
        await fixture.Registry.PushBlobsAsync(name, [TrustSigner.Config, payload]);
        await fixture.Registry.PutManifestAsync(name, $"sha256-{image.ManifestDigest["sha256:".Length..]}.sig", TrustSigner.Manifest("", all), TestImage.ManifestType);
    }

    private static byte[] Replaced(byte[] text, string one, string two) => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text).Replace(one, two, StringComparison.Ordinal));

    private static bool Skopeo(string image, string policy)
    {
        string folder = Directory.CreateTempSubdirectory("rundlet-skopeo-").FullName;
        try
        {
            File.WriteAllText($"{folder}/policy.json", policy);
            Directory.CreateDirectory($"{folder}/registries.d");
            File.WriteAllText($"{folder}/registries.d/default.yaml", "default-docker:\n  use-sigstore-attachments: true\n");
            string[] arguments =
            [
                "--policy", $"{folder}/policy.json", "--registries.d", $"{folder}/registries.d", "copy", "--remove-signatures", "--src-tls-verify=false",
                $"docker://{image}", $"dir:{folder}/image",
            ];
            using Process skopeo = Process.Start(new ProcessStartInfo("skopeo", arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            Task<string> output = skopeo.StandardOutput.ReadToEndAsync();
            string error = skopeo.StandardError.ReadToEnd();
            skopeo.WaitForExit();
            _ = output.Result; // ignored: its progress
            if (error.Contains("sigstore disabled", StringComparison.Ordinal))
                Assert.Skip("this skopeo is built without sigstore");
            // Any other failure would make this test agree for the wrong reason.
            Assert.True(skopeo.ExitCode == 0 || error.Contains("Source image rejected", StringComparison.Ordinal), error);
            return skopeo.ExitCode == 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
