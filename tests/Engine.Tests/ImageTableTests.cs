using Rundlet.Engine.State;
using Rundlet.Images.References;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Engine.Tests;

public sealed class ImageTableTests
{
    private static readonly Digest s_config = Digest.Of("config"u8), s_layer = Digest.Of("layer"u8), s_index = Digest.Of("index"u8), s_blob = Digest.Of("blob"u8);

    [Fact]
    public void An_image_comes_back_as_it_was_with_its_layers_in_order()
    {
        using TestRoot root = new();
        ImageTable images = new(root.Database);
        ImageRecord record = Record("one", Digest.Of("z"u8), Digest.Of("a"u8), Digest.Of("m"u8));
        images.Set(new NamedImage("a:1", s_index, record), [record.Manifest, s_config]);
        NamedImage found = images.TryGet("a:1")!;
        Assert.Equal(("a:1", s_index), (found.Name, found.Target));
        Assert.Equal(record.Layers, found.Image.Layers);
        Assert.Equal(record with { Layers = found.Image.Layers }, found.Image);
        Assert.Equal(new HashSet<Digest> { record.Manifest, s_config }, [.. images.BlobsOf(record.Manifest)]);
        Assert.Single(images.FindById(s_config.Hex[..6]));
        Assert.Single(images.FindByDigest(s_index));
        Assert.Empty(images.FindByDigest(s_config));
        Assert.Null(images.TryGet("a:2"));
    }

    [Fact]
    public void A_brief_list_has_the_same_images_and_reads_their_layers_when_asked()
    {
        using TestRoot root = new();
        ImageTable images = new(root.Database);
        ImageRecord named = Record("one", Digest.Of("z"u8), Digest.Of("a"u8)), unnamed = Record("two", Digest.Of("z"u8)), bare = Record("three");
        images.Set(new NamedImage("b:1", s_index, named), [named.Manifest]);
        images.Set(new NamedImage("a:1", bare.Manifest, bare), [bare.Manifest]);
        images.Set(new NamedImage(null, unnamed.Manifest, unnamed), [unnamed.Manifest]);
        IReadOnlyList<NamedImage> brief = images.ListBriefly();
        Assert.Equal([("a:1", bare.Manifest), ("b:1", s_index), (null, unnamed.Manifest)], brief.Select(image => (image.Name, image.Target)));
        Assert.Equal([bare.Layers, named.Layers, unnamed.Layers], brief.Select(image => image.Image.Layers));
        Assert.Equal([bare, named, unnamed], brief.Zip((ImageRecord[])[bare, named, unnamed], (image, record) => image.Image with { Layers = record.Layers }));
    }

    [Fact]
    public void An_image_stays_while_a_name_or_a_container_points_at_it()
    {
        using TestRoot root = new();
        ImageTable images = new(root.Database);
        ContainerTable containers = new(root.Database);
        ImageRecord record = Record("one", s_layer);
        images.Set(new NamedImage("a:1", record.Manifest, record), [record.Manifest]);
        ContainerRecord container = TestRoot.Record("web") with { Manifest = record.Manifest.ToString() };
        containers.Insert(container, "create");
        Assert.False(images.Forget(record.Manifest));
        Assert.True(images.Remove("a:1"));
        Assert.False(images.Remove("a:1"));
        Assert.False(images.Forget(record.Manifest));
        Assert.Equal(["web"], images.ContainersOf(record.Manifest));
        Assert.Equal([record.Manifest], images.ListUnnamed().Select(named => named.Image.Manifest));
        containers.Delete(container);
        Assert.True(images.Forget(record.Manifest));
        Assert.Empty(images.BlobsOf(record.Manifest));
    }

