using System.Text;
using Rundlet.Images.Tests.Tar;
using Rundlet.Oci;
using static Rundlet.Images.Tests.Hostile.HostileLayout;
using static Rundlet.Images.Tests.Hostile.LayoutBuilder;

namespace Rundlet.Images.Tests.Hostile;

/// <summary>All hostile image layouts, by name.</summary>
internal static partial class LayoutCorpus
{
    private const string Zeroes = "0000000000000000000000000000000000000000000000000000000000000000";

    public static IReadOnlyDictionary<string, HostileLayout> All { get; } = new[] { Blobs, Documents, Confusion, Stacks, DockerFiles, DockerDocuments }
        .SelectMany(cases => cases).ToDictionary(one => one.Name, StringComparer.Ordinal);

    private static IEnumerable<HostileLayout> Blobs =>
    [
        Harmless("a good layout", b => b.Image((_, config) => Manifest(config, Layer))),
        Refused("blob of another digest", "has the digest", b => b.File($"blobs/sha256/{Zeroes}", "x").Image((_, config) => Manifest(config, Layer))),
        Refused("blob path upwards", "holds '..'", b => b.File("blobs/sha256/../../canary", "evil").Header().Index()),
        Refused("blob path upwards behind a digest", "holds '..'", b => b.File($"blobs/sha256/{Zeroes}/../../../canary", "evil").Header().Index()),
        Refused("blob of an unknown algorithm", "name is its digest", b => b.File("blobs/md5/d41d8cd98f00b204e9800998ecf8427e", "").Header().Index()),
        Refused("blob in capitals", "name is its digest", b => b.File($"blobs/sha256/{new string('A', 64)}", "x").Header().Index()),
        Refused("blob that links outwards", "out of the archive", b => Special(b, '2', "../../../canary")),
        Refused("blob that is a hard link", "has no blob", b => Special(b, '1', "index.json")),
        Refused("blob that is a device", "neither a file nor", b => Special(b, '3', "")),
        Refused("blob that is a folder", "has no blob", b => Special(b, '5', "")),
        Refused("blob that is a fifo", "neither a file nor", b => Special(b, '6', "")),
        Refused("blob with holes", "bytes, not", b =>
        {
            b.Tar.Pax(("GNU.sparse.map", "0,1"), ("GNU.sparse.size", "9")).File($"blobs/sha256/{Zeroes}", "x");
            b.Header().Index();
        }),
        Refused("index that links outwards", "out of the archive", b => b.Header().Tar.Symlink("index.json", "../canary")),
        Refused("header that links outwards", "out of the archive", b => b.Index().Tar.Symlink("oci-layout", "../canary")),
        Refused("blob that is missing", "has no blob", b => b.Header().Index(Describe(MediaTypes.Manifest, $"sha256:{Zeroes}", 2, Named(Name)))),
        Refused("layer that is missing", "is missing", b => b.Image((_, config) => Manifest(config, Describe(MediaTypes.Layer, $"sha256:{Zeroes}", 5)))),
        Refused("layer of another size", "the manifest says 5", b => b.Image((_, config) => Manifest(config, Describe(MediaTypes.Layer, Digest.Of(GoodLayer).ToString(), 5)))),
        Refused("layer of 2^63 - 1 bytes", "the manifest says", b => b.Image((_, config) => Manifest(config, Describe(MediaTypes.Layer, Digest.Of(GoodLayer).ToString(), long.MaxValue)))),
        Refused("manifest of another size", "of 3 bytes", b =>
        {
            b.Header();
            string manifest = b.Blob(MediaTypes.Manifest, Manifest(b.Blob(MediaTypes.Config, Config())), Named(Name));
            b.Index(System.Text.RegularExpressions.Regex.Replace(manifest, "\"size\":[0-9]+", "\"size\":3"));
        }),
        Refused("foreign layer that only a URL has", "is missing", b => b.Image((_, config) =>
            Manifest(config, Describe(MediaTypes.DockerForeignLayerGzip, $"sha256:{Zeroes}", 5, ",\"urls\":[\"http://127.0.0.1:1/evil\"]")))),
        Refused("data embedded in place of a blob", "is missing", b => b.Image((_, config) =>
            Manifest(config, Describe(MediaTypes.Layer, $"sha256:{Zeroes}", 4, ",\"data\":\"ZXZpbA==\"")))),
        Harmless("data embedded that is not the blob", b => b.Image((_, config) => Manifest(config, Describe(MediaTypes.Layer, GoodLayer, ",\"data\":\"ZXZpbA==\"")))),
        Refused("data embedded that is not base64", "layers[0].data", b => b.Image((_, config) => Manifest(config, Describe(MediaTypes.Layer, GoodLayer, ",\"data\":\"?\"")))),
        Refused("blob twice, the second time another", "has the digest", b =>
        {
            b.Image((_, config) => Manifest(config, Layer));
            b.File(PathOf(GoodLayer), "evil");
        }),
        Refused("blob twice, the first time another", "has the digest", b => b.File(PathOf(GoodLayer), "evil").Image((_, config) => Manifest(config, Layer))),
    ];

