using System.Text;
using Rundlet.Images.Archives;
using Rundlet.Images.Platforms;
using Rundlet.Images.References;
using Rundlet.Images.Tests.Store;
using Rundlet.Images.Tests.Tar;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Tests.Archives;

/// <summary>Archives as others write them, and as nobody should.</summary>
public class ForeignArchiveTests
{
    private const string Layout = """{"imageLayoutVersion":"1.0.0"}""";

    public ForeignArchiveTests() => Sandbox.SkipUnlessRoot();

    private static byte[] Layer => Pictures.RootFs;

    private static byte[] Config => ConfigFor("amd64");

    [Fact]
    public void Folders_of_old_docker_with_links_between_them_are_read()
    {
        using StoreFixture store = new();
        string config = $"{Digest.Of(Config).Hex}.json";
        byte[] archive = RawTar.New
            .Folder("aaaa/").File("aaaa/VERSION", "1.0").File("aaaa/json", "{}").Symlink("aaaa/layer.tar", "../bbbb/layer.tar")
            .Folder("bbbb/").File("bbbb/VERSION", "1.0").Entry('0', "bbbb/layer.tar", content: Layer)
            .HardLink("cccc.json", "./" + config)
            .Entry('0', config, content: Config)
            .File("repositories", """{"old":{"latest":"aaaa"}}""")
            .File("manifest.json", """[{"Config":"cccc.json","RepoTags":["old:latest","old:1"],"Layers":["aaaa/layer.tar"],"Parent":""}]""").Ended;
        IReadOnlyList<LoadedImage> loaded = store.Images.Load(new Trickle(archive, 1000));
        Assert.Equal(["old:latest", "old:1"], loaded.Select(image => image.Name!.Familiar));
        Assert.All(loaded, image => Assert.Equal(Digest.Of(Config), image.Image.Id));
        Assert.Equal(3, store.Files("blobs/sha256").Length); // what is neither configuration nor layer nor manifest went
        Assert.Equal("rundlet", File.ReadAllText($"{store.Path}/layers/{loaded[0].Image.Layers[0].Hex}/fs/etc/name"));
    }

    [Fact]
    public void A_layout_with_a_manifest_json_as_docker_writes_it_keeps_its_digest()
    {
        using StoreFixture store = new();
        (byte[] manifest, byte[] index) = Documents();
        byte[] archive = WithBlobs(manifest, Config, Layer).File("oci-layout", Layout)
            .Entry('0', "index.json", content: index)
            .File("manifest.json", $$$"""[{"Config":"blobs/sha256/{{{Digest.Of(Config).Hex}}}","RepoTags":["web:3"],"Layers":["blobs/sha256/{{{Digest.Of(Layer).Hex}}}"],"LayerSources":{}}]""").Ended;
        LoadedImage loaded = Assert.Single(store.Images.Load(new MemoryStream(archive)));
        Assert.Equal(("web:3", Digest.Of(manifest)), (loaded.Name!.Familiar, loaded.Image.Manifest));
    }

