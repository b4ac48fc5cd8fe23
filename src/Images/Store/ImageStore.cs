using Rundlet.Images.Content;
using Rundlet.Images.Files;
using Rundlet.Images.Layers;
using Rundlet.Images.References;
using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Images;

/// <summary>
/// All images of this machine: blobs, layers unpacked from them, references that point at them. One operation a file beside this one.
/// Every operation may be killed at any moment and run again; order makes it safe: blobs first, then layers, the reference last.
/// </summary>
public sealed partial class ImageStore : IDisposable
{
    private readonly OwnedFd _root;
    private readonly IReferenceStore _references;

    /// <summary>Opens the store in a folder (<c>/var/lib/rundlet</c>), and makes what is missing of it.</summary>
    /// <param name="root">The folder; its parent must exist.</param>
    /// <param name="references">Where references are kept; stays the caller's.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public ImageStore(string root, IReferenceStore references)
    {
        _root = StoreFolder.EnsureRoot(root);
        _references = references;
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

    /// <summary>Points a reference at a manifest whose blobs are all in the store, after checking that they are.</summary>
    private ImageRecord Register(ImageReference reference, Descriptor target)
    {
        ImageManifest manifest = ReadManifest(target.Digest, target.Size);
        ImageConfig config = ReadConfig(manifest);
        CheckComplete(manifest, config);
        var record = new ImageRecord
        {
            MediaType = target.MediaType,
            Manifest = target.Digest,
            ManifestSize = target.Size,
            Id = manifest.Config.Digest,
            Layers = ChainIds.Of(config.RootFs.DiffIds),
            Size = manifest.Layers.Sum(layer => layer.Size),
            Created = DateTimeOffset.TryParse(config.Created, System.Globalization.CultureInfo.InvariantCulture, out DateTimeOffset created) ? created : null,
        };
        _references.Set(reference.ToString(), record);
        return record;
    }

    private void CheckComplete(ImageManifest manifest, ImageConfig config)
    {
        if (manifest.Layers.Count != config.RootFs.DiffIds.Count)
        {
            throw new ContainerException(ContainerErrorKind.InvalidArgument,
                $"the manifest has {manifest.Layers.Count} layers, the configuration {config.RootFs.DiffIds.Count}");
        }
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
