using System.IO.Compression;
using System.Text;
using Rundlet.Oci;

namespace Rundlet.PackImage;

/// <summary>The image `hello`: one layer with one program under several names, in an OCI image layout (image-spec, image-layout.md).</summary>
internal static class HelloImage
{
    // Without a clock in it, the same program gives the same digests.
    private const string Created = "1970-01-01T00:00:00Z";

    private static readonly string[] Commands = ["echo", "env", "exit", "false", "http", "sleep", "true"];

    /// <summary>The OCI name of a runtime identifier's processor.</summary>
    public static string ArchitectureOf(string rid) => rid[(rid.LastIndexOf('-') + 1)..] switch
    {
        "x64" => "amd64",
        "arm64" => "arm64",
        var other => throw new ArgumentException($"no OCI architecture is known for '{other}' of '{rid}'", nameof(rid)),
    };

    public static byte[] Pack(byte[] program, string architecture)
    {
        byte[] layer = Layer(program);
        byte[] compressed = Compress(layer);
        byte[] config = ImageWriter.ToBytes(Config(architecture, Digest.Of(layer)));
        byte[] manifest = ImageWriter.ToBytes(new ImageManifest
        {
            SchemaVersion = 2,
            MediaType = MediaTypes.Manifest,
            Config = Describe(MediaTypes.Config, config),
            Layers = [Describe(MediaTypes.LayerGzip, compressed)],
        });
        Descriptor root = Describe(MediaTypes.Manifest, manifest);
        root.Platform = new Platform { Architecture = architecture, Os = "linux" };
        root.Annotations = new() { ["org.opencontainers.image.ref.name"] = "latest" };
        byte[] index = ImageWriter.ToBytes(new ImageIndex { SchemaVersion = 2, MediaType = MediaTypes.Index, Manifests = [root] });

        TarBytes layout = new TarBytes().Folder("blobs").Folder("blobs/sha256");
        foreach (byte[] blob in new[] { compressed, config, manifest }.OrderBy(blob => Digest.Of(blob).Hex, StringComparer.Ordinal))
            layout.File("blobs/sha256/" + Digest.Of(blob).Hex, blob);
        return layout
            .File("index.json", index)
            .File("oci-layout", ImageWriter.ToBytes(new ImageLayout { ImageLayoutVersion = "1.0.0" }))
            .ToBytes();
    }

    private static ImageConfig Config(string architecture, Digest diffId) => new()
    {
        Created = Created,
        Architecture = architecture,
        Os = "linux",
        Config = new ContainerConfig
        {
            // No entry point: `run hello true` is the command true, as with any base image.
            Cmd = ["/bin/hello"],
            Env = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
            WorkingDir = "/",
            Labels = new()
            {
                ["org.opencontainers.image.description"] = "reports the isolation that a container sees from inside",
                ["org.opencontainers.image.licenses"] = "Apache-2.0",
                ["org.opencontainers.image.title"] = "hello",
            },
        },
        RootFs = new RootFs { Type = "layers", DiffIds = [diffId] },
        History = [new HistoryEntry { Created = Created, CreatedBy = "PackImage hello" }],
    };

    private static byte[] Layer(byte[] program)
    {
        TarBytes tar = new TarBytes().Folder("bin");
        foreach (string command in Commands.Append("hello").Order(StringComparer.Ordinal))
        {
            if (command == "hello")
                tar.File("bin/hello", program, executable: true);
            else
                tar.Link("bin/" + command, "hello");
        }
        return tar
            .Folder("dev")
            .Folder("etc")
            .File("etc/group", Encoding.ASCII.GetBytes("root:x:0:\nnogroup:x:65534:\n"))
            .File("etc/passwd", Encoding.ASCII.GetBytes("root:x:0:0:root:/root:/bin/hello\nnobody:x:65534:65534:nobody:/:/bin/hello\n"))
            .Folder("proc")
            .Folder("root", (UnixFileMode)0b111_000_000)
            .Folder("run")
            .Folder("sys")
            .Folder("tmp", (UnixFileMode)0b001_111_111_111)
            .Folder("var")
            .ToBytes();
    }

    private static byte[] Compress(byte[] layer)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.SmallestSize))
            gzip.Write(layer);
        return compressed.ToArray();
    }

    private static Descriptor Describe(string mediaType, byte[] content) => new() { MediaType = mediaType, Digest = Digest.Of(content), Size = content.Length };
}
