using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Rundlet.Images.Tests.Registry;

namespace Rundlet.Cli.Tests.Images;

/// <summary>A registry in memory with a few images that share layers; the lowest layer can run <c>/bin/true</c>.</summary>
internal sealed class MemoryRegistry : IDisposable
{
    /// <summary>The images: <c>app:0</c> to <c>app:3</c>.</summary>
    public const int Images = 4;

    private readonly Dictionary<string, byte[]> _contents = [];
    private readonly MisbehavingRegistry _server;

    public MemoryRegistry()
    {
        byte[] top = [];
        List<byte[]> shared = [Layer(tar =>
        {
            using FileStream busybox = File.OpenRead("/bin/busybox");
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "bin/true") { DataStream = busybox, Mode = (UnixFileMode)0x1ED });
        })];
        for (int image = 0; image < Images; image++)
        {
            int seed = image;
            top = Layer(tar => Fill(tar, seed));
            Publish($"app:{image}", [.. shared, top]);
            if (image % 2 == 0)
                shared.Add(top);
        }
        _server = new MisbehavingRegistry(Answer);
    }

    /// <summary>The reference of an image.</summary>
    public string Name(int image) => $"{_server.Host}/app:{image}";

    public void Dispose() => _server.Dispose();

    private RawAnswer Answer(RawRequest request)
    {
        if (request.Path == "/v2/")
            return RawAnswer.Ok([]);
        string[] parts = request.Path.Split('/'); // "", v2, app, manifests or blobs, reference
        string key = parts[^1].StartsWith("sha256:", StringComparison.Ordinal) ? parts[^1] : $"{parts[2]}:{parts[^1]}";
        if (!_contents.TryGetValue(key, out byte[]? content))
            return RawAnswer.Text(404, """{"errors":[{"code":"MANIFEST_UNKNOWN","message":"unknown"}]}""");
        return parts[3] == "manifests"
            ? RawAnswer.Ok(content, ("Content-Type", TestImage.ManifestType), ("Docker-Content-Digest", TestImage.DigestOf(content)))
            : RawAnswer.Part(request, content);
    }

    private void Publish(string name, IReadOnlyList<byte[]> layers)
    {
        string ids = string.Join(',', layers.Select(layer => $"\"{TestImage.DigestOf(Unpack(layer))}\""));
        byte[] config = Encoding.UTF8.GetBytes($$$"""{"architecture":"amd64","os":"linux","config":{"Cmd":["/bin/true"]},"rootfs":{"type":"layers","diff_ids":[{{{ids}}}]}}""");
        string list = string.Join(',', layers.Select(layer => TestImage.Describe("application/vnd.oci.image.layer.v1.tar+gzip", layer)));
        byte[] manifest = Encoding.UTF8.GetBytes(
            $$"""{"schemaVersion":2,"mediaType":"{{TestImage.ManifestType}}","config":{{TestImage.Describe("application/vnd.oci.image.config.v1+json", config)}},"layers":[{{list}}]}""");
        foreach (byte[] content in (IEnumerable<byte[]>)[config, manifest, .. layers])
            _contents[TestImage.DigestOf(content)] = content;
        _contents[name] = manifest;
    }

    /// <summary>A few hundred files, and one of some size that does not pack.</summary>
    private static void Fill(TarWriter tar, int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < 200; i++)
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, $"usr/share/{seed}/{i}") { DataStream = new MemoryStream(Encoding.ASCII.GetBytes($"file {i} of {seed}\n")) });
        byte[] noise = new byte[2 << 20];
        random.NextBytes(noise);
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, $"usr/lib/{seed}") { DataStream = new MemoryStream(noise) });
    }

    private static byte[] Layer(Action<TarWriter> fill)
    {
        var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(gzip))
            fill(tar);
        return bytes.ToArray();
    }

    private static byte[] Unpack(byte[] layer)
    {
        var bytes = new MemoryStream();
        using (var gzip = new GZipStream(new MemoryStream(layer), CompressionMode.Decompress))
            gzip.CopyTo(bytes);
        return bytes.ToArray();
    }
}
