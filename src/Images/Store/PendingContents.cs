using Rundlet.Images.Content;
using Rundlet.Images.Layers;
using Rundlet.Oci;

namespace Rundlet.Images;

/// <summary>
/// Blobs and layers that are whole and verified, but not visible yet: they are made to survive a power cut together, by one flush of the
/// file system instead of one each.
/// </summary>
internal sealed class PendingContents(ContentStore content, LayerStore layers) : IDisposable
{
    private readonly List<(BlobWriter Writer, Digest Digest)> _blobs = [];
    private readonly List<(LayerIngest Ingest, Layer Layer)> _layers = [];

    /// <summary>Takes over a verified blob.</summary>
    public void Add(BlobWriter blob, Digest digest)
    {
        blob.Keep();
        lock (_blobs)
            _blobs.Add((blob, digest));
    }

    /// <summary>Takes over an unpacked layer whose diff id was verified.</summary>
    public void Add(LayerIngest ingest, Layer layer)
    {
        ingest.Describe(layer);
        lock (_blobs)
            _layers.Add((ingest, layer));
    }

    /// <summary>Makes all of them visible. Blobs come first: a layer without its blob is of no use to anybody.</summary>
    /// <exception cref="Linux.ContainerException"><see cref="Linux.ContainerErrorKind.Unavailable"/>: the disk is full; none is visible.</exception>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    public void Publish()
    {
        if (_blobs.Count + _layers.Count == 0)
            return;
        layers.Flush();
        foreach ((BlobWriter writer, Digest digest) in _blobs)
            writer.Publish(digest);
        foreach (IGrouping<string, Digest> same in _blobs.Select(blob => blob.Digest).GroupBy(digest => digest.Algorithm))
            content.FlushNames(same.First());
        foreach ((LayerIngest ingest, Layer layer) in _layers)
            ingest.Publish(layer);
        if (_layers.Count > 0)
            layers.FlushNames();
        Dispose();
    }

    /// <summary>Gives up everything, and keeps nothing of it for later either.</summary>
    public void Discard()
    {
        foreach ((BlobWriter writer, _) in _blobs)
            writer.Drop();
        Dispose();
    }

    /// <summary>Gives up what was not published; blobs of a known digest stay for the next one who wants them.</summary>
    public void Dispose()
    {
        foreach ((BlobWriter writer, _) in _blobs)
            writer.Dispose();
        foreach ((LayerIngest ingest, _) in _layers)
            ingest.Dispose();
        _blobs.Clear();
        _layers.Clear();
    }
}