    [Fact]
    public void A_container_of_an_image_that_was_removed_meanwhile_is_refused()
    {
        using TestRoot root = new();
        var error = Assert.Throws<ContainerException>(() =>
            new ContainerTable(root.Database).Insert(TestRoot.Record("web") with { Manifest = s_index.ToString() }, "create"));
        Assert.Equal(ContainerErrorKind.NotFound, error.Kind);
        Assert.Contains("removed meanwhile", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sweep_is_told_of_images_and_of_leases_of_the_living()
    {
        using TestRoot root = new();
        ImageTable images = new(root.Database);
        ImageRecord record = Record("one", s_layer);
        images.Set(new NamedImage("a:1", record.Manifest, record), [record.Manifest, s_config]);
        using IImageLease lease = images.Lease();
        lease.Add([s_blob]);
        // A process that is gone: nobody starts at tick 1 with this pid.
        root.Database.Run($"INSERT INTO leases VALUES (77, {Environment.ProcessId}, 1)");
        root.Database.Run($"INSERT INTO lease_contents VALUES (77, '{s_index}')");
        ContentInUse? used = null;
        images.Sweep(all => used = all);
        Assert.True(used!.Blobs.SetEquals([record.Manifest, s_config, s_blob]));
        Assert.True(used.Layers.SetEquals([s_layer, s_blob]));
        lease.Dispose();
        images.Sweep(all => used = all);
        Assert.DoesNotContain(s_blob, used.Blobs);
    }

    [Fact]
    public void References_survive_concurrent_writers()
    {
        using TestRoot root = new();
        ImageRecord record = Record("one", s_layer);
        Parallel.For(0, 20, i =>
        {
            using Database own = Database.Open(root.Paths.StateFile);
            new ImageTable(own).Set(new NamedImage($"n{i:d2}", record.Manifest, record), [record.Manifest]);
        });
        Assert.Equal(20, new ImageTable(root.Database).List().Count);
    }

    [Fact]
    public void Images_of_the_first_version_are_taken_over_with_their_layers_and_containers()
    {
        using TestRoot root = new();
        string path = $"{root.Paths.Root}/old.db";
        ImageRecord record = Record("one", Digest.Of("z"u8), Digest.Of("a"u8));
        using (Database old = Database.Open(path))
        {
            foreach (string table in (string[])["container_images", "container_networks", "networks", "id_ranges", "container_volumes", "volumes", "image_references", "image_layers", "image_blobs", "lease_contents", "leases"])
                old.Run($"DROP TABLE {table}");
            foreach (string index in (string[])["containers_by_manifest", "containers_by_claim", "containers_passing"])
                old.Run($"DROP INDEX {index}");
            old.Run("ALTER TABLE containers DROP COLUMN claim_holder");
            old.Run("ALTER TABLE containers DROP COLUMN manifest");
            old.Run("DROP TABLE images");
            old.Run("CREATE TABLE image_references (name TEXT PRIMARY KEY, media_type TEXT NOT NULL, manifest TEXT NOT NULL, manifest_size INTEGER NOT NULL, id TEXT NOT NULL, layers TEXT NOT NULL, size INTEGER NOT NULL, created INTEGER) STRICT, WITHOUT ROWID");
            foreach (string name in (string[])["a", "b"])
                old.Run($"INSERT INTO image_references VALUES ('{name}', 'type', '{record.Manifest}', 7, '{record.Id}', '{string.Join(' ', record.Layers)}', 9, NULL)");
            old.Run($"INSERT INTO containers VALUES ('{new string('a', 64)}', 'web', 'a', '{record.Id}', '', 0, 0, '', NULL, NULL, NULL)");
            old.Run("PRAGMA user_version = 1");
        }
        using Database database = Database.Open(path);
        ImageTable images = new(database);
        Assert.Equal(["a", "b"], images.List().Select(named => named.Name));
        Assert.Equal(record.Layers, images.TryGet("b")!.Image.Layers);
        Assert.Equal(["web"], images.ContainersOf(record.Manifest));
        Assert.Single(images.ListIncomplete());
        Assert.Equal(ContainerErrorKind.Conflict, Assert.Throws<ContainerException>(() => images.Sweep(_ => { })).Kind);
    }

    private static ImageRecord Record(string content, params Digest[] layers) => new()
    {
        MediaType = MediaTypes.Manifest,
        Manifest = Digest.Of(System.Text.Encoding.UTF8.GetBytes(content)),
        ManifestSize = 7,
        Id = s_config,
        Layers = layers,
        Size = 9,
        Created = DateTimeOffset.FromUnixTimeMilliseconds(5_000),
    };
}