    private static void Special(LayoutBuilder b, char type, string target)
    {
        byte[] manifest = Encoding.UTF8.GetBytes(Manifest(Layer, Layer));
        b.Header().Tar.Entry(type, PathOf(manifest), target);
        b.Index(Describe(MediaTypes.Manifest, manifest, Named(Name)));
    }

    private static IEnumerable<HostileLayout> Documents =>
    [
        Refused("no header", "neither 'oci-layout' nor", b => b.Index()),
        Refused("no index", "'index.json' is missing", b => b.Header()),
        Refused("header of another version", "imageLayoutVersion", b => b.Header("""{"imageLayoutVersion":"2.0.0"}""").Index()),
        Refused("header of the wrong type", "imageLayoutVersion", b => b.Header("""{"imageLayoutVersion":1}""").Index()),
        Refused("empty header", "'oci-layout'", b => b.Header("").Index()),
        Refused("names below another folder", "neither 'oci-layout' nor", b => b.File("x/oci-layout", """{"imageLayoutVersion":"1.0.0"}""").File("x/index.json", IndexOf())),
        Refused("index that is not JSON", "'index.json'", b => b.Header().File("index.json", "\0\0\0")),
        Refused("index of five mebibytes", "longer than", b => b.Header().File("index.json", new string(' ', 5 << 20) + IndexOf())),
        Refused("index of 100,000 levels", "levels", b => b.Header().File("index.json", string.Concat(Enumerable.Repeat("{\"a\":", 100_000)))),
        Refused("index with nothing in it", "manifests[0]", b => b.Header().Index("null")),
        Refused("digest with a path", "manifests[0].digest", b => b.Header().Index(Describe(MediaTypes.Manifest, "sha256:../../../../etc/passwd", 2, Named(Name)))),
        Refused("digest with a path behind it", "manifests[0].digest", b => b.Header().Index(Describe(MediaTypes.Manifest, $"sha256:{Zeroes}/../x", 2, Named(Name)))),
        Refused("digest in capitals", "manifests[0].digest", b => b.Header().Index(Describe(MediaTypes.Manifest, $"sha256:{new string('A', 64)}", 2, Named(Name)))),
        Refused("size below zero", "manifests[0].size", b => b.Header().Index(Describe(MediaTypes.Manifest, $"sha256:{Zeroes}", -1, Named(Name)))),
        Harmless("image without a name", b => b.Image((_, config) => Manifest(config, Layer), named: "")),
        Harmless("image with a path for a name", b => b.Image((_, config) => Manifest(config, Layer), named: Named("../../etc/passwd"))),
        Refused("indexes inside each other", "indexes inside each other", b =>
        {
            b.Image((_, config) => Manifest(config, Layer));
            string inner = b.Blob(MediaTypes.Index, IndexOf(Describe(MediaTypes.Manifest, $"sha256:{Zeroes}", 2, ThisPlatform)), ThisPlatform);
            for (int i = 0; i < 10; i++)
                inner = b.Blob(MediaTypes.Index, IndexOf(inner), ThisPlatform);
            b.Index(inner[..^1] + Named(Name) + "}");
        }),
        Refused("index without this platform", "has no image for", b =>
        {
            b.Image((_, config) => Manifest(config, Layer));
            string other = Describe(MediaTypes.Manifest, $"sha256:{Zeroes}", 2, ""","platform":{"os":"plan9","architecture":"pdp11"}""");
            b.Index(b.Blob(MediaTypes.Index, IndexOf(other, other.Replace("plan9", "plan10", StringComparison.Ordinal)), Named(Name)));
        }),
        Refused("configuration that is an array", "configuration", b => b.ImageWith("[]")),
        Refused("configuration that is null", "configuration", b => b.ImageWith("null")),
        Refused("configuration that is empty", "configuration", b => b.ImageWith("")),
        Refused("configuration that is the layer", "holds no image", b => b.Image((_, _) => Manifest(Layer, Layer))),
        Refused("configuration of numbers", "architecture", b => b.ImageWith(Config(GoodLayer).Replace($"\"{ImageStore.MachineArchitecture}\"", "7", StringComparison.Ordinal))),
        Refused("environment that is a word", "config.Env", b => b.ImageWith(ConfigOf([$"\"{Digest.Of(GoodLayer)}\""], ""","config":{"Env":"A=1"}"""))),
        Refused("environment with nothing in it", "config.Env", b => b.ImageWith(ConfigOf([$"\"{Digest.Of(GoodLayer)}\""], ""","config":{"Env":[null]}"""))),
        Refused("label that is nothing", "config.Labels", b => b.ImageWith(ConfigOf([$"\"{Digest.Of(GoodLayer)}\""], ""","config":{"Labels":{"a":null}}"""))),
        Refused("command that is an object", "config.Cmd", b => b.ImageWith(ConfigOf([$"\"{Digest.Of(GoodLayer)}\""], ""","config":{"Cmd":{}}"""))),
        Refused("history with nothing in it", "history[0]", b => b.ImageWith(ConfigOf([$"\"{Digest.Of(GoodLayer)}\""], ""","history":[null]"""))),
        Refused("diff id that is nothing", "rootfs.diff_ids[0]", b => b.ImageWith(ConfigOf(["null"]))),
        Refused("diff id with a path", "rootfs.diff_ids[0]", b => b.ImageWith(ConfigOf(["\"sha256:../../x\""]))),
        Refused("more diff ids than layers", "the manifest has 1 layers, the configuration 2", b => b.ImageWith(Config(GoodLayer, GoodLayer))),
        Refused("fewer diff ids than layers", "the manifest has 1 layers, the configuration 0", b => b.ImageWith(Config())),
        Refused("diff id of something else", "the configuration says", b => b.ImageWith(ConfigOf([$"\"sha256:{Zeroes}\""]))),
        Refused("diff id of another algorithm", "the configuration says", b => b.ImageWith(ConfigOf([$"\"sha512:{Zeroes}{Zeroes}\""]))),
        Refused("layer that is nothing", "layers[0]", b => b.Image((_, config) => Manifest(config, "null"))),
        Refused("layers that are an object", "layers", b => b.Image((_, config) => ManifestOf(config, "\"layers\":{}"))),
        Refused("annotation that is nothing", "annotations", b => b.Image((_, config) => ManifestOf(config, $"\"layers\":[{Layer}],\"annotations\":{{\"a\":null}}"))),
        Refused("manifest with the member twice", "layers", b => b.Image((_, config) => ManifestOf(config, $"\"layers\":[{Layer}],\"layers\":[]"))),
    ];

