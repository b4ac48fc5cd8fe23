using Rundlet.Images.References;
using Rundlet.Oci;

namespace Rundlet.Engine.State;

/// <summary>References of images, in the state file.</summary>
public sealed class ReferenceTable(Database database) : IReferenceStore
{
    private const string Columns = "name, media_type, manifest, manifest_size, id, layers, size, created";

    /// <inheritdoc/>
    public ImageRecord? TryGet(string reference)
    {
        using Statement statement = database.Prepare($"SELECT {Columns} FROM image_references WHERE name = ?1");
        return statement.Bind(1, reference).Next() ? Read(statement) : null;
    }

    /// <inheritdoc/>
    public void Set(string reference, ImageRecord record) => database.Transact(durable: true, () =>
    {
        using Statement statement = database.Prepare($"INSERT OR REPLACE INTO image_references ({Columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
        statement.Bind(1, reference).Bind(2, record.MediaType).Bind(3, record.Manifest.ToString()).Bind(4, record.ManifestSize)
            .Bind(5, record.Id.ToString()).Bind(6, string.Join(' ', record.Layers)).Bind(7, record.Size).Bind(8, record.Created?.ToUnixTimeMilliseconds())
            .Next();
    });

    /// <inheritdoc/>
    public bool Remove(string reference) => database.Transact(durable: true, () =>
    {
        using Statement statement = database.Prepare("DELETE FROM image_references WHERE name = ?1");
        statement.Bind(1, reference).Next();
        return database.Changes > 0;
    });

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<string, ImageRecord>> List()
    {
        using Statement statement = database.Prepare($"SELECT {Columns} FROM image_references ORDER BY name");
        List<KeyValuePair<string, ImageRecord>> all = [];
        while (statement.Next())
            all.Add(new KeyValuePair<string, ImageRecord>(statement.Text(0), Read(statement)));
        return all;
    }

    private static ImageRecord Read(Statement row) => new()
    {
        MediaType = row.Text(1),
        Manifest = Digest.Parse(row.Text(2)),
        ManifestSize = row.Number(3),
        Id = Digest.Parse(row.Text(4)),
        Layers = [.. row.Text(5).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Digest.Parse)],
        Size = row.Number(6),
        Created = row.NumberOrNull(7) is { } created ? DateTimeOffset.FromUnixTimeMilliseconds(created) : null,
    };
}
