using Rundlet.Images.Content;
using Rundlet.Images.Layers;
using Rundlet.Images.Unpack;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images;

/// <summary>
/// Blobs and layers that are whole and verified, but not visible yet: they are made to survive a power cut together, by one flush of the
/// file system instead of one each.
/// </summary>
internal sealed class PendingContents(ContentStore content, LayerStore layers) : IDisposable
{
    private readonly List<(BlobWriter Writer, Digest Digest)> _blobs = [];
    private readonly List<PendingLayer> _layers = [];

    private sealed record PendingLayer(LayerIngest Ingest, Layer Layer, IReadOnlyList<Digest> Below, IReadOnlyCollection<string> Implied);

    /// <summary>Takes over a verified blob.</summary>
    public void Add(BlobWriter blob, Digest digest)
    {
        blob.Keep();
        lock (_blobs)
            _blobs.Add((blob, digest));
    }

    /// <summary>Takes over an unpacked layer whose diff id was verified.</summary>
    /// <param name="ingest">Its files.</param>
    /// <param name="layer">What it is.</param>
    /// <param name="below">Chain ids of the layers below, lowest first.</param>
    /// <param name="implied">Folders that it does not list; see <see cref="ImpliedFolders"/>.</param>
    public void Add(LayerIngest ingest, Layer layer, IReadOnlyList<Digest> below, IReadOnlyCollection<string> implied)
    {
        ingest.Describe(layer);
        lock (_blobs)
            _layers.Add(new PendingLayer(ingest, layer, below, implied));
    }

    /// <summary>Makes all of them visible. Blobs come first: a layer without its blob is of no use to anybody.</summary>
    /// <returns>Chain ids of layers that were given up, because a layer below that they depend on is not here (yet).</returns>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.Unavailable"/>: the disk is full; none is visible.</exception>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    public IReadOnlyList<Digest> Publish()
    {
        if (_blobs.Count + _layers.Count == 0)
            return [];
        List<Digest> given = GiveUpWhatDependsOnOthers();
        layers.Flush();
        foreach ((BlobWriter writer, Digest digest) in _blobs)
            writer.Publish(digest);
        foreach (IGrouping<string, Digest> same in _blobs.Select(blob => blob.Digest).GroupBy(digest => digest.Algorithm))
            content.FlushNames(same.First());
        foreach (PendingLayer pending in _layers)
            pending.Ingest.Publish(pending.Layer);
        if (_layers.Count > 0)
            layers.FlushNames();
        Dispose();
        return given;
    }

    /// <summary>
    /// Folders that a layer does not list get what the layers below say, the lowest layer first, since an upper one may ask it in turn.
    /// Rare: builders list the folders of what they change.
    /// </summary>
    private List<Digest> GiveUpWhatDependsOnOthers()
    {
        List<Digest> given = [];
        foreach (PendingLayer pending in _layers.Where(pending => pending.Implied.Count > 0 && pending.Below.Count > 0).OrderBy(pending => pending.Below.Count).ToList())
        {
            if (Settle(pending))
                continue;
            given.Add(pending.Layer.ChainId);
            _layers.Remove(pending);
            pending.Ingest.Dispose();
        }
        return given;
    }

    /// <summary>False when a layer below is not here.</summary>
    private bool Settle(PendingLayer pending)
    {
        List<OwnedFd> opened = [];
        try
        {
            List<int> roots = [];
            foreach (Digest below in pending.Below.Reverse())
            {
                if (_layers.Find(other => other.Layer.ChainId == below) is { } other)
                {
                    roots.Add(other.Ingest.Root.Value);
                    continue;
                }
                if (!layers.Has(below))
                    return false;
                opened.Add(layers.OpenFiles(below));
                roots.Add(opened[^1].Value);
            }
            ImpliedFolders.Settle(pending.Ingest.Root.Value, pending.Implied, roots);
            return true;
        }
        finally
        {
            foreach (OwnedFd folder in opened)
                folder.Dispose();
        }
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
        foreach (PendingLayer pending in _layers)
            pending.Ingest.Dispose();
        _blobs.Clear();
        _layers.Clear();
    }
}
