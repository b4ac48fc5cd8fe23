using Rundlet.Images.Content;
using Rundlet.Images.Files;
using Rundlet.Images.Layers;
using Rundlet.Images.References;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Images;

/// <summary>
/// All images of this machine: blobs, layers unpacked from them, the database that says which images there are. One operation a file
/// beside this one. Every operation may be killed at any moment and run again; order makes it safe: a lease, blobs, layers, the image
/// with its reference last.
/// </summary>
/// <remarks>Not for two threads at once, like its database; any number of processes may use one folder.</remarks>
public sealed partial class ImageStore : IDisposable
{
    private readonly OwnedFd _root;
    private readonly IImageDatabase _database;

    /// <summary>Opens the store in a folder (<c>/var/lib/rundlet</c>), and makes what is missing of it.</summary>
    /// <param name="root">The folder; its parent must exist.</param>
    /// <param name="database">Which images there are; stays the caller's.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public ImageStore(string root, IImageDatabase database)
    {
        _root = StoreFolder.EnsureRoot(root);
        _database = database;
        Path = root;
        Content = new ContentStore(_root.Value);
        Layers = new LayerStore(_root.Value);
    }

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>Blobs.</summary>
    public ContentStore Content { get; }

    /// <summary>Unpacked layers.</summary>
    public LayerStore Layers { get; }

    /// <summary>Removes what processes that are gone left half done. Cheap when there is nothing: two empty folders are read.</summary>
    /// <returns>How many leftovers were removed.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public int Reconcile() => Content.Reconcile() + Layers.Reconcile();

    /// <inheritdoc/>
    public void Dispose()
    {
        Layers.Dispose();
        Content.Dispose();
        _root.Dispose();
    }

    /// <summary>
    /// Adds an image whose blobs are all in the store, after checking that they are, and points a reference at it. The caller holds a
    /// lease on its blobs.
    /// </summary>
    /// <param name="reference">What to call it; null for an image without a name.</param>
    /// <param name="manifest">Its manifest.</param>
    /// <param name="indexes">Indexes that led to the manifest, the outermost first; they are kept with the image, and the reference names the first.</param>
    private ImageRecord Register(ImageReference? reference, Descriptor manifest, IReadOnlyList<Descriptor>? indexes = null)
    {
        ImageManifest document = ReadManifest(manifest.Digest, manifest.Size);
        ImageConfig config = ReadConfig(document);
        CheckComplete(document, config);
        ImageRecord record = RecordOf(manifest, document, config);
        Digest target = indexes is [var outermost, ..] ? outermost.Digest : manifest.Digest;
        _database.Set(new NamedImage(reference?.ToString(), target, record), [.. BlobsOf(manifest.Digest, document), .. (indexes ?? []).Select(index => index.Digest)]);
        return record;
    }

    private static ImageRecord RecordOf(Descriptor manifest, ImageManifest document, ImageConfig config) => new()
    {
        MediaType = manifest.MediaType,
        Manifest = manifest.Digest,
        ManifestSize = manifest.Size,
        Id = document.Config.Digest,
        Layers = ChainIds.Of(config.RootFs.DiffIds),
        Size = document.Layers.Sum(layer => layer.Size),
        Created = DateTimeOffset.TryParse(config.Created, System.Globalization.CultureInfo.InvariantCulture, out DateTimeOffset created) ? created : null,
    };

    private static HashSet<Digest> BlobsOf(Digest manifest, ImageManifest document) =>
        [manifest, document.Config.Digest, .. document.Layers.Select(layer => layer.Digest)];

    private void CheckComplete(ImageManifest manifest, ImageConfig config)
    {
        CheckLayerCount(manifest, config);
        foreach (Descriptor layer in manifest.Layers)
        {
            long size = Content.SizeOf(layer.Digest);
            if (size != layer.Size)
            {
                throw new ContainerException(ContainerErrorKind.InvalidArgument,
                    size < 0 ? $"layer '{layer.Digest}' is missing" : $"layer '{layer.Digest}' has {size} bytes, the manifest says {layer.Size}");
            }
        }
    }

    private static void CheckLayerCount(ImageManifest manifest, ImageConfig config)
    {
        if (manifest.Layers.Count != config.RootFs.DiffIds.Count)
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument,
                $"the manifest has {manifest.Layers.Count} layers, the configuration {config.RootFs.DiffIds.Count}");
        }
    }

    private ImageManifest ReadManifest(Digest digest, long size)
    {
        byte[] json = Content.ReadAll(digest, size, ImageReader.MaxManifestBytes);
        return ReadDocument(() => ImageReader.ReadManifest(json), $"manifest '{digest}'");
    }

    private ImageConfig ReadConfig(ImageManifest manifest)
    {
        byte[] json = Content.ReadAll(manifest.Config.Digest, manifest.Config.Size, ImageReader.MaxConfigBytes);
        return ReadDocument(() => ImageReader.ReadConfig(json), $"configuration '{manifest.Config.Digest}'");
    }

    private static T ReadDocument<T>(Func<T> read, string subject)
    {
        try
        {
            return read();
        }
        catch (SpecFormatException error)
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument, subject, error);
        }
    }
}
