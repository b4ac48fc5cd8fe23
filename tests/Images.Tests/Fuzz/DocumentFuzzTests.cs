using Rundlet.Images.Tests.Hostile;
using Rundlet.Oci;

namespace Rundlet.Images.Tests.Fuzz;

public class DocumentFuzzTests
{
    private const string Everything = """
        ,"created":"2026-01-02T03:04:05Z","author":"a","variant":"v8","os.version":"1","os.features":["x"],
        "history":[{"created":"2026-01-02T03:04:05Z","created_by":"COPY","author":"a","comment":"c","empty_layer":true}],
        "config":{"User":"1:2","ExposedPorts":{"80/tcp":{}},"Env":["A=1"],"Entrypoint":["/e"],"Cmd":["x"],"Volumes":{"/v":{}},"WorkingDir":"/",
          "Labels":{"a":"b"},"StopSignal":"SIGTERM","Shell":["/bin/sh"],"OnBuild":["RUN x"],"Healthcheck":{"Test":["CMD","x"],"Interval":1,"Timeout":2,"Retries":3}}
        """;

    private static readonly string s_descriptor = LayoutBuilder.Describe(MediaTypes.LayerGzip, LayoutBuilder.GoodLayer,
        ""","urls":["https://example.test/x"],"annotations":{"a":"b"},"data":"AAAA","artifactType":"x","platform":{"architecture":"arm","os":"linux","variant":"v7"}""");

    [Fact]
    public void Manifests_are_read_or_refused() => Run(
        LayoutBuilder.ManifestOf(s_descriptor, $$"""  "layers":[{{s_descriptor}}],"subject":{{s_descriptor}},"artifactType":"x","annotations":{"a":"b"}"""),
        json => ImageReader.ReadManifest(json), ImageWriter.ToBytes);

    [Fact]
    public void Indexes_are_read_or_refused() => Run(LayoutBuilder.IndexOf(s_descriptor, s_descriptor), json => ImageReader.ReadIndex(json), ImageWriter.ToBytes);

    [Fact]
    public void Configurations_are_read_or_refused() =>
        Run(LayoutBuilder.ConfigOf([$"\"{Digest.Of(LayoutBuilder.GoodLayer)}\""], Everything), json => ImageReader.ReadConfig(json), ImageWriter.ToBytes);

    [Fact]
    public void Layout_headers_are_read_or_refused() => Run("""{"imageLayoutVersion":"1.0.0","x":[{}]}""", json => ImageReader.ReadLayout(json), ImageWriter.ToBytes);

    /// <summary>What is read and written is read again, to the same bytes.</summary>
    private static void Run<T>(string good, Func<byte[], T> read, Func<T, byte[]> write)
    {
        (int taken, int of) = FuzzRun.Run(2_000, random => Mutation.Json(good, random), input => FuzzRun.Accepts(() =>
        {
            byte[] written = write(read(input));
            Assert.Equal(written, write(read(written)));
        }));
        Assert.InRange(taken, of / 100, of - of / 100);
    }
}
