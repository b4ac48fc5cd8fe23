using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Rundlet.Runcs.Tests;

namespace Rundlet.Callers.Tests;

/// <summary>A small image: a static busybox and two users.</summary>
internal static class TestImage
{
    /// <summary>The name that the archive gives it.</summary>
    public const string Name = "localhost/rundlet-test:latest";

    /// <summary>Writes its root file system as a tar.</summary>
    /// <returns>The path of the tar.</returns>
    public static string WriteRootfs(string folder)
    {
        string rootfs = $"{folder}/rootfs";
        TestRootfs.Make(rootfs);
        Directory.CreateDirectory($"{rootfs}/root");
        File.WriteAllText($"{rootfs}/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/:/bin/sh\n");
        File.WriteAllText($"{rootfs}/etc/group", "root:x:0:\nuser:x:1000:\nextra:x:2000:user\n");
        string tar = $"{folder}/rootfs.tar";
        TarFile.CreateFromDirectory(rootfs, tar, includeBaseDirectory: false);
        Directory.Delete(rootfs, recursive: true);
        return tar;
    }

    /// <summary>Writes it as an archive of the kind that `docker save` makes and all callers load.</summary>
    /// <returns>The path of the archive.</returns>
    public static string WriteArchive(string folder)
    {
        string layer = WriteRootfs(folder);
        string hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(layer)));
        JsonObject config = new()
        {
            ["architecture"] = "amd64",
            ["os"] = "linux",
            ["config"] = new JsonObject { ["Env"] = new JsonArray("PATH=/bin"), ["Cmd"] = new JsonArray("/bin/sh") },
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray($"sha256:{hash}") },
        };
        JsonArray manifest = [new JsonObject { ["Config"] = "config.json", ["RepoTags"] = new JsonArray(Name), ["Layers"] = new JsonArray("layer.tar") }];
        string archive = $"{folder}/image.tar";
        using FileStream file = File.Create(archive);
        using TarWriter writer = new(file, TarEntryFormat.Ustar);
        writer.WriteEntry(layer, "layer.tar");
        Add(writer, "config.json", config);
        Add(writer, "manifest.json", manifest);
        return archive;
    }

    private static void Add(TarWriter writer, string name, JsonNode content) =>
        writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content.ToJsonString())) });
}
