using System.Text;

namespace Rundlet.Oci.Tests.Image;

public sealed class ImageReaderTests
{
    private const string Sha = "sha256:6c3c624b58dbbcd3c0dd82b4c53f04194d1247c6eebdaab7c610cf7d66709b3b";

    private const string Manifest = $$"""
        {
          "schemaVersion": 2,
          "mediaType": "application/vnd.oci.image.manifest.v1+json",
          "config": { "mediaType": "application/vnd.oci.image.config.v1+json", "digest": "{{Sha}}", "size": 7023 },
          "layers": [
            { "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": "{{Sha}}", "size": 32654, "urls": ["https://example.test/l"] }
          ],
          "annotations": { "org.opencontainers.image.ref.name": "v1" },
          "unknown": 1
        }
        """;

    private const string Config = $$$"""
        {
          "created": "2026-01-02T03:04:05.123456789Z",
          "architecture": "arm64",
          "os": "linux",
          "variant": "v8",
          "config": {
            "User": "www-data", "ExposedPorts": { "80/tcp": {}, "443/tcp": {} }, "Env": ["A=1"], "Entrypoint": ["/entry"], "Cmd": null,
            "Volumes": { "/data": {} }, "WorkingDir": "", "Labels": { "a": "b" }, "StopSignal": "SIGQUIT", "OnBuild": null,
            "Healthcheck": { "Test": ["CMD-SHELL", "true"], "Interval": 30000000000, "Retries": 3 }
          },
          "rootfs": { "type": "layers", "diff_ids": ["{{{Sha}}}"] },
          "history": [ { "created_by": "COPY . /", "empty_layer": true } ]
        }
        """;

    [Fact]
    public void A_manifest_is_read()
    {
        ImageManifest manifest = ImageReader.ReadManifest(Encoding.UTF8.GetBytes(Manifest));

        Assert.Equal(Digest.Parse(Sha), manifest.Config.Digest);
        Descriptor layer = Assert.Single(manifest.Layers);
        Assert.Equal((MediaTypes.LayerGzip, 32654L), (layer.MediaType, layer.Size));
        Assert.Equal("v1", manifest.Annotations!["org.opencontainers.image.ref.name"]);
    }

    [Fact]
    public void An_index_is_read_with_its_platforms()
    {
        ImageIndex index = ImageReader.ReadIndex(Encoding.UTF8.GetBytes($$"""
            { "schemaVersion": 2, "manifests": [
                { "mediaType": "application/vnd.oci.image.manifest.v1+json", "size": 7, "digest": "{{Sha}}",
                  "platform": { "architecture": "arm", "os": "linux", "variant": "v7", "os.version": "1", "os.features": ["x"] } } ] }
            """));

        var expected = new Platform { Architecture = "arm", Os = "linux", Variant = "v7", OsVersion = "1", OsFeatures = ["x"] };
        Assert.Null(Model.Difference(expected, Assert.Single(index.Manifests).Platform));
    }

    [Fact]
    public void A_configuration_is_read_with_the_extensions_of_Docker()
    {
        ImageConfig config = ImageReader.ReadConfig(Encoding.UTF8.GetBytes(Config));

        Assert.Equal(("arm64", "linux", "v8"), (config.Architecture, config.Os, config.Variant));
        Assert.Equal(["80/tcp", "443/tcp"], config.Config!.ExposedPorts!);
        Assert.Equal(["/data"], config.Config.Volumes!);
        Assert.Null(config.Config.Cmd);
        Assert.Equal("", config.Config.WorkingDir);
        Assert.Equal((30_000_000_000L, 0L, 3),
            (config.Config.Healthcheck!.Interval, config.Config.Healthcheck.Timeout, config.Config.Healthcheck.Retries));
        Assert.Equal(Digest.Parse(Sha), Assert.Single(config.RootFs.DiffIds));
        Assert.True(Assert.Single(config.History!).EmptyLayer);
    }

    [Fact]
    public void An_image_without_layers_may_say_null()
    {
        Assert.Empty(ImageReader.ReadManifest(Encoding.UTF8.GetBytes(
            $$"""{"schemaVersion":2,"config":{"mediaType":"m","digest":"{{Sha}}","size":1},"layers":null}""")).Layers);
        Assert.Empty(ImageReader.ReadConfig("""{"architecture":"a","os":"linux","rootfs":{"type":"layers","diff_ids":null}}"""u8).RootFs.DiffIds);
    }

    [Fact]
    public void Documents_are_read_back_as_they_were_written()
    {
        ImageManifest manifest = ImageReader.ReadManifest(Encoding.UTF8.GetBytes(Manifest));
        ImageConfig config = ImageReader.ReadConfig(Encoding.UTF8.GetBytes(Config));
        var index = new ImageIndex { SchemaVersion = 2, Manifests = [manifest.Config] };
        var layout = new ImageLayout { ImageLayoutVersion = "1.0.0" };

        Assert.Null(Model.Difference(manifest, ImageReader.ReadManifest(ImageWriter.ToBytes(manifest))));
        Assert.Null(Model.Difference(config, ImageReader.ReadConfig(ImageWriter.ToBytes(config))));
        Assert.Null(Model.Difference(index, ImageReader.ReadIndex(ImageWriter.ToBytes(index))));
        Assert.Null(Model.Difference(layout, ImageReader.ReadLayout(ImageWriter.ToBytes(layout))));
    }