    [Fact]
    public void Of_several_platforms_the_wanted_one_is_taken()
    {
        byte[] amd = ManifestFor(ConfigFor("amd64")), arm = ManifestFor(ConfigFor("arm64")), provenance = ManifestFor(ConfigFor("unknown"));
        byte[] index = IndexOf((amd, "amd64", null), (arm, "arm64", null), (provenance, "unknown", null));
        RawTar blobs = WithBlobs(amd, arm, provenance, ConfigFor("amd64"), ConfigFor("arm64"), ConfigFor("unknown"), Layer, index);
        byte[] nested = blobs.File("oci-layout", Layout).Entry('0', "index.json", content: IndexOf((index, null, "web"))).Ended;
        byte[] flat = [.. nested[..^1024], .. RawTar.New.Entry('0', "index.json", content: IndexOf((amd, "amd64", "web"), (arm, "arm64", "web"))).Ended];
        foreach (byte[] archive in (byte[][])[nested, flat])
        {
            using StoreFixture store = new();
            Assert.Equal(Digest.Of(ImagePlatform.Machine.Architecture == "arm64" ? arm : amd), Assert.Single(store.Images.Load(new MemoryStream(archive))).Image.Manifest);
            LoadedImage other = Assert.Single(store.Images.Load(new MemoryStream(archive), new LoadOptions { Platform = ImagePlatform.Parse("linux/arm64/v8") }));
            Assert.Equal(("web", Digest.Of(arm)), (other.Name!.FamiliarName, other.Image.Manifest));
            var error = Assert.Throws<ContainerException>(() => store.Images.Load(new MemoryStream(archive), new LoadOptions { Platform = ImagePlatform.Parse("s390x") }));
            Assert.Equal((ContainerErrorKind.NotFound, true), (error.Kind, error.Hint!.Contains("linux/amd64, linux/arm64", StringComparison.Ordinal)));
        }
        using StoreFixture alone = new();
        byte[] single = WithBlobs(arm, ConfigFor("arm64"), Layer).File("oci-layout", Layout).Entry('0', "index.json", content: IndexOf((arm, "arm64", "web"))).Ended;
        Assert.Throws<ContainerException>(() => alone.Images.Load(new MemoryStream(single), new LoadOptions { Platform = ImagePlatform.Parse("amd64") }));
        Assert.Equal("arm64", alone.Images.Read(new NamedImage(null, default, Assert.Single(alone.Images.Load(new MemoryStream(single))).Image)).Config.Architecture);
    }

