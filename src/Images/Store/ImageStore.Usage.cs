using Rundlet.Images.References;
using Rundlet.Oci;

namespace Rundlet.Images;

public sealed partial class ImageStore
{
    /// <summary>What all images take, and each. Looks at sizes only.</summary>
    /// <exception cref="Syscalls.LinuxException">The kernel refused.</exception>
    public StoreUsage Usage()
    {
        CompleteRelations();
        Dictionary<Digest, long> blobs = Content.List().ToDictionary(blob => blob, blob => Math.Max(0, Content.SizeOf(blob)));
        Dictionary<Digest, long> layers = Layers.List().ToDictionary(layer => layer, Layers.SizeOf);
        List<NamedImage> named = [.. _database.List(), .. _database.ListUnnamed()];
        List<(ImageRecord Image, IReadOnlyList<string> Names, IReadOnlyList<Digest> Blobs)> images =
            [.. named.GroupBy(image => image.Image.Manifest).Select(group =>
                (group.First().Image, (IReadOnlyList<string>)[.. group.Select(image => image.Name).OfType<string>()], _database.BlobsOf(group.Key)))];
        Dictionary<Digest, int> blobUsers = Count(images.SelectMany(image => image.Blobs)), layerUsers = Count(images.SelectMany(image => image.Image.Layers.Distinct()));
        List<ImageUsage> usages = [];
        HashSet<Digest> needed = [];
        foreach ((ImageRecord image, IReadOnlyList<string> names, IReadOnlyList<Digest> own) in images)
        {
            IReadOnlyList<string> containers = _database.ContainersOf(image.Manifest);
            long size = Sum(own, blobs) + Sum(image.Layers.Distinct(), layers);
            long shared = Sum(own.Where(blob => blobUsers[blob] > 1), blobs) + Sum(image.Layers.Distinct().Where(layer => layerUsers[layer] > 1), layers);
            usages.Add(new ImageUsage(image, names, size, shared, containers));
            if (containers.Count > 0)
                needed.UnionWith([.. own, .. image.Layers]);
        }
        // A layer of one archive is called after it: a blob that is not packed may have the name of a layer.
        long total = blobs.Values.Sum() + layers.Values.Sum();
        return new StoreUsage(usages, total, total - Sum(needed, blobs) - Sum(needed, layers));
    }

    private static long Sum(IEnumerable<Digest> digests, Dictionary<Digest, long> sizes) => digests.Sum(digest => sizes.GetValueOrDefault(digest));

    private static Dictionary<Digest, int> Count(IEnumerable<Digest> digests) => digests.CountBy(digest => digest).ToDictionary();
}
