using System.Text;
using Rundlet.Images.References;
using Rundlet.Images.Tests.Registry;
using Rundlet.Images.Trust;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Tests.Trust;

public class VerifyTests
{
    private const string Image = "registry.test/team/web:1";
    private static readonly Digest s_manifest = Digest.Of("manifest"u8), s_index = Digest.Of("index"u8);

    internal static Task<TrustVerdict> Verify(TrustPolicy policy, string image, ISignatureSource source, Digest? target = null) =>
        policy.VerifyAsync(ImageReference.Parse(image), target ?? s_manifest, s_manifest, source, TestContext.Current.CancellationToken);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_signature_is_found_by_tag_and_by_referrer(bool byReferrer)
    {
        using TrustSigner signer = TrustSigner.P256();
        (byte[], byte[]) good = Signed(signer, s_manifest, "registry.test/team/web");
        var source = new MemorySignatures();
        _ = byReferrer ? source.Refer("text/plain", good).Refer(SignatureFinder.ArtifactType, good) : source.Tag(s_manifest, good); // ignored: the same source
        TrustVerdict verdict = await Verify(Requires(signer), Image, source);
        Assert.Equal(new AcceptedSignature("default[0].keyDatas[0]", "registry.test/team/web", s_manifest), Assert.Single(verdict.Signatures));
        Assert.Equal(("/p", "default"), (verdict.File, verdict.Scope));
    }

    [Fact]
    public async Task A_referrer_of_another_type_is_no_signature()
    {
        using TrustSigner signer = TrustSigner.P256();
        var source = new MemorySignatures().Refer("text/plain", Signed(signer, s_manifest, "registry.test/team/web"));
        await RefusedAsync("it has no signature", Requires(signer), source);
    }

    [Fact]
    public async Task The_index_may_be_signed_or_the_manifest()
    {
        using TrustSigner signer = TrustSigner.P256();
        foreach (Digest signed in (Digest[])[s_index, s_manifest])
        {
            var source = new MemorySignatures().Tag(signed, Signed(signer, signed, "registry.test/team/web"));
            Assert.Equal(signed, Assert.Single((await Verify(Requires(signer), Image, source, s_index)).Signatures).Digest);
        }
    }

    [Fact]
    public async Task A_good_signature_among_bad_ones_will_do()
    {
        using TrustSigner signer = TrustSigner.P256(), other = TrustSigner.P256();
        (byte[] payload, byte[] signature) = Signed(signer, s_manifest, "registry.test/team/web");
        var source = new MemorySignatures().Tag(s_manifest, (payload, [1, 2, 3]), Signed(other, s_manifest, "registry.test/team/web"),
            Signed(signer, s_index, "registry.test/team/web"), Signed(signer, s_manifest, "registry.test/team/other"), (payload, signature));
        Assert.Single((await Verify(Requires(signer), Image, source)).Signatures);
    }

    [Fact]
    public async Task One_of_several_keys_must_have_signed()
    {
        using TrustSigner signer = TrustSigner.P256(), other = TrustSigner.P256();
        var source = new MemorySignatures().Tag(s_manifest, Signed(signer, s_manifest, "registry.test/team/web"));
        Assert.Equal("default[0].keyDatas[1]", Assert.Single((await Verify(Requires(other, signer), Image, source)).Signatures).Key);
    }

    [Fact]
    public async Task Every_requirement_must_hold()
    {
        using TrustSigner signer = TrustSigner.P256(), other = TrustSigner.P256();
        TrustPolicy policy = TrustPolicy.Parse($$"""{"default":[{{Requirement(signer)}},{{Requirement(other)}}]}""", "/p");
        (byte[], byte[]) one = Signed(signer, s_manifest, "registry.test/team/web"), two = Signed(other, s_manifest, "registry.test/team/web");
        await RefusedAsync("none of its 1 signatures is by", policy, new MemorySignatures().Tag(s_manifest, one));
        Assert.Equal(2, (await Verify(policy, Image, new MemorySignatures().Tag(s_manifest, one, two))).Signatures.Count);
    }

    [Fact]
    public async Task What_is_not_signed_is_refused_with_its_reason()
    {
        using TrustSigner signer = TrustSigner.P256(), other = TrustSigner.P256();
        TrustPolicy policy = Requires(signer);
        await RefusedAsync("it has no signature", policy, new MemorySignatures());
        await RefusedAsync("none of its 1 signatures is by 'default[0].keyDatas[0]'", policy, new MemorySignatures().Tag(s_manifest, Signed(other, s_manifest, "registry.test/team/web")));
        await RefusedAsync("is of another image", policy, new MemorySignatures().Tag(s_manifest, Signed(signer, s_index, "registry.test/team/web")));
        await RefusedAsync("is for 'registry.test/team/other'", policy, new MemorySignatures().Tag(s_manifest, Signed(signer, s_manifest, "registry.test/team/other")));
    }

