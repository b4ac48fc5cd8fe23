using Rundlet.Images.References;
using Rundlet.Oci;

namespace Rundlet.Engine.State;

public sealed partial class ImageTable
{
    private const string BriefColumns = "i.media_type, i.manifest, i.manifest_size, i.id, i.size, i.created, r.name, r.target";

    /// <summary>
    /// All references, sorted by name, then images that none points at, to be looked at only: their layers are read when somebody asks for
    /// them, since of a long list they are nearly all that takes time.
    /// </summary>
    public IReadOnlyList<NamedImage> ListBriefly()
    {
        using Statement row = database.Prepare($"SELECT {BriefColumns} FROM images i LEFT JOIN image_references r ON r.manifest = i.manifest ORDER BY r.name IS NULL, r.name, i.manifest");
        List<NamedImage> all = [];
        while (row.Next())
        {
            Digest manifest = Digest.Parse(row.Text(1));
            var image = new ImageRecord
            {
                MediaType = row.Text(0),
                Manifest = manifest,
                ManifestSize = row.Number(2),
                Id = Digest.Parse(row.Text(3)),
                Layers = new StoredLayers(database, manifest),
                Size = row.Number(4),
                Created = row.NumberOrNull(5) is { } created ? DateTimeOffset.FromUnixTimeMilliseconds(created) : null,
            };
            all.Add(new NamedImage(row.TextOrNull(6), row.TextOrNull(7) is { } target ? Digest.Parse(target) : manifest, image));
        }
        return all;
    }
}
