using System.Text;
using Rundlet.Images.Tests.Tar;
using Rundlet.Oci;

namespace Rundlet.Images.Tests.Hostile;

/// <summary>Builds an image layout in a tar from texts, also such as no decent program would write.</summary>
internal sealed class LayoutBuilder
{
    public const string Name = "hostile:1";

    public RawTar Tar { get; } = RawTar.New;

    public static byte[] GoodLayer { get; } = RawTar.New.File("a", "content").Ended;

    public static string Layer { get; } = Describe(MediaTypes.Layer, GoodLayer);

    /// <summary>A descriptor.</summary>
    public static string Describe(string mediaType, byte[] content, string more = "") => Describe(mediaType, Digest.Of(content).ToString(), content.Length, more);

    public static string Describe(string mediaType, string digest, long size, string more = "") =>
        $$"""{"mediaType":"{{mediaType}}","digest":"{{digest}}","size":{{size}}{{more}}}""";

    public static string Named(string name) => $$""","annotations":{"org.opencontainers.image.ref.name":"{{name}}"}""";

    public static string Config(params byte[][] layers) => ConfigOf([.. layers.Select(layer => $"\"{Digest.Of(layer)}\"")]);

    public static string ConfigOf(string[] diffIds, string more = "") =>
        $$"""{"architecture":"{{ImageStore.MachineArchitecture}}","os":"linux","rootfs":{"type":"layers","diff_ids":[{{string.Join(',', diffIds)}}]}{{more}}}""";

    public static string Manifest(string config, params string[] layers) => ManifestOf(config, $"\"layers\":[{string.Join(',', layers)}]");

    public static string ManifestOf(string config, string rest) =>
        $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.Manifest}}","config":{{config}},{{rest}}}""";

    public static string IndexOf(params string[] manifests) => $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.Index}}","manifests":[{{string.Join(',', manifests)}}]}""";

    public LayoutBuilder Header(string json = """{"imageLayoutVersion":"1.0.0"}""") => File("oci-layout", json);

    public LayoutBuilder File(string name, string content)
    {
        Tar.File(name, content);
        return this;
    }

    public LayoutBuilder Index(params string[] manifests) => File("index.json", IndexOf(manifests));

    /// <summary>Stores a blob under its digest and gives its descriptor.</summary>
    public string Blob(string mediaType, byte[] content, string more = "")
    {
        Tar.Entry('0', PathOf(content), content: content);
        return Describe(mediaType, content, more);
    }

    /// <inheritdoc cref="Blob(string, byte[], string)"/>
    public string Blob(string mediaType, string content, string more = "") => Blob(mediaType, Encoding.UTF8.GetBytes(content), more);

    public static string PathOf(byte[] content) => $"blobs/sha256/{Digest.Of(content).Hex}";

    /// <summary>A good header, layer and configuration, and the manifest that a caller makes of them.</summary>
    public LayoutBuilder Image(Func<LayoutBuilder, string, string> manifest, string? config = null, string? named = null)
    {
        Header();
        Blob(MediaTypes.Layer, GoodLayer);
        string described = Blob(MediaTypes.Config, config ?? Config(GoodLayer));
        return Index(Blob(MediaTypes.Manifest, manifest(this, described), named ?? Named(Name)));
    }

    /// <summary>A good image with a bad configuration.</summary>
    public LayoutBuilder ImageWith(string config) => Image((_, described) => Manifest(described, Layer), config);
}