    private static string ThisPlatform => $$""","platform":{"os":"linux","architecture":"{{ImageStore.MachineArchitecture}}"}""";

    /// <summary>Documents that two programs could take for different things (CVE-2021-41190 and its kin).</summary>
    private static IEnumerable<HostileLayout> Confusion =>
    [
        Refused("manifest that is an index too", "both", b => b.Image((_, config) => ManifestOf(config, $"\"layers\":[{Layer}],\"manifests\":[]"))),
        Refused("index that is a manifest too", "both", b => b.Header().File("index.json", """{"schemaVersion":2,"manifests":[],"layers":[]}""")),
        Refused("manifest declared as an index", "mediaType", b =>
        {
            b.Image((_, config) => Manifest(config, Layer));
            b.Index(b.Blob(MediaTypes.Index, Manifest(Layer, Layer), Named(Name)));
        }),
        Refused("manifest that calls itself an index", "mediaType", b => b.Image((_, config) => Manifest(config, Layer).Replace(MediaTypes.Manifest, MediaTypes.Index, StringComparison.Ordinal))),
        Refused("manifest of a family declared as the other", "mediaType", b => b.Image((_, config) => Manifest(config, Layer).Replace(MediaTypes.Manifest, MediaTypes.DockerManifest, StringComparison.Ordinal))),
        Refused("manifest with a member in other case", "Layers", b => b.Image((_, config) => ManifestOf(config, $"\"layers\":[{Layer}],\"Layers\":[]"))),
        Refused("manifest that is an index in other case", "manifests", b => b.Image((_, config) => ManifestOf(config, $"\"layers\":[{Layer}],\"MANIFESTS\":[]"))),
        Refused("manifest with a member folded to another letter", "layer", b => b.Image((_, config) => ManifestOf(config, $"\"layers\":[{Layer}],\"layer\u017f\":[]"))),
        Refused("index.json twice, the second without images", "holds no image", b =>
        {
            b.Image((_, config) => Manifest(config, Layer));
            b.Index();
        }),
        Refused("header twice, the second of another version", "imageLayoutVersion", b =>
        {
            b.Image((_, config) => Manifest(config, Layer));
            b.Header("""{"imageLayoutVersion":"2.0.0"}""");
        }),
        Refused("schema 1", "schemaVersion", b =>
        {
            b.Image((_, config) => Manifest(config, Layer));
            b.Index(b.Blob(MediaTypes.Manifest, """{"schemaVersion":1,"name":"a","tag":"b","fsLayers":[],"history":[]}""", Named(Name)));
        }),
        Refused("manifest with layers of schema 1", "fsLayers", b => b.Image((_, config) => ManifestOf(config, $"\"layers\":[{Layer}],\"fsLayers\":[]"))),
        Refused("artifact that is no image", "holds no image", b =>
        {
            b.Header();
            b.Blob(MediaTypes.Layer, GoodLayer);
            b.Index(b.Blob(MediaTypes.Manifest, ManifestOf(b.Blob(MediaTypes.Empty, "{}"), $"\"artifactType\":\"text/plain\",\"layers\":[{Layer}]"), Named(Name)));
        }),
    ];

