using Rundlet.Images.References;
using Rundlet.Images.Registry;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Tests.Registry;

public class ListTests
{
    private const string Type = "application/vnd.example.signature";

    [Fact]
    [SpecRow("distribution.tags")]
    public async Task Tags_come_page_by_page()
    {
        using var registry = new MisbehavingRegistry(request => request.Target switch
        {
            "/v2/team/web/tags/list?n=1000" => Page("\"a\",\"b\"", "</v2/team/web/tags/list?n=1000&last=b>; rel=\"next\""),
            "/v2/team/web/tags/list?n=1000&last=b" => Page("\"c\"", "<list?last=c>;rel=next"),
            _ => Page("", "<elsewhere>; rel=\"prev\""),
        });
        using RegistryClient client = Peers.Client();
        Assert.Equal(["a", "b", "c"], await client.ListTagsAsync(Peers.Web(registry.Host), Peers.Cancel));
        Assert.Equal(3, registry.Requests.Count);
    }

    [Theory]
    [InlineData("</v2/team/web/tags/list?n=1000>; rel=next", "leads astray")]
    [InlineData("<http://127.0.0.1:1/x>; rel=next", "leads astray")]
    [InlineData("<https://HOST/x>; rel=next", "leads astray")]
    public async Task Pages_in_a_circle_or_elsewhere_end(string link, string message)
    {
        MisbehavingRegistry? self = null;
        using var registry = new MisbehavingRegistry(_ => Page("\"a\"", link.Replace("HOST", self!.Host, StringComparison.Ordinal)));
        self = registry;
        using RegistryClient client = Peers.Client();
        ContainerException error = await Peers.FailsAsync(ContainerErrorKind.Unavailable, () => client.ListTagsAsync(Peers.Web(registry.Host), Peers.Cancel));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("nonsense")]
    [InlineData("""{"tags":{"a":1}}""")]
    [InlineData("""{"tags":[5]}""")]
    [InlineData("""{"tags":["../../etc"]}""")]
    [InlineData("""{"tags":["a\u001b[31m"]}""")]
    public async Task What_is_no_list_of_tags_is_refused(string body)
    {
        using var registry = new MisbehavingRegistry(_ => RawAnswer.Text(200, body));
        using RegistryClient client = Peers.Client();
        await Peers.FailsAsync(ContainerErrorKind.Unavailable, () => client.ListTagsAsync(Peers.Web(registry.Host), Peers.Cancel));
    }

    [Fact]
    public async Task A_repository_may_have_lost_all_tags()
    {
        using var registry = new MisbehavingRegistry(_ => RawAnswer.Text(200, """{"name":"team/web","tags":null}"""));
        using RegistryClient client = Peers.Client();
        Assert.Empty(await client.ListTagsAsync(Peers.Web(registry.Host), Peers.Cancel));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [SpecRow("distribution.referrers")]
    public async Task Referrers_are_listed_and_filtered(bool filters)
    {
        Digest subject = Digest.Of("subject"u8);
        using var registry = new MisbehavingRegistry(request => request.Path == $"/v2/team/web/referrers/{subject}"
            ? RawAnswer.Ok(Index(filters && request.Target.Contains("artifactType=" + Uri.EscapeDataString(Type), StringComparison.Ordinal) ? [Type] : [Type, "other"]), ("Content-Type", MediaTypes.Index), ("OCI-Filters-Applied", filters ? "artifactType" : ""))
            : new RawAnswer(404));
        using RegistryClient client = Peers.Client();
        Assert.Equal(Type, Assert.Single(await client.ReferrersAsync(Peers.Web(registry.Host), subject, Type, Peers.Cancel)).ArtifactType);
        Assert.Equal(2, (await client.ReferrersAsync(Peers.Web(registry.Host), subject, null, Peers.Cancel)).Count);
    }

    [Fact]
    [SpecRow("distribution.referrers.fallback")]
    public async Task Where_there_is_no_list_the_tag_scheme_has_one()
    {
        Digest subject = Digest.Of("subject"u8);
        using var registry = new MisbehavingRegistry(request => request.Path == $"/v2/team/web/manifests/sha256-{subject.Hex}" ? RawAnswer.Ok(Index([Type, "other"]), ("Content-Type", MediaTypes.Index)) : new RawAnswer(404));
        using RegistryClient client = Peers.Client();
        Assert.Equal(Type, Assert.Single(await client.ReferrersAsync(Peers.Web(registry.Host), subject, Type, Peers.Cancel)).ArtifactType);
        Assert.Empty(await client.ReferrersAsync(Peers.Web(registry.Host), Digest.Of("none"u8), null, Peers.Cancel));
    }

    [Fact]
    [SpecRow("distribution.referrers.put")]
    public async Task A_real_registry_without_referrers_gets_the_index_of_the_tag_scheme()
    {
        using var registry = new RegistryServer();
        var image = new TestImage(10);
        await registry.PushAsync("team/web", "latest", image);
        using RegistryClient client = Peers.Client();
        ImageReference web = Peers.Web(registry.Host);
        string empty = TestImage.Describe("application/vnd.oci.empty.v1+json", Peers.Utf8("{}"));
        await client.UploadBlobAsync(web, Peers.Blob(Peers.Utf8("{}")), () => new MemoryStream(Peers.Utf8("{}")), null, Peers.Cancel);
        foreach (string type in (string[])[Type, "application/vnd.example.sbom", Type])
        {
            byte[] artifact = Peers.Utf8($$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.Manifest}}","artifactType":"{{type}}","config":{{empty}},"layers":[{{empty}}],"subject":{{TestImage.Describe(MediaTypes.Manifest, image.Manifest)}},"annotations":{"a":"b"} }""");
            await client.PutManifestAsync(web.WithDigest(Digest.Of(artifact)), MediaTypes.Manifest, artifact, Peers.Cancel);
        }
        IReadOnlyList<Descriptor> all = await client.ReferrersAsync(web, Digest.Parse(image.ManifestDigest), null, Peers.Cancel);
        Assert.Equal([Type, "application/vnd.example.sbom"], all.Select(referrer => referrer.ArtifactType));
        Assert.Equal("b", all[0].Annotations!["a"]);
        Assert.Single(await client.ReferrersAsync(web, Digest.Parse(image.ManifestDigest), Type, Peers.Cancel));
    }

    [Fact]
    [SpecRow("distribution.referrers.put")]
    public async Task A_registry_that_looks_after_referrers_is_left_alone()
    {
        var image = new TestImage(10);
        byte[] artifact = Peers.Utf8($$"""{"schemaVersion":2,"config":{{TestImage.Describe(MediaTypes.Config, [1])}},"layers":[],"subject":{{TestImage.Describe(MediaTypes.Manifest, image.Manifest)}}}""");
        using var registry = new MisbehavingRegistry(_ => new RawAnswer(201, ("OCI-Subject", image.ManifestDigest)));
        using RegistryClient client = Peers.Client();
        await client.PutManifestAsync(Peers.Web(registry.Host), MediaTypes.Manifest, artifact, Peers.Cancel);
        Assert.Single(registry.Requests);
    }

    private static RawAnswer Page(string tags, string link) => RawAnswer.Text(200, $$"""{"name":"team/web","tags":[{{tags}}]}""", ("Link", link));

    private static byte[] Index(string[] types) => Peers.Utf8(
        $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.Index}}","manifests":[{{string.Join(',', types.Select((type, i) => TestImage.Describe(MediaTypes.Manifest, [(byte)i]).TrimEnd('}') + $",\"artifactType\":\"{type}\"}}"))}}]}""");
}
