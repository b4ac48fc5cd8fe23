using Rundlet.Images.References;
using Rundlet.Images.Trust;
using Rundlet.Linux;

namespace Rundlet.Images.Tests.Trust;

public class TrustPolicyTests
{
    private const string Accept = """[{"type":"insecureAcceptAnything"}]""", Reject = """[{"type":"reject"}]""";
    private const string Hex = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("registry.test/team/web:1", "registry.test/team/web:1")]
    [InlineData("registry.test/team/web:2", "registry.test/team/web")]
    [InlineData("registry.test/team/web@sha256:" + Hex, "registry.test/team/web@sha256:" + Hex)]
    [InlineData("registry.test/team/web:1@sha256:" + Hex, "registry.test/team/web@sha256:" + Hex)]
    [InlineData("registry.test/team/web/deep:1", "registry.test/team/web")]
    [InlineData("registry.test/team/webs", "registry.test/team")]
    [InlineData("registry.test/teams/x", "registry.test")]
    [InlineData("registry.test:5000/team/web:1", "*.test")]
    [InlineData("a.b.example.com/x", "*.b.example.com")]
    [InlineData("c.example.com:8443/x", "*.example.com")]
    [InlineData("example.com/x", "")]
    [InlineData("hello", "docker.io/library/hello")]
    [InlineData("team/hello", "docker.io")]
    [InlineData("127.0.0.1:5000/x", "127.0.0.1:5000")]
    public void The_longest_scope_counts(string image, string scope)
    {
        string[] scopes =
        [
            "registry.test/team/web:1", $"registry.test/team/web@sha256:{Hex}", "registry.test/team/web", "registry.test/team", "registry.test", "*.test",
            "*.example.com", "*.b.example.com", "docker.io", "docker.io/library/hello", "127.0.0.1:5000", "",
        ];
        TrustPolicy policy = Parse(Scoped(string.Join(',', scopes.Select(one => $"\"{one}\":{Accept}"))));
        Assert.Equal($"transports.docker['{scope}']", policy.RuleFor(ImageReference.Parse(image)).Scope);
    }

    [Fact]
    public async Task The_default_counts_where_no_scope_does()
    {
        TrustPolicy policy = Parse($$$$"""{"default":{{{{Reject}}}},"transports":{"docker":{"registry.test":{{{{Accept}}}}},"docker-daemon":{"":{{{{Accept}}}}}}}""");
        Assert.True(policy.RuleFor(ImageReference.Parse("registry.test/x")).AcceptsAnything);
        var source = new MemorySignatures();
        ContainerException error = await Assert.ThrowsAsync<ContainerException>(() => VerifyTests.Verify(policy, "other.test/x", source));
        Assert.Equal(ContainerErrorKind.PermissionDenied, error.Kind);
        Assert.Equal("image 'other.test/x:latest' is rejected (by 'default' of '/p')", error.Message);
        Assert.NotNull(error.Hint);
        Assert.Empty((await VerifyTests.Verify(policy, "registry.test/x", source)).Signatures);
        Assert.Throws<ContainerException>(() => policy.ForPull(ImageReference.Parse("other.test/x"), source));
        Assert.Null(policy.ForPull(ImageReference.Parse("registry.test/x"), source));
        Assert.Equal(0, source.Questions);
    }

    [Fact]
    public async Task A_rejection_wins_over_what_stands_beside_it()
    {
        TrustPolicy policy = Parse("""{"default":[{"type":"insecureAcceptAnything"},{"type":"reject"}]}""");
        await Assert.ThrowsAsync<ContainerException>(() => VerifyTests.Verify(policy, "a", new MemorySignatures()));
    }

    [Fact]
    public void Without_a_file_every_image_is_accepted()
    {
        string folder = Directory.CreateTempSubdirectory("rundlet-policy-").FullName;
        try
        {
            Assert.Same(TrustPolicy.None, TrustPolicy.Load(folder));
            Assert.True(TrustPolicy.None.RuleFor(ImageReference.Parse("a")).AcceptsAnything);
            File.WriteAllText($"{folder}/policy.json", $$$$"""{"default":{{{{Reject}}}}}""");
            Assert.False(TrustPolicy.Load(folder).RuleFor(ImageReference.Parse("a")).AcceptsAnything);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public static TheoryData<string, string> Mistakes => new()
    {
        { "", "is not JSON" },
        { "[]", "the document is not an object" },
        { """{"default":[{"type":"\ud800"}]}""", "not Unicode" },
        { "{}", "'default' is missing" },
        { $$$$"""{"default":{{{{Accept}}}},"default":{{{{Reject}}}}}""", "has a member twice" },
        { """{"default":[]}""", "default is not a list" },
        { """{"default":{"type":"reject"}}""", "default is not a list" },
        { """{"default":["reject"]}""", "default[0] has no 'type'" },
        { """{"default":[{}]}""", "default[0] has no 'type'" },
        { """{"default":[{"type":1}]}""", "default[0]: 'type' is not text" },
        { """{"default":[{"type":"accept"}]}""", "default[0]: unknown type 'accept'" },
        { """{"default":[{"type":"reject","unless":1}]}""", "unknown member 'unless' of default[0]" },
        { """{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPath":"/k"}]}""", "'signedBy', signatures of OpenPGP, is not supported" },
        { $$$$"""{"default":{{{{Accept}}}},"transport":{}}""", "unknown member 'transport' of the document" },
        { $$$$"""{"default":{{{{Accept}}}},"transports":{"dokcer":{}}}""", "unknown member 'dokcer' of transports" },
        { $$$$"""{"default":{{{{Accept}}}},"transports":{"docker":{"hello":{{{{Reject}}}}}}}""", "transports.docker['hello']: it names no registry; the whole of a short name is 'docker.io/library/hello'" },
        { $$$$"""{"default":{{{{Accept}}}},"transports":{"docker":{"a.test/*":{{{{Reject}}}}}}}""", "a wildcard stands at the beginning" },
        { $$$$"""{"default":{{{{Accept}}}},"transports":{"docker":{"*.a.test/x":{{{{Reject}}}}}}}""", "a wildcard stands for the beginning of a host" },
        { $$$$"""{"default":{{{{Accept}}}},"transports":{"docker":{"a.test/UPPER":{{{{Reject}}}}}}}""", "neither a registry nor a repository" },
        { $$$$"""{"default":{{{{Accept}}}},"transports":{"dir":{"/x":[{"type":"odd"}]}}}""", "transports.dir['/x'][0]: unknown type 'odd'" },
        { """{"default":[{"type":"sigstoreSigned"}]}""", "needs one of 'keyPath'" },
        { """{"default":[{"type":"sigstoreSigned","keyPath":"/a","keyData":"YQ=="}]}""", "no such key '/a'" },
        { """{"default":[{"type":"sigstoreSigned","keyPath":"a.pub"}]}""", "key 'a.pub' is not an absolute path" },
        { """{"default":[{"type":"sigstoreSigned","keyData":"?"}]}""", "default[0].keyData is not base64" },
        { """{"default":[{"type":"sigstoreSigned","keyData":"YQ=="}]}""", "'default[0].keyData' is not a public key: there is no PEM in it" },
        { """{"default":[{"type":"sigstoreSigned","keyPaths":[]}]}""", "default[0].keyPaths is not a list of 1 to 32 keys" },
        { """{"default":[{"type":"sigstoreSigned","rekorPublicKeyPath":"/r"}]}""", "'rekorPublicKeyPath' is not supported; signatures are verified by key alone" },
        { """{"default":[{"type":"sigstoreSigned","fulcio":{}}]}""", "'fulcio' is not supported" },
        { """{"default":[{"type":"sigstoreSigned","keypath":"/r"}]}""", "unknown member 'keypath' of default[0]" },
        { """{"default":[{"type":"sigstoreSigned","signedIdentity":{"type":"any"}}]}""", "default[0].signedIdentity: unknown type 'any'" },
        { """{"default":[{"type":"sigstoreSigned","signedIdentity":{"type":"matchExact","x":1}}]}""", "unknown member 'x' of default[0].signedIdentity" },
        { """{"default":[{"type":"sigstoreSigned","signedIdentity":{"type":"exactReference"}}]}""", "has no 'dockerReference'" },
        { """{"default":[{"type":"sigstoreSigned","signedIdentity":{"type":"exactReference","dockerReference":"a.test/x"}}]}""", "'a.test/x' is not what 'exactReference' needs" },
        { """{"default":[{"type":"sigstoreSigned","signedIdentity":{"type":"remapIdentity","prefix":"a.test","signedPrefix":"b"}}]}""", "'b' is not what 'remapIdentity' needs" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_named_and_never_passed_over(string json, string problem)
    {
        ContainerException error = Assert.Throws<ContainerException>(() => Parse(json));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("'/p'", error.Message, StringComparison.Ordinal);
    }

    private static string Scoped(string scopes) => "{\"default\":" + Reject + ",\"transports\":{\"docker\":{" + scopes + "}}}";

    private static TrustPolicy Parse(string json) => TrustPolicy.Parse(json, "/p");
}