    [Fact]
    public async Task A_payload_that_was_changed_is_refused()
    {
        using TrustSigner signer = TrustSigner.P256();
        (byte[] payload, byte[] signature) = Signed(signer, s_index, "registry.test/team/web");
        byte[] changed = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(payload).Replace(s_index.Hex, s_manifest.Hex, StringComparison.Ordinal));
        await RefusedAsync("none of its 1 signatures", Requires(signer), new MemorySignatures().Tag(s_manifest, (changed, signature)));
    }

    [Theory]
    [InlineData("[]", "not an object")]
    [InlineData("{", "malformed")]
    [InlineData("""{"critical":{}}""", "lacks a member")]
    [InlineData("""{"critical":{"type":"cosign container image signature","image":{"docker-manifest-digest":"sha256:../x"},"identity":{"docker-reference":"a"}}}""", "its digest is none")]
    [InlineData("""{"critical":{"type":"cosign container image signature","image":{"docker-manifest-digest":"DIGEST"},"identity":{"docker-reference":"../x"}}}""", "its reference is none")]
    [InlineData("""{"critical":{"type":"atomic container signature","image":{"docker-manifest-digest":"DIGEST"},"identity":{"docker-reference":"a"}}}""", "its type is another")]
    [InlineData("""{"critical":{"type":"cosign container image signature","image":{"docker-manifest-digest":"DIGEST"},"identity":{"docker-reference":"a"},"expires":1}}""", "unknown member")]
    [InlineData("""{"critical":{"type":"cosign container image signature","image":{"docker-manifest-digest":"DIGEST","docker-manifest-digest":"DIGEST"},"identity":{"docker-reference":"a"}}}""", "malformed")]
    [InlineData("""{"critical":{"type":"cosign container image signature","image":{"docker-manifest-digest":1},"identity":{"docker-reference":"a"}}}""", "is not text")]
    public async Task What_was_signed_must_be_an_image(string payload, string problem)
    {
        using TrustSigner signer = TrustSigner.P256();
        byte[] bytes = Encoding.UTF8.GetBytes(payload.Replace("DIGEST", s_manifest.ToString(), StringComparison.Ordinal));
        await RefusedAsync(problem, Requires(signer), new MemorySignatures().Tag(s_manifest, (bytes, signer.Sign(bytes))));
    }

    [Fact]
    public async Task What_is_no_manifest_of_signatures_has_none()
    {
        using TrustSigner signer = TrustSigner.P256();
        string tag = $"sha256-{s_manifest.Hex}.sig";
        string signed = Encoding.UTF8.GetString(TrustSigner.Manifest("", Signed(signer, s_manifest, "registry.test/team/web")));
        string huge = System.Text.RegularExpressions.Regex.Replace(signed, "\"size\":[0-9]{3}", $"\"size\":{SignatureFinder.MaxPayloadBytes + 1}");
        foreach (byte[] manifest in (byte[][])["rubbish"u8.ToArray(), "{}"u8.ToArray(), new TestImage(10).Manifest, Encoding.UTF8.GetBytes(huge)])
            await RefusedAsync("it has no signature", Requires(signer), new MemorySignatures().Put(tag, manifest));
    }

    [Fact]
    public async Task So_many_signatures_are_looked_at_and_no_more()
    {
        using TrustSigner signer = TrustSigner.P256(), other = TrustSigner.P256();
        (byte[], byte[])[] noise = [.. Enumerable.Repeat(Signed(other, s_manifest, "registry.test/team/web"), SignatureFinder.MaxSignatures)];
        var source = new MemorySignatures().Tag(s_manifest, [.. noise, Signed(signer, s_manifest, "registry.test/team/web")]);
        await RefusedAsync($"none of its {SignatureFinder.MaxSignatures} signatures", Requires(signer), source);
    }

    [Fact]
    public async Task A_key_of_the_caller_needs_no_policy()
    {
        using TrustSigner signer = TrustSigner.P256(), other = TrustSigner.P256();
        var source = new MemorySignatures().Tag(s_manifest, Signed(signer, s_manifest, "registry.test/team/web"));
        Assert.Null((await Verify(TrustPolicy.RequireKeys([signer.Key]), Image, source)).File);
        ContainerException error = await Assert.ThrowsAsync<ContainerException>(() => Verify(TrustPolicy.RequireKeys([other.Key]), Image, source));
        Assert.Equal("image 'registry.test/team/web:1' is not trusted: none of its 1 signatures is by 'test.pub'", error.Message);
    }

    private static async Task RefusedAsync(string reason, TrustPolicy policy, MemorySignatures source)
    {
        ContainerException error = await Assert.ThrowsAsync<ContainerException>(() => Verify(policy, Image, source));
        Assert.Equal(ContainerErrorKind.PermissionDenied, error.Kind);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.EndsWith("(by 'default' of '/p')", error.Message, StringComparison.Ordinal);
        Assert.Contains("cosign sign", error.Hint, StringComparison.Ordinal);
    }

    private static (byte[] Payload, byte[] Signature) Signed(TrustSigner signer, Digest digest, string reference)
    {
        byte[] payload = TrustSigner.Payload(digest.ToString(), reference);
        return (payload, signer.Sign(payload));
    }

    private static TrustPolicy Requires(params TrustSigner[] signers) => TrustPolicy.Parse($$"""{"default":[{{Requirement(signers)}}]}""", "/p");

    private static string Requirement(params TrustSigner[] signers) =>
        $$$"""{"type":"sigstoreSigned","keyDatas":[{{{string.Join(',', signers.Select(one => $"\"{one.KeyData}\""))}}}],"signedIdentity":{"type":"matchRepository"}}""";
}
