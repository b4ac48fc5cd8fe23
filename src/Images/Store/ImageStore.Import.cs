using Rundlet.Images.Compression;
using Rundlet.Images.Content;
using Rundlet.Images.Layers;
using Rundlet.Images.Platforms;
using Rundlet.Images.References;
using Rundlet.Images.Unpack;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images;

public sealed partial class ImageStore
{
    /// <summary>
    /// Makes an image of one layer from a root file system. The stream is read once: its bytes become the layer's blob as they are, packed
    /// or not, while they are unpacked.
    /// </summary>
    /// <param name="archive">tar, tar.gz or tar.zst.</param>
    /// <param name="reference">What to call it: a tag, no digest; null for no name.</param>
    /// <param name="options">What the archive does not say; null for the defaults.</param>
    /// <param name="cancel">Ends it; nothing stays.</param>
    /// <exception cref="ContainerException">
    /// <see cref="ContainerErrorKind.InvalidArgument"/>: not an archive, damaged, hostile, or a reference with a digest;
    /// <see cref="ContainerErrorKind.Unsupported"/>: packed otherwise; <see cref="ContainerErrorKind.Unavailable"/>: the disk is full.
    /// </exception>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    public ImageRecord Import(Stream archive, ImageReference? reference, ImportOptions? options = null, CancellationToken cancel = default)
    {
        options ??= new ImportOptions();
        RefuseDigest(reference);
        ImagePlatform platform = options.Platform ?? ImagePlatform.Machine;
        using IImageLease lease = _database.Lease();
        (Descriptor layer, Digest diffId) = StoreLayer(archive, options.Limits, lease, cancel);
        var config = new ImageConfig
        {
            Architecture = platform.Architecture,
            Os = platform.Os,
            Variant = platform.Variant,
            Created = Rfc3339(options.Created ?? DateTimeOffset.UtcNow),
            Config = options.Config,
            RootFs = new RootFs { Type = "layers", DiffIds = [diffId] },
        };
        config.History = [new HistoryEntry { Created = config.Created, CreatedBy = "rundlet import", Comment = options.Message }];
        Descriptor configBlob = AddDocument(ImageWriter.ToBytes(config), MediaTypes.Config, lease);
        var manifest = new ImageManifest { SchemaVersion = 2, MediaType = MediaTypes.Manifest, Config = configBlob, Layers = [layer] };
        return Register(reference, AddDocument(ImageWriter.ToBytes(manifest), MediaTypes.Manifest, lease));
    }

    private (Descriptor Layer, Digest DiffId) StoreLayer(Stream archive, UnpackLimits limits, IImageLease lease, CancellationToken cancel)
    {
        using BlobWriter blob = Content.Create(lease);
        using var tar = new LayerStream(archive, blob, limits.MaxBytes, cancel);
        using LayerIngest ingest = Layers.Begin(lease);
        UnpackResult result = LayerUnpacker.Unpack(tar, ingest.Root.Value, limits, cancel);
        Digest diffId = tar.Complete();
        if (blob.Length == 0)
            throw new ContainerException(ContainerErrorKind.InvalidArgument, "the archive is empty");
        string mediaType = tar.Format switch
        {
            LayerFormat.Gzip => MediaTypes.LayerGzip,
            LayerFormat.Zstd => MediaTypes.LayerZstd,
            _ => MediaTypes.Layer,
        };
        Digest digest = blob.Commit();
        ingest.Commit(diffId, diffId, result.Bytes); // the chain of a lowest layer is its diff id
        return (new Descriptor { MediaType = mediaType, Digest = digest, Size = blob.Length }, diffId);
    }

    private Descriptor AddDocument(byte[] json, string mediaType, IImageLease lease) =>
        new() { MediaType = mediaType, Digest = Content.Add(json, lease), Size = json.Length };

    /// <summary>This machine's CPU as GOARCH.</summary>
    internal static string MachineArchitecture => ImagePlatform.Machine.Architecture;
}
