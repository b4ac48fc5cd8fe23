using Rundlet.Images.References;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Engine.State;

/// <summary>Images, their names and what they consist of, in the state file.</summary>
public sealed partial class ImageTable(Database database) : IImageDatabase
{
    private const string Layers = "(SELECT group_concat(chain_id, ' ') FROM (SELECT chain_id FROM image_layers l WHERE l.manifest = i.manifest ORDER BY position))";
    private const string Columns = $"i.media_type, i.manifest, i.manifest_size, i.id, {Layers}, i.size, i.created";
    private const string Named = $"SELECT {Columns}, r.name, r.target FROM image_references r JOIN images i ON i.manifest = r.manifest";

    /// <inheritdoc/>
    public NamedImage? TryGet(string reference) => SelectNamed($"{Named} WHERE r.name = ?1", reference) is [var found, ..] ? found : null;

    /// <inheritdoc/>
    public ImageRecord? TryGetImage(Digest manifest) =>
        Select($"SELECT {Columns} FROM images i WHERE i.manifest = ?1", manifest.ToString()) is [var found, ..] ? found : null;

    /// <inheritdoc/>
    public IReadOnlyList<ImageRecord> FindById(string hex) => // 'g' sorts right behind 'f', the last digit
        Select($"SELECT {Columns} FROM images i WHERE i.id >= ?1 AND i.id < ?1 || 'g' ORDER BY i.manifest", $"sha256:{hex}");

    /// <inheritdoc/>
    public IReadOnlyList<NamedImage> FindByDigest(Digest digest) =>
        SelectNamed($"{Named} WHERE r.target = ?1 OR r.manifest = ?1 ORDER BY r.name", digest.ToString());

    /// <inheritdoc/>
    public IReadOnlyList<NamedImage> List() => SelectNamed($"{Named} ORDER BY r.name", null);

    /// <inheritdoc/>
    public IReadOnlyList<NamedImage> ListUnnamed() =>
        [.. Select($"SELECT {Columns} FROM images i WHERE NOT EXISTS (SELECT 1 FROM image_references r WHERE r.manifest = i.manifest) ORDER BY i.manifest", null)
            .Select(image => new NamedImage(null, image.Manifest, image))];

    /// <inheritdoc/>
    public void Set(NamedImage image, IReadOnlyCollection<Digest> blobs) => database.Transact(durable: true, () =>
    {
        ImageRecord record = image.Image;
        string manifest = record.Manifest.ToString();
        using (Statement add = database.Prepare("INSERT OR IGNORE INTO images (manifest, media_type, manifest_size, id, size, created) VALUES (?, ?, ?, ?, ?, ?)"))
        {
            add.Bind(1, manifest).Bind(2, record.MediaType).Bind(3, record.ManifestSize).Bind(4, record.Id.ToString())
                .Bind(5, record.Size).Bind(6, record.Created?.ToUnixTimeMilliseconds()).Next();
        }
        for (int position = 0; position < record.Layers.Count; position++)
        {
            using Statement add = database.Prepare("INSERT OR IGNORE INTO image_layers (manifest, position, chain_id) VALUES (?, ?, ?)");
            add.Bind(1, manifest).Bind(2, position).Bind(3, record.Layers[position].ToString()).Next();
        }
        foreach (Digest blob in blobs)
        {
            using Statement add = database.Prepare("INSERT OR IGNORE INTO image_blobs (manifest, blob) VALUES (?, ?)");
            add.Bind(1, manifest).Bind(2, blob.ToString()).Next();
        }
        if (image.Name is null)
            return;
        using Statement name = database.Prepare("INSERT INTO image_references (name, target, manifest) VALUES (?1, ?2, ?3) ON CONFLICT (name) DO UPDATE SET target = ?2, manifest = ?3");
        name.Bind(1, image.Name).Bind(2, image.Target.ToString()).Bind(3, manifest).Next();
    });

    /// <inheritdoc/>
    public IReadOnlyList<Digest> BlobsOf(Digest manifest) => [.. Digests("SELECT blob FROM image_blobs WHERE manifest = ?1 ORDER BY blob", manifest.ToString())];

