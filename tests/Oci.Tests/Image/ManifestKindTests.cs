using System.Text;

namespace Rundlet.Oci.Tests.Image;

public sealed class ManifestKindTests
{
    private const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    private const string OciIndex = "application/vnd.oci.image.index.v1+json";
    private const string DockerList = "application/vnd.docker.distribution.manifest.list.v2+json";

    [Theory]
    [InlineData("""{"schemaVersion":2,"config":{},"layers":[]}""", null, ManifestKind.Manifest)]
    [InlineData("""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{}}""", OciManifest, ManifestKind.Manifest)]
    [InlineData("""{"schemaVersion":2,"config":{},"layers":[],"manifests":null}""", OciManifest, ManifestKind.Manifest)]
    [InlineData("""{"schemaVersion":2,"manifests":[]}""", null, ManifestKind.Index)]
    [InlineData("""{"schemaVersion":2,"manifests":[]}""", DockerList, ManifestKind.Index)]
    [InlineData("""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"digest":1}]}""", OciIndex, ManifestKind.Index)]
    public void A_document_is_what_its_members_say(string text, string? declared, ManifestKind kind) =>
        Assert.Equal(kind, ImageReader.DetectKind(Encoding.UTF8.GetBytes(text), declared));

    [Theory]
    [InlineData("""{"schemaVersion":2,"manifests":[],"layers":[]}""", null, "expected a manifest or an index, found a document that is both")]
    [InlineData("""{"schemaVersion":2,"manifests":[],"config":{}}""", null, "expected a manifest or an index, found a document that is both")]
    [InlineData("""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[],"config":{},"layers":[]}""", null,
        "expected a manifest or an index, found a document that is both")]
    [InlineData("""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","manifests":[]}""", null,
        "expected the type of an index, found 'application/vnd.oci.image.manifest.v1+json'")]
    [InlineData("""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","config":{},"layers":[]}""", null,
        "expected the type of a manifest, found 'application/vnd.oci.image.index.v1+json'")]
    [InlineData("""{"schemaVersion":2,"mediaType":"text/plain","config":{},"layers":[]}""", null, "expected the type of a manifest, found 'text/plain'")]
    [InlineData("""{"schemaVersion":2,"config":{},"layers":[]}""", OciIndex, $"expected '{OciIndex}' as declared, found a manifest")]
    [InlineData("""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}""", DockerList,
        $"expected '{DockerList}' as declared, found '{OciIndex}'")]
    [InlineData("""{"schemaVersion":2}""", null, "expected a manifest or an index, found neither")]
    [InlineData("""{"schemaVersion":1,"fsLayers":[],"signatures":[]}""", null, "expected 2, found 1")]
    [InlineData("""{"config":{},"layers":[]}""", null, "expected 2, found none")]
    [InlineData("""{"schemaVersion":2,"manifests":[],"manifests":[]}""", null, "expected the member once, found 'manifests' again")]
    [InlineData("""{"schemaVersion":2,"layers":[{"size":1,"size":2}]}""", null, "expected the member once, found 'size' again")]
    [InlineData("""{"schemaVersion":2,"layers":[],"Manifests":[]}""", null, "expected the member 'manifests', found 'Manifests'")]
    [InlineData("""{"schemaVersion":2,"manifests":[],"layer\u017f":[]}""", null, "expected the member 'layers', found 'layer\\u017f'")]
    [InlineData("""{"schemaVersion":2,"layers":[],"fsLayers":[]}""", null, "expected a document of schema 2, found a member of schema 1")]
    public void A_document_that_is_ambiguous_or_not_as_declared_is_refused(string text, string? declared, string problem)
    {
        var error = Assert.Throws<SpecFormatException>(() => ImageReader.DetectKind(Encoding.UTF8.GetBytes(text), declared));

        Assert.Equal(problem, error.Problem);
    }

    [Fact]
    public void A_manifest_longer_than_a_registry_allows_is_refused() =>
        Assert.Throws<SpecFormatException>(() => ImageReader.DetectKind(new byte[ImageReader.MaxManifestBytes + 1]));
}