    public static TheoryData<string, byte[]> Refused
    {
        get
        {
            string config = Digest.Of(Config).Hex, layer = Digest.Of(Layer).Hex;
            RawTar Docker(string manifest) => RawTar.New.Entry('0', $"{config}.json", content: Config).Entry('0', "layer.tar", content: Layer).File("manifest.json", manifest);
            string Image(string layers) => $$"""[{"Config":"{{config}}.json","RepoTags":null,"Layers":[{{layers}}]}]""";
            (byte[] manifest, byte[] index) = Documents();
            RawTar Oci(byte[] indexJson, params byte[][] blobs) => WithBlobs(blobs).File("oci-layout", Layout).Entry('0', "index.json", content: indexJson);
            byte[] loop = Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"manifests":[]}""");
            return new()
            {
                { "neither 'oci-layout' nor 'manifest.json'", RawTar.New.File("a", "b").Ended },
                { "before version 1.10", RawTar.New.File("repositories", "{}").File("x/layer.tar", "").Ended },
                { "out of the archive", Docker(Image("\"a/layer.tar\"")).Symlink("a/layer.tar", "../../etc/passwd").Ended },
                { "out of the archive", Docker(Image("\"layer\"")).Symlink("layer", "/etc/passwd").Ended },
                { "no file 'round'", Docker(Image("\"round\"")).Symlink("round", "trip").Symlink("trip", "round").Ended },
                { "no file 'missing.tar'", Docker(Image("\"missing.tar\"")).Ended },
                { "has 1 layers", Docker(Image("")).Ended },
                { "the configuration says", Docker(Image("\"other.tar\"")).File("other.tar", "not the layer").Ended },
                { "is not a list of images", Docker("""{"Config":1}""").Ended },
                { "is not a list of images", Docker("""[{"Config":null,"Layers":[]}]""").Ended },
                { "holds no image", Docker("[]").Ended },
                { "invalid image reference", Docker($$"""[{"Config":"{{config}}.json","RepoTags":["../x"],"Layers":["layer.tar"]}]""").Ended },
                { "holds '..'", RawTar.New.File("../manifest.json", "[]").Ended },
                { "neither a file nor a folder", RawTar.New.Entry('3', "blobs/sha256/x").Ended },
                { "is its digest", RawTar.New.File("blobs/sha256/short", "").Ended },
                { "has the digest", RawTar.New.File($"blobs/sha256/{layer}", "other").Ended },
                { "'index.json' is missing", WithBlobs(manifest, Config, Layer).File("oci-layout", Layout).Ended },
                { "has no blob", Oci(index, Config, Layer).Ended },
                { "is missing", Oci(index, manifest, Config).Ended },
                { "no such blob", Oci(index, manifest, Layer).Ended },
                { "imageLayoutVersion", WithBlobs(manifest, Config, Layer).File("oci-layout", """{"imageLayoutVersion":"2.0.0"}""").Entry('0', "index.json", content: index).Ended },
                { "no image for", Oci(IndexOf((loop, "amd64", null)), loop).Ended },
                { "holds no image", Oci(loop).Ended },
                { "with holes", RawTar.New.Pax(("GNU.sparse.map", "4,4"), ("GNU.sparse.size", "64")).File("layer.tar", "data").Ended },
                { "indexes inside each other", Nested().Ended },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_is_wrong_is_told_and_leaves_nothing(string reason, byte[] archive)
    {
        using StoreFixture store = new();
        var error = Assert.Throws<ContainerException>(() => store.Images.Load(new MemoryStream(archive)));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.NotEqual(ContainerErrorKind.Internal, error.Kind);
        Pictures.AssertEmpty(store);
    }

    /// <summary>Indexes in indexes, all of them there.</summary>
    private static RawTar Nested()
    {
        (byte[] manifest, byte[] index) = Documents();
        List<byte[]> blobs = [manifest, Config, Layer];
        for (int i = 0; i < 6; i++)
        {
            blobs.Add(index);
            index = IndexOf((index, "amd64", null));
        }
        return WithBlobs([.. blobs]).File("oci-layout", Layout).Entry('0', "index.json", content: index);
    }

    private static byte[] ConfigFor(string architecture) =>
        Encoding.UTF8.GetBytes($$$"""{"architecture":"{{{architecture}}}","os":"linux","rootfs":{"type":"layers","diff_ids":["{{{Digest.Of(Layer)}}}"]}}""");

    private static byte[] ManifestFor(byte[] config) => Encoding.UTF8.GetBytes(
        $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.Manifest}}","config":{{Descriptor(MediaTypes.Config, config)}},"layers":[{{Descriptor(MediaTypes.Layer, Layer)}}]}""");

    private static (byte[] Manifest, byte[] Index) Documents()
    {
        byte[] manifest = ManifestFor(Config);
        return (manifest, IndexOf((manifest, null, null)));
    }

    private static byte[] IndexOf(params (byte[] Document, string? Architecture, string? Name)[] choices) => Encoding.UTF8.GetBytes(
        $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.Index}}","manifests":[{{string.Join(',', choices.Select(choice => Descriptor(TypeOf(choice.Document), choice.Document,
            (choice.Architecture is null ? "" : $$""","platform":{"architecture":"{{choice.Architecture}}","os":"linux"}""")
            + (choice.Name is null ? "" : $$""","annotations":{"org.opencontainers.image.ref.name":"{{choice.Name}}"}"""))))}}]}""");

    private static string TypeOf(byte[] document) => Encoding.UTF8.GetString(document).Contains("\"manifests\"", StringComparison.Ordinal) ? MediaTypes.Index : MediaTypes.Manifest;

    private static string Descriptor(string mediaType, byte[] content, string more = "") =>
        $$"""{"mediaType":"{{mediaType}}","digest":"{{Digest.Of(content)}}","size":{{content.Length}}{{more}}}""";

    private static RawTar WithBlobs(params byte[][] blobs)
    {
        RawTar tar = RawTar.New.Folder("blobs/").Folder("blobs/sha256/");
        foreach (byte[] blob in blobs)
            tar.Entry('0', $"blobs/sha256/{Digest.Of(blob).Hex}", content: blob);
        return tar;
    }
}