    /// <inheritdoc/>
    public IReadOnlyList<ImageRecord> ListIncomplete() =>
        Select($"SELECT {Columns} FROM images i WHERE NOT EXISTS (SELECT 1 FROM image_blobs b WHERE b.manifest = i.manifest) ORDER BY i.manifest", null);

    /// <inheritdoc/>
    public bool Remove(string reference) => database.Transact(durable: true, () => Run("DELETE FROM image_references WHERE name = ?1", reference));

    /// <inheritdoc/>
    public bool Forget(Digest manifest) => database.Transact(durable: true, () => Run(
        """
        DELETE FROM images WHERE manifest = ?1
            AND NOT EXISTS (SELECT 1 FROM image_references r WHERE r.manifest = ?1)
            AND NOT EXISTS (SELECT 1 FROM containers c WHERE c.manifest = ?1)
            AND NOT EXISTS (SELECT 1 FROM container_images m WHERE m.manifest = ?1)
        """,
        manifest.ToString()));

    /// <inheritdoc/>
    public IReadOnlyList<string> ContainersOf(Digest manifest) => Texts(
        "SELECT name FROM containers WHERE manifest = ?1 UNION SELECT c.name FROM container_images m JOIN containers c ON c.id = m.container WHERE m.manifest = ?1 ORDER BY 1",
        manifest.ToString());

    /// <inheritdoc/>
    public IImageLease Lease() => new ImageLease(database);

    /// <inheritdoc/>
    public void Sweep(Action<ContentInUse> remove) => database.Transact(durable: false, () =>
    {
        ImageLease.RemoveDead(database);
        if (ListIncomplete() is [var incomplete, ..])
            throw new ContainerException(ContainerErrorKind.Conflict, $"the blobs of image '{incomplete.Manifest}' are not known");
        IReadOnlySet<Digest> leased = Digests("SELECT digest FROM lease_contents", null);
        HashSet<Digest> blobs = Digests("SELECT DISTINCT blob FROM image_blobs", null), layers = Digests("SELECT DISTINCT chain_id FROM image_layers", null);
        blobs.UnionWith(leased);
        layers.UnionWith(leased);
        remove(new ContentInUse(blobs, layers));
    });

    private bool Run(string sql, string parameter)
    {
        using Statement statement = database.Prepare(sql);
        statement.Bind(1, parameter).Next();
        return database.Changes > 0;
    }

    private List<string> Texts(string sql, string? parameter)
    {
        using Statement statement = database.Prepare(sql);
        if (parameter is not null)
            statement.Bind(1, parameter);
        List<string> texts = [];
        while (statement.Next())
            texts.Add(statement.Text(0));
        return texts;
    }

    private HashSet<Digest> Digests(string sql, string? parameter) => [.. Texts(sql, parameter).Select(Digest.Parse)];

    private List<ImageRecord> Select(string sql, string? parameter)
    {
        using Statement statement = database.Prepare(sql);
        if (parameter is not null)
            statement.Bind(1, parameter);
        List<ImageRecord> all = [];
        while (statement.Next())
            all.Add(Read(statement));
        return all;
    }

    private List<NamedImage> SelectNamed(string sql, string? parameter)
    {
        using Statement statement = database.Prepare(sql);
        if (parameter is not null)
            statement.Bind(1, parameter);
        List<NamedImage> all = [];
        while (statement.Next())
            all.Add(new NamedImage(statement.Text(7), Digest.Parse(statement.Text(8)), Read(statement)));
        return all;
    }

    private static ImageRecord Read(Statement row) => new()
    {
        MediaType = row.Text(0),
        Manifest = Digest.Parse(row.Text(1)),
        ManifestSize = row.Number(2),
        Id = Digest.Parse(row.Text(3)),
        Layers = [.. (row.TextOrNull(4) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Digest.Parse)],
        Size = row.Number(5),
        Created = row.NumberOrNull(6) is { } created ? DateTimeOffset.FromUnixTimeMilliseconds(created) : null,
    };
}
