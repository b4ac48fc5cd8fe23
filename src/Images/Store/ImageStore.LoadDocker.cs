using Rundlet.Images.Archives;
using Rundlet.Images.Compression;
using Rundlet.Images.Platforms;
using Rundlet.Images.References;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images;

public sealed partial class ImageStore
{
    /// <summary>
    /// The images of a Docker archive. They come without manifests; the one that is made here depends on nothing but the image. Where the
    /// image is here with packed layers, that is taken: it keeps its digest, and nothing is stored twice.
    /// </summary>
    private List<FoundImage> FindInDockerArchive(
        ArchiveIntake intake, IReadOnlyList<DockerManifest> images, ImagePlatform? wanted, IImageLease lease, HashSet<Digest> stored)
    {
        List<FoundImage> found = [];
        foreach (DockerManifest image in images)
        {
            Descriptor config = intake.Blob(image.Config);
            config.MediaType = MediaTypes.Config;
            var manifest = new ImageManifest { SchemaVersion = 2, MediaType = MediaTypes.Manifest, Config = config };
            List<Digest> diffIds = ReadConfig(manifest).RootFs.DiffIds;
            if (diffIds.Count != image.Layers.Count)
                throw new ContainerException(ContainerErrorKind.InvalidArgument, $"image '{config.Digest}' has {diffIds.Count} layers, '{DockerManifest.FileName}' names {image.Layers.Count}");
            manifest.Layers = [.. image.Layers.Zip(diffIds, (name, diffId) => DescribeLayer(intake.Blob(name), diffId))];
            RefuseOtherPlatform(manifest, wanted);
            List<ImageReference> names = [.. image.RepoTags.Select(ImageReference.Parse)];
            if (manifest.Layers.Exists(layer => !IsPacked(layer)) && TryTwin(config.Digest, lease) is { } twin)
            {
                found.Add(new FoundImage(names, new Descriptor { MediaType = twin.MediaType, Digest = twin.Manifest, Size = twin.ManifestSize }, []));
                continue;
            }
            byte[] json = ImageWriter.ToBytes(manifest);
            Digest digest = Digest.Of(json);
            if (!Content.Has(digest))
                stored.Add(digest);
            found.Add(new FoundImage(names, AddDocument(json, MediaTypes.Manifest, lease), []));
        }
        return found;
    }

    /// <summary>Layers are not packed there as a rule; one that is, is verified when it is unpacked.</summary>
    private Descriptor DescribeLayer(Descriptor blob, Digest diffId)
    {
        using Stream bytes = Content.Open(blob.Digest, blob.Size);
        using var layer = new LayerStream(bytes, null, long.MaxValue);
        if (layer.Format == LayerFormat.Tar && diffId.Algorithm == blob.Digest.Algorithm && diffId != blob.Digest)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"a layer has the digest '{blob.Digest}', the configuration says '{diffId}'");
        string mediaType = layer.Format switch
        {
            LayerFormat.Gzip => MediaTypes.LayerGzip,
            LayerFormat.Zstd => MediaTypes.LayerZstd,
            _ => MediaTypes.Layer,
        };
        return new Descriptor { MediaType = mediaType, Digest = blob.Digest, Size = blob.Size };
    }
}