    [Fact]
    public void What_is_written_is_what_others_write()
    {
        var manifest = new ImageManifest
        {
            SchemaVersion = 2,
            MediaType = MediaTypes.Manifest,
            Config = new Descriptor { MediaType = MediaTypes.Config, Digest = Digest.Parse(Sha), Size = 3 },
        };

        Assert.Equal(
            """{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":"""
            + $$"""{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{Sha}}","size":3},"layers":[]}""",
            Encoding.UTF8.GetString(ImageWriter.ToBytes(manifest)));
    }

    [Fact]
    public void A_descriptor_without_digest_is_never_written() =>
        Assert.Throws<System.Text.Json.JsonException>(() => ImageWriter.ToBytes(new ImageManifest
        {
            SchemaVersion = 2,
            Config = new Descriptor { MediaType = MediaTypes.Config, Digest = default, Size = 3 },
        }));

    [Theory]
    [InlineData("\"size\": 32654", "\"size\": -1", "layers[0].size")]
    [InlineData("\"size\": 32654", "\"size\": 1.5", "layers[0].size")]
    [InlineData("\"size\": 32654", "\"size\": \"1\"", "layers[0].size")]
    [InlineData("\"size\": 7023", "\"size\": -7", "config.size")]
    [InlineData("\"digest\": \"sha256:6c", "\"digest\": \"sha256:/c", "config.digest")]
    [InlineData("\"size\": 7023", "\"nosize\": 1", "config")]
    [InlineData("\"size\": 7023", "\"size\": 1, \"size\": 2", "config.size")]
    [InlineData("\"annotations\": {", "\"annotations\": 4, \"x\": {", "annotations")]
    [InlineData("\"size\": 7023", "\"size\": 1, \"Size\": 2", "config.Size")]
    [InlineData("\"layers\": [", "\"layers\": [null,", "layers[0]")]
    [InlineData("\"urls\": [", "\"urls\": [null,", "layers[0].urls[0]")]
    [InlineData("\"v1\"", "null", "annotations[org.opencontainers.image.ref.name]")]
    [InlineData("\"v1\"", "\"\\u0000\"", "annotations[org.opencontainers.image.ref.name]")]
    public void A_mistake_in_a_manifest_is_named_with_its_place(string good, string bad, string path)
    {
        int at = Manifest.IndexOf(good);
        byte[] text = Encoding.UTF8.GetBytes(Manifest[..at] + bad + Manifest[(at + good.Length)..]);

        var error = Assert.Throws<SpecFormatException>(() => ImageReader.ReadManifest(text));

        Assert.Equal(path, error.Path);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"architecture":"a","os":"linux"}""")]
    [InlineData("""{"architecture":null,"os":"linux","rootfs":{"type":"layers","diff_ids":[]}}""")]
    [InlineData("""{"architecture":"a","os":"linux","rootfs":{"type":"tree","diff_ids":[]}}""")]
    [InlineData("""{"architecture":"a","os":"linux","rootfs":{"type":"layers","diff_ids":["x"]}}""")]
    [InlineData("""{"architecture":"a","os":"linux","rootfs":{"type":"layers","diff_ids":[]},"config":{"Env":"A=1"}}""")]
    [InlineData("""{"architecture":"a","os":"linux","rootfs":{"type":"layers","diff_ids":[]},"config":{"Volumes":["/data"]}}""")]
    [InlineData("""{"architecture":"a","os":"\ud800","rootfs":{"type":"layers","diff_ids":[]}}""")]
    public void What_is_no_configuration_is_refused(string text) =>
        Assert.Throws<SpecFormatException>(() => ImageReader.ReadConfig(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void An_index_is_not_read_as_a_manifest() =>
        Assert.Throws<SpecFormatException>(() => ImageReader.ReadManifest("""{"schemaVersion":2,"manifests":[]}"""u8));

    [Fact]
    public void Changed_or_cut_bytes_give_a_document_or_a_reason()
    {
        var random = new Random(4);
        int refused = 0;
        for (int round = 0; round < 6_000; round++)
        {
            byte[] text = Encoding.UTF8.GetBytes(round % 2 == 0 ? Manifest : Config);
            for (int changes = random.Next(1, 4); changes > 0; changes--)
                text[random.Next(text.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : "{}[]\",:0-e"u8[random.Next(10)];
            if (round % 5 == 0)
                text = text[..random.Next(text.Length)];
            try
            {
                if (round % 2 == 0)
                    ImageReader.ReadManifest(text);
                else
                    ImageReader.ReadConfig(text);
            }
            catch (SpecFormatException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 2_000, 5_999);
    }
}
