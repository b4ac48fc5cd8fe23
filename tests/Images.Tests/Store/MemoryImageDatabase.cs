using Rundlet.Images.References;
using Rundlet.Oci;

namespace Rundlet.Images.Tests.Store;

/// <summary>The database in memory, for one process: what the engine's does with tables.</summary>
public sealed class MemoryImageDatabase : IImageDatabase
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, (Digest Target, Digest Manifest)> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<Digest, (ImageRecord Image, HashSet<Digest> Blobs)> _images = [];
    private readonly List<MemoryLease> _leases = [];

    /// <summary>Which containers use which manifests.</summary>
    public Dictionary<string, Digest> Containers { get; } = [];

    /// <summary>How often it was changed.</summary>
    public int Changes { get; private set; }

    public NamedImage? TryGet(string reference)
    {
        lock (_lock)
            return _names.TryGetValue(reference, out (Digest Target, Digest Manifest) found) ? new NamedImage(reference, found.Target, _images[found.Manifest].Image) : null;
    }

    public ImageRecord? TryGetImage(Digest manifest)
    {
        lock (_lock)
            return _images.TryGetValue(manifest, out (ImageRecord Image, HashSet<Digest>) found) ? found.Image : null;
    }

    public IReadOnlyList<ImageRecord> FindById(string hex)
    {
        lock (_lock)
            return [.. _images.Values.Select(found => found.Image).Where(image => image.Id.Hex.StartsWith(hex, StringComparison.Ordinal)).OrderBy(image => image.Manifest.ToString(), StringComparer.Ordinal)];
    }

    public IReadOnlyList<NamedImage> FindByDigest(Digest digest) => [.. List().Where(named => named.Target == digest || named.Image.Manifest == digest)];

    public IReadOnlyList<NamedImage> List()
    {
        lock (_lock)
            return [.. _names.Select(name => new NamedImage(name.Key, name.Value.Target, _images[name.Value.Manifest].Image))];
    }

    public IReadOnlyList<NamedImage> ListUnnamed()
    {
        lock (_lock)
            return [.. _images.Values.Select(found => found.Image).Where(image => _names.Values.All(name => name.Manifest != image.Manifest)).Select(image => new NamedImage(null, image.Manifest, image))];
    }

    public void Set(NamedImage image, IReadOnlyCollection<Digest> blobs)
    {
        lock (_lock)
        {
            Changes++;
            if (!_images.TryGetValue(image.Image.Manifest, out (ImageRecord Image, HashSet<Digest> Blobs) known))
                _images.Add(image.Image.Manifest, known = (image.Image, []));
            known.Blobs.UnionWith(blobs);
            if (image.Name is not null)
                _names[image.Name] = (image.Target, image.Image.Manifest);
        }
    }

    public IReadOnlyList<Digest> BlobsOf(Digest manifest)
    {
        lock (_lock)
            return _images.TryGetValue(manifest, out (ImageRecord, HashSet<Digest> Blobs) found) ? [.. found.Blobs] : [];
    }

    public IReadOnlyList<ImageRecord> ListIncomplete()
    {
        lock (_lock)
            return [.. _images.Values.Where(found => found.Blobs.Count == 0).Select(found => found.Image)];
    }

    public bool Remove(string reference)
    {
        lock (_lock)
            return _names.Remove(reference);
    }

    public bool Forget(Digest manifest)
    {
        lock (_lock)
            return _names.Values.All(name => name.Manifest != manifest) && !Containers.ContainsValue(manifest) && _images.Remove(manifest);
    }

    public IReadOnlyList<string> ContainersOf(Digest manifest) => [.. Containers.Where(container => container.Value == manifest).Select(container => container.Key)];

    public IImageLease Lease()
    {
        lock (_lock)
        {
            _leases.Add(new MemoryLease(this));
            return _leases[^1];
        }
    }

    public void Sweep(Action<ContentInUse> remove)
    {
        lock (_lock)
        {
            Digest[] leased = [.. _leases.SelectMany(lease => lease.Contents)];
            remove(new ContentInUse(new HashSet<Digest>([.. _images.Values.SelectMany(found => found.Blobs), .. leased]), new HashSet<Digest>([.. _images.Values.SelectMany(found => found.Image.Layers), .. leased])));
        }
    }

    private sealed class MemoryLease(MemoryImageDatabase database) : IImageLease
    {
        public HashSet<Digest> Contents { get; } = [];

        public void Add(IEnumerable<Digest> contents)
        {
            lock (database._lock)
                Contents.UnionWith(contents);
        }

        public void Dispose()
        {
            lock (database._lock)
                database._leases.Remove(this);
        }
    }
}
