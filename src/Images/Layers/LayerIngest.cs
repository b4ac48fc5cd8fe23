using Rundlet.Images.References;
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
    private readonly IImageLease? _lease;
    private bool _named = true;

    internal LayerIngest(LayerStore store, string name, OwnedFd folder, OwnedFd root, IImageLease? lease)
    {
        _lease = lease;
        _store = store;
        _name = name;
        _folder = folder;
        Root = root;
    }

    /// <summary>The folder that becomes the layer.</summary>
    public OwnedFd Root { get; }

    /// <summary>Removes what was unpacked so far.</summary>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    internal void Clear() => LayerStore.Clear(Root.Value);

    /// <summary>Makes the layer visible, whole and on the disk for good. When another process was faster, its result stands.</summary>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    public Layer Commit(Digest chainId, Digest diffId, long size)
    {
        var layer = new Layer(chainId, diffId, size);
        Describe(layer);
        _store.Flush();
        Publish(layer);
        _store.FlushNames();
        return layer;
    }

    /// <summary>Writes down what the layer is, as the last of what must be on the disk before it is visible.</summary>
    internal void Describe(Layer layer) => LayerStore.Describe(_folder.Value, layer);

    /// <summary>Makes a described layer visible that is on the disk already; its name is made to last by <see cref="LayerStore.FlushNames"/>.</summary>
    internal void Publish(Layer layer)
    {
        _lease?.Add([layer.ChainId]);
        _named = !_store.Publish(_name, layer);
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
