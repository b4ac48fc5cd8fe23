using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Layers;

/// <summary>
/// A layer on its way into the store: a folder to unpack into that nobody else sees. Disposed without <see cref="Commit"/>, it is
/// removed; after a crash <see cref="LayerStore.Reconcile"/> does that, because its lock is gone.
/// </summary>
public sealed class LayerIngest : IDisposable
{
    private readonly LayerStore _store;
    private readonly string _name;
    private readonly OwnedFd _folder;
    private bool _named = true;

    internal LayerIngest(LayerStore store, string name, OwnedFd folder, OwnedFd root)
    {
        _store = store;
        _name = name;
        _folder = folder;
        Root = root;
    }

    /// <summary>The folder that becomes the layer.</summary>
    public OwnedFd Root { get; }

    /// <summary>Makes the layer visible, whole and on the disk for good. When another process was faster, its result stands.</summary>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    public Layer Commit(Digest chainId, Digest diffId, long size)
    {
        var layer = new Layer(chainId, diffId, size);
        _named = !_store.Publish(_name, _folder.Value, layer);
        return layer;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Root.Dispose();
        if (_named)
            _store.Abandon(_name);
        _named = false;
        _folder.Dispose();
    }
}
