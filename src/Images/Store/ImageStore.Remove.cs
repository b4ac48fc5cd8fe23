using Rundlet.Images.References;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images;

public sealed partial class ImageStore
{
    /// <summary>
    /// Forgets one reference, or with an id all references to that image; an image that nothing points at any more goes, with the blobs
    /// and layers that nothing else uses.
    /// </summary>
    /// <param name="nameOrId">As for <see cref="Inspect"/>.</param>
    /// <param name="force">Also with an id that has several names, and when containers use the image; those keep what they need.</param>
    /// <exception cref="ContainerException">
    /// As for <see cref="Inspect"/>; <see cref="ContainerErrorKind.Conflict"/>: a container uses it, or it has several names.
    /// </exception>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    public RemovedImages Remove(string nameOrId, bool force = false)
    {
        NamedImage found = Find(nameOrId);
        IReadOnlyList<NamedImage> all = NamesOf(found.Image);
        List<NamedImage> names = found.Name is null ? [.. all] : [.. all.Where(named => named.Name == found.Name)];
        if (found.Name is null && names.Count > 1 && !force)
        {
            throw new ContainerException(ContainerErrorKind.Conflict, $"image '{nameOrId}' has {names.Count} names: {Familiar(names)}") { Hint = "remove one by its name, or all with -f" };
        }
        List<ImageRecord> images = [found.Image, .. names.Select(named => named.Image).Where(image => image.Manifest != found.Image.Manifest)];
        if (!force)
        {
            foreach (ImageRecord image in images)
                RefuseInUse(nameOrId, image, names);
        }
        // A name that leads here by its digest alone is no reference of its own; the image may still be known by others.
        List<string> untagged = [.. names.Select(named => named.Name!).Where(_database.Remove)];
        List<ImageRecord> gone = [.. images.DistinctBy(image => image.Manifest)];
        List<(ImageRecord Image, IReadOnlyList<Digest> Blobs)> candidates = [.. gone.Select(image => (image, _database.BlobsOf(image.Manifest)))];
        candidates.RemoveAll(candidate => !_database.Forget(candidate.Image.Manifest));
        (IReadOnlyList<Digest> layers, long bytes) = Sweep([.. candidates.SelectMany(candidate => candidate.Blobs)], [.. candidates.SelectMany(candidate => candidate.Image.Layers)]);
        return new RemovedImages(untagged, [.. candidates.Select(candidate => candidate.Image.Id).Distinct()], layers, bytes);
    }

    /// <summary>Removes images that have no name or, when all are meant, that no container uses; and what interrupted work left behind.</summary>
    /// <param name="all">Also images with names.</param>
    /// <param name="isWanted">Whether an image is one of those that are meant; null for all.</param>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    public RemovedImages Prune(bool all, Func<NamedImage, bool>? isWanted = null)
    {
        List<string> untagged = [];
        List<NamedImage> images = [.. _database.ListUnnamed()];
        if (all)
            images.AddRange(_database.List());
        List<Digest> deleted = [];
        foreach (NamedImage named in images)
        {
            if (_database.ContainersOf(named.Image.Manifest).Count > 0 || isWanted?.Invoke(named) == false)
                continue;
            if (named.Name is not null && _database.Remove(named.Name))
                untagged.Add(named.Name);
            if (_database.Forget(named.Image.Manifest))
                deleted.Add(named.Image.Id);
        }
        (IReadOnlyList<Digest> layers, long bytes) = Sweep(null, null);
        bytes += Content.RemovePartial();
        Reconcile();
        return new RemovedImages(untagged, [.. deleted.Distinct()], layers, bytes);
    }

    private void RefuseInUse(string nameOrId, ImageRecord image, List<NamedImage> names)
    {
        bool isLast = _database.List().All(named => named.Image.Manifest != image.Manifest || names.Any(mine => mine.Name == named.Name));
        if (!isLast || _database.ContainersOf(image.Manifest) is not { Count: > 0 } users)
            return;
        throw new ContainerException(ContainerErrorKind.Conflict, $"image '{nameOrId}' is used by {(users.Count == 1 ? "container" : "containers")} {string.Join(", ", users.Select(user => $"'{user}'"))}")
        {
            Hint = $"remove that first: rundlet rm {users[0]}; or take the name away with -f, and the container keeps the files",
        };
    }

    private static string Familiar(IEnumerable<NamedImage> names) => string.Join(", ", names.Select(named => ImageReference.Parse(named.Name!).Familiar));

    /// <summary>
    /// Removes blobs and layers that nothing uses: those given, or with null all. They go out of sight in one step with the look at what is
    /// in use, so that nobody who comes after it counts on them; their bytes go after it.
    /// </summary>
    private (IReadOnlyList<Digest> Layers, long Bytes) Sweep(IReadOnlyCollection<Digest>? blobs, IReadOnlyCollection<Digest>? layers)
    {
        List<string> hiddenBlobs = [], hiddenLayers = [];
        List<Digest> gone = [];
        long bytes = 0;
        void Hide(ContentInUse used)
        {
            foreach (Digest blob in (blobs ?? Content.List()).Where(blob => !used.Blobs.Contains(blob)))
            {
                long size = Content.SizeOf(blob);
                if (Content.Hide(blob) is not { } name)
                    continue;
                hiddenBlobs.Add(name);
                bytes += Math.Max(0, size);
            }
            foreach (Digest layer in (layers ?? Layers.List()).Where(layer => !used.Layers.Contains(layer)))
            {
                long size = Layers.SizeOf(layer);
                if (Layers.Hide(layer) is not { } name)
                    continue;
                hiddenLayers.Add(name);
                gone.Add(layer);
                bytes += size;
            }
        }
        if (blobs is { Count: 0 } && layers is { Count: 0 })
            return ([], 0);
        CompleteRelations();
        _database.Sweep(Hide);
        foreach (string name in hiddenBlobs)
            Content.RemoveHidden(name);
        foreach (string name in hiddenLayers)
            Layers.RemoveHidden(name);
        return (gone, bytes);
    }

    /// <summary>Finds out the blobs of images that an older version of the database knew without them.</summary>
    private void CompleteRelations()
    {
        foreach (ImageRecord image in _database.ListIncomplete())
        {
            HashSet<Digest> blobs = [image.Manifest, image.Id];
            try
            {
                blobs = BlobsOf(image.Manifest, ReadManifest(image.Manifest, image.ManifestSize));
            }
            catch (ContainerException)
            {
                // Its manifest is lost or damaged: no layer of it can be told from others', and the check will say so.
            }
            _database.Set(new NamedImage(null, image.Manifest, image), blobs);
        }
    }
}
