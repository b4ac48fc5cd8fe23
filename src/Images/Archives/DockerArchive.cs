using Rundlet.Images.Compression;
using Rundlet.Images.Content;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Archives;

/// <summary>
/// What <c>docker save</c> writes and everybody reads: layers are not packed, and named by their diff ids; each stands there once.
/// <code>
/// manifest.json   CONFIG-HEX.json …   DIFF-ID-HEX.tar …
/// </code>
/// There is no manifest as registries have it, so only the id of an image survives, not its digest.
/// </summary>
internal static class DockerArchive
{
    /// <summary>Writes images.</summary>
    /// <exception cref="ContainerException">A blob is missing or damaged.</exception>
    public static void Write(ArchiveTar tar, ContentStore content, IReadOnlyList<SavedImage> images, CancellationToken cancel)
    {
        tar.AddFile(DockerManifest.FileName, DockerManifest.Write([.. images.Select(Describe)]));
        HashSet<string> written = [];
        foreach (SavedImage saved in images)
        {
            Descriptor config = saved.Image.Manifest.Config;
            if (written.Add(ConfigName(config.Digest)))
                tar.AddFile(ConfigName(config.Digest), content.ReadAll(config.Digest, config.Size, ImageReader.MaxConfigBytes));
        }
        foreach (SavedImage saved in images)
        {
            foreach ((Descriptor layer, Digest diffId) in saved.Image.Manifest.Layers.Zip(saved.Image.Config.RootFs.DiffIds))
            {
                if (written.Add(LayerName(diffId)))
                    AddLayer(tar, content, layer, diffId, cancel);
            }
        }
    }

    private static DockerManifest Describe(SavedImage saved) => new(
        ConfigName(saved.Image.Id),
        [.. saved.Names.Select(name => name.ToString())], // podman takes a short name for one of localhost
        [.. saved.Image.Config.RootFs.DiffIds.Select(LayerName)]);

    /// <summary>How long a packed layer is only its end tells: it is unpacked once to count, and once more to be written.</summary>
    private static void AddLayer(ArchiveTar tar, ContentStore content, Descriptor layer, Digest diffId, CancellationToken cancel)
    {
        long length = layer.Digest == diffId ? layer.Size : LengthOf(content, layer, diffId, cancel);
        using Stream blob = content.Open(layer.Digest, layer.Size);
        using LayerStream unpacked = new(blob, null, long.MaxValue, cancel, diffId.Algorithm);
        tar.AddBlob(LayerName(diffId), unpacked, diffId, length);
    }

    private static long LengthOf(ContentStore content, Descriptor layer, Digest diffId, CancellationToken cancel)
    {
        try
        {
            using Stream blob = content.Open(layer.Digest, layer.Size);
            using LayerStream unpacked = new(blob, null, long.MaxValue, cancel, diffId.Algorithm);
            byte[] buffer = new byte[256 << 10];
            while (unpacked.Read(buffer) > 0)
            {
            }
            Digest found = unpacked.Complete();
            return found == diffId
                ? unpacked.UnpackedBytes
                : throw new ContainerException(ContainerErrorKind.Internal, $"unpacks to '{found}', the configuration says '{diffId}'");
        }
        catch (ContainerException error)
        {
            throw new ContainerException(error.Kind, $"layer '{layer.Digest}'", error);
        }
    }

    private static string ConfigName(Digest id) => $"{id.Hex}.json";

    private static string LayerName(Digest diffId) => $"{diffId.Hex}.tar";
}
