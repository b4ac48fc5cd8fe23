using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Rundlet.Oci;
using Rundlet.PackImage;

namespace Rundlet.Hello.Tests;

public sealed class HelloImageTests
{
    private static readonly byte[] Program = Encoding.ASCII.GetBytes("not really a program");

    private static Dictionary<string, byte[]> Unpack(byte[] tar)
    {
        var files = new Dictionary<string, byte[]>();
        using var reader = new TarReader(new MemoryStream(tar));
        while (reader.GetNextEntry() is { } entry)
        {
            using var content = new MemoryStream();
            entry.DataStream?.CopyTo(content);
            files.Add(entry.Name, content.ToArray());
        }
        return files;
    }

    private static JsonElement Json(byte[] content) => JsonDocument.Parse(content).RootElement;

    private static byte[] Blob(Dictionary<string, byte[]> files, JsonElement descriptor)
    {
        byte[] blob = files["blobs/sha256/" + descriptor.GetProperty("digest").GetString()!["sha256:".Length..]];
        Assert.Equal(descriptor.GetProperty("size").GetInt64(), blob.Length);
        Assert.Equal(descriptor.GetProperty("digest").GetString(), Digest.Of(blob).ToString());
        return blob;
    }

    [Fact]
    public void The_same_program_gives_the_same_bytes() => Assert.Equal(HelloImage.Pack(Program, "amd64"), HelloImage.Pack(Program, "amd64"));

    [Fact]
    public void Every_descriptor_names_a_blob_and_the_diff_id_is_that_of_the_plain_layer()
    {
        Dictionary<string, byte[]> files = Unpack(HelloImage.Pack(Program, "arm64"));
        Assert.Equal("1.0.0", Json(files["oci-layout"]).GetProperty("imageLayoutVersion").GetString());
        JsonElement manifest = Json(Blob(files, Json(files["index.json"]).GetProperty("manifests")[0]));
        JsonElement config = Json(Blob(files, manifest.GetProperty("config")));
        using var layer = new MemoryStream();
        using (var gzip = new GZipStream(new MemoryStream(Blob(files, manifest.GetProperty("layers")[0])), CompressionMode.Decompress))
            gzip.CopyTo(layer);
        Assert.Equal("arm64", config.GetProperty("architecture").GetString());
        Assert.Equal("/bin/hello", config.GetProperty("config").GetProperty("Cmd")[0].GetString());
        Assert.Equal(Digest.Of(layer.ToArray()).ToString(), config.GetProperty("rootfs").GetProperty("diff_ids")[0].GetString());
        Dictionary<string, byte[]> content = Unpack(layer.ToArray());
        Assert.Equal(Program, content["bin/hello"]);
        Assert.Contains("bin/http", content.Keys);
        Assert.Contains("tmp/", content.Keys);
    }

    [Fact]
    public void An_unknown_processor_is_refused() => Assert.Throws<ArgumentException>(() => HelloImage.ArchitectureOf("linux-s390x"));
}
