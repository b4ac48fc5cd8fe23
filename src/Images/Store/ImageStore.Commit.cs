using Rundlet.Images.Content;
using Rundlet.Images.Diffs;
using Rundlet.Images.References;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images;

public sealed partial class ImageStore
{
    /// <summary>Makes an image of another one and an upper folder, which becomes one more layer.</summary>
    /// <param name="parent">The image below.</param>
    /// <param name="upper">An fd of the upper folder.</param>
    /// <param name="options">What to call it, and how.</param>
    /// <param name="cancel">Ends it; nothing stays.</param>
    /// <exception cref="ContainerException">
    /// <see cref="ContainerErrorKind.InvalidArgument"/>: a reference with a digest; <see cref="ContainerErrorKind.Unsupported"/>: the folder holds
    /// what no layer can say; <see cref="ContainerErrorKind.Unavailable"/>: the disk is full; <see cref="ContainerErrorKind.Internal"/>: the
    /// folder cannot be read.
    /// </exception>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public ImageRecord Commit(Image parent, int upper, CommitOptions options, CancellationToken cancel = default)
    {
        RefuseDigest(options.Reference);
        using IImageLease lease = _database.Lease();
        lease.Add([.. BlobsOf(parent.Record.Manifest, parent.Manifest), .. parent.Record.Layers]);
        (Descriptor layer, Digest diffId) = PackLayer(upper, options, lease, cancel);
        string created = Rfc3339(options.Created ?? DateTimeOffset.UtcNow);
        ImageConfig below = parent.Config;
        var config = new ImageConfig
        {
            Created = created,
            Author = options.Author ?? below.Author,
            Architecture = below.Architecture,
            Os = below.Os,
            Variant = below.Variant,
            Config = options.Config ?? below.Config,
            RootFs = new RootFs { Type = "layers", DiffIds = [.. below.RootFs.DiffIds, diffId] },
            History = [.. below.History ?? [], new HistoryEntry { Created = created, CreatedBy = options.CreatedBy, Author = options.Author, Comment = options.Message }],
        };
        Descriptor configBlob = AddDocument(ImageWriter.ToBytes(config), MediaTypes.Config, lease);
        var manifest = new ImageManifest
        {
            SchemaVersion = 2,
            MediaType = MediaTypes.Manifest,
            Config = configBlob,
            Layers = [.. parent.Manifest.Layers.Select(AsOciLayer), layer],
        };
        return Register(options.Reference, AddDocument(ImageWriter.ToBytes(manifest), MediaTypes.Manifest, lease));
    }

    private (Descriptor Layer, Digest DiffId) PackLayer(int upper, CommitOptions options, IImageLease lease, CancellationToken cancel)
    {
        using BlobWriter blob = Content.Create(lease);
        using var layer = new PackedLayer(blob, options.Compression, options.Passed);
        LayerPacker.Pack(upper, layer, new PackOptions { Form = TreeForm.OverlayUpper, Latest = options.Latest, LeftOut = options.LeftOut, Ids = options.Ids }, cancel);
        return layer.Commit();
    }

    /// <summary>A manifest names its layers by the types of its own family.</summary>
    private static Descriptor AsOciLayer(Descriptor layer) => layer.MediaType switch
    {
        MediaTypes.DockerLayer => new Descriptor { MediaType = MediaTypes.Layer, Digest = layer.Digest, Size = layer.Size },
        MediaTypes.DockerLayerGzip => new Descriptor { MediaType = MediaTypes.LayerGzip, Digest = layer.Digest, Size = layer.Size },
        _ => layer,
    };

    private static void RefuseDigest(ImageReference? reference)
    {
        if (reference is { Digest.IsEmpty: false })
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, $"an image cannot be made as '{reference.Familiar}': its digest comes from its content")
            {
                Hint = "leave out what begins with '@'",
            };
        }
    }

    private static string Rfc3339(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
