using Rundlet.Images.References;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images;

public sealed partial class ImageStore
{
    /// <summary>
    /// Forgets one reference, or with an id all references to that image; then removes the blobs and layers that nothing uses any more.
    /// </summary>
    /// <param name="nameOrId">As for <see cref="Inspect"/>.</param>
    /// <param name="layersInUse">Chain ids that containers still need; theirs and all layers below must be in it.</param>
    /// <returns>The references that were forgotten, in normal form.</returns>
    /// <inheritdoc cref="Inspect" path="/exception"/>
    public IReadOnlyList<string> Remove(string nameOrId, IReadOnlySet<Digest> layersInUse)
    {
        (ImageReference? reference, ImageRecord record) = Find(nameOrId);
        List<string> names = reference is not null
            ? [reference.ToString()]
            : [.. _references.List().Where(pair => pair.Value.Id == record.Id).Select(pair => pair.Key)];
        var blobs = new HashSet<Digest> { record.Manifest, record.Id };
        foreach (Descriptor layer in ReadManifest(record.Manifest, record.ManifestSize).Layers)
            blobs.Add(layer.Digest);
        // References go first: a crash after this leaves blobs that nothing names, never a name without its blobs.
        foreach (string name in names)
            _references.Remove(name);

        var layers = new HashSet<Digest>(record.Layers);
        layers.ExceptWith(layersInUse);
        foreach ((_, ImageRecord other) in _references.List())
        {
            layers.ExceptWith(other.Layers);
            blobs.Remove(other.Manifest);
            blobs.Remove(other.Id);
            if (blobs.Count > 0)
                blobs.ExceptWith(ReadManifest(other.Manifest, other.ManifestSize).Layers.Select(layer => layer.Digest));
        }
        foreach (Digest layer in layers)
            Layers.Delete(layer);
        foreach (Digest blob in blobs)
            Content.Delete(blob);
        return names;
    }
}