    /// <summary>Layers that are harmless alone.</summary>
    private static IEnumerable<HostileLayout> Stacks =>
    [
        new("through a link of a lower layer", box => Stack(RawTar.New.Symlink("out", box.Path).Ended, RawTar.New.File("out/canary", "inside").Ended))
        {
            Tree = ["out/", "out/canary = inside"],
        },
        new("through a link upwards of a lower layer", _ => Stack(RawTar.New.Symlink("out", "../../../../..").Ended, RawTar.New.Folder("out").File("out/.wh.canary").Ended))
        {
            Tree = ["out/", "out/canary gone"],
        },
        new("hard link to a file of a lower layer", _ => Stack(RawTar.New.File("a", "x").Ended, RawTar.New.HardLink("b", "a").Ended)) { Refusal = "does not hold" },
        new("hard link through a link of a lower layer", box => Stack(RawTar.New.Symlink("out", box.Path).Ended, RawTar.New.HardLink("b", "out/canary").Ended))
        {
            Refusal = "open folder of the target",
        },
        new("hostile layer on a good one", _ => Stack(GoodLayer, RawTar.New.File("../../canary", "evil").Ended)) { Refusal = "holds '..'" },
        new("the same layer 127 times", _ => Stack([.. Enumerable.Repeat(GoodLayer, 127)])),
        new("whiteout of all that is below", _ => Stack(GoodLayer, RawTar.New.File(".wh.a").File(".wh..wh..opq").Ended)) { Tree = ["a gone"] },
    ];

    private static LayoutBuilder Stack(params byte[][] layers)
    {
        LayoutBuilder b = new LayoutBuilder().Header();
        string[] described = [.. layers.Select(layer => b.Blob(MediaTypes.Layer, layer))];
        return b.Index(b.Blob(MediaTypes.Manifest, Manifest(b.Blob(MediaTypes.Config, Config(layers)), described), Named(Name)));
    }
}
