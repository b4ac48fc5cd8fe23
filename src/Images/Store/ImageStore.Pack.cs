using Rundlet.Images.Content;
using Rundlet.Images.Diffs;
using Rundlet.Images.Push;
using Rundlet.Images.References;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images;

public sealed partial class ImageStore
{
    private const int PackAtOnce = 2, PieceBytes = 128 << 10;

    /// <summary>
    /// What is pushed in place of an image whose layers are not packed, as docker's archives and plain tars leave them: the same image,
    /// with the same id, and layers packed with gzip. Its name leads there from now on, so that here and in the registry it has one digest,
    /// and a second push has nothing to pack.
    /// </summary>
    private NamedImage Packed(ImageReference reference, NamedImage named, IPushProgress? progress, CancellationToken cancel)
    {
        if (named.Target != named.Image.Manifest)
            return named; // an index says the digest of what it leads to
        ImageManifest manifest = ReadManifest(named.Image.Manifest, named.Image.ManifestSize);
        if (manifest.Layers.TrueForAll(IsPacked))
            return named;
        IReadOnlyList<Digest> replaced = _database.BlobsOf(named.Image.Manifest);
        NamedImage renamed;
        using (IImageLease lease = _database.Lease())
        {
            lease.Add(replaced);
            ImageRecord packed = TryTwin(named.Image.Id, lease) ?? PackLayers(named.Image, manifest, progress, lease, cancel);
            renamed = new NamedImage(reference.ToString(), packed.Manifest, packed);
            _database.Set(renamed, _database.BlobsOf(packed.Manifest));
        }
        if (_database.Forget(named.Image.Manifest))
            Sweep(replaced, []);
        return renamed;
    }

    private ImageRecord PackLayers(ImageRecord image, ImageManifest manifest, IPushProgress? progress, IImageLease lease, CancellationToken cancel)
    {
        var packed = new Descriptor[manifest.Layers.Count];
        var shared = new SharedLease(lease);
        try
        {
            Parallel.For(0, packed.Length, new ParallelOptions { MaxDegreeOfParallelism = PackAtOnce, CancellationToken = cancel },
                i => packed[i] = IsPacked(manifest.Layers[i]) ? manifest.Layers[i] : PackLayer(manifest.Layers[i], progress, shared, cancel));
        }
        catch (AggregateException errors)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(errors.InnerExceptions[0]);
        }
        var document = new ImageManifest
        {
            SchemaVersion = manifest.SchemaVersion,
            MediaType = manifest.MediaType,
            ArtifactType = manifest.ArtifactType,
            Config = manifest.Config,
            Layers = [.. packed],
            Subject = manifest.Subject,
            Annotations = manifest.Annotations,
        };
        return Register(null, AddDocument(ImageWriter.ToBytes(document), image.MediaType, lease));
    }

    private Descriptor PackLayer(Descriptor layer, IPushProgress? progress, IImageLease lease, CancellationToken cancel)
    {
        using Stream bytes = Content.Open(layer.Digest, layer.Size);
        using BlobWriter blob = Content.Create(lease);
        using var target = new PackedLayer(blob, LayerCompression.Gzip);
        byte[] piece = GC.AllocateUninitializedArray<byte>(PieceBytes);
        long done = 0;
        for (int got; (got = bytes.Read(piece)) > 0;)
        {
            cancel.ThrowIfCancellationRequested();
            target.Write(piece.AsSpan(0, got));
            progress?.Report(new BlobProgress(layer.Digest, PushPhase.Packing, done += got, layer.Size));
        }
        (Descriptor packed, Digest diffId) = target.Commit();
        if (layer.Digest.Algorithm == diffId.Algorithm && layer.Digest != diffId)
            throw new ContainerException(ContainerErrorKind.Internal, $"layer '{layer.Digest}' is damaged") { Hint = "rundlet system check --repair brings it again" };
        progress?.Report(new BlobProgress(layer.Digest, PushPhase.Packed, layer.Size, layer.Size));
        packed.MediaType = layer.MediaType == MediaTypes.DockerLayer ? MediaTypes.DockerLayerGzip : MediaTypes.LayerGzip;
        return packed;
    }

    /// <summary>The image of a configuration that is here whole and with packed layers; null for none. Its contents are leased then.</summary>
    private ImageRecord? TryTwin(Digest id, IImageLease lease)
    {
        foreach (ImageRecord twin in _database.FindById(id.Hex).Where(image => image.Id == id))
        {
            lease.Add([.. _database.BlobsOf(twin.Manifest), .. twin.Layers]);
            try
            {
                ImageManifest manifest = ReadManifest(twin.Manifest, twin.ManifestSize);
                if (!manifest.Layers.TrueForAll(IsPacked))
                    continue;
                CheckComplete(manifest, ReadConfig(manifest));
                return twin;
            }
            catch (ContainerException)
            {
                // Removed meanwhile, or damaged: then it is none.
            }
        }
        return null;
    }

    private static bool IsPacked(Descriptor layer) => layer.MediaType is not (MediaTypes.Layer or MediaTypes.DockerLayer);

    /// <summary>For several threads: a lease is a row of a database, which is for one.</summary>
    private sealed class SharedLease(IImageLease lease) : IImageLease
    {
        private readonly Lock _lock = new();

        public void Add(IEnumerable<Digest> contents)
        {
            lock (_lock)
                lease.Add(contents);
        }

        public void Dispose()
        {
            // its maker does it
        }
    }
}
