using System.Text;
using Rundlet.Images.Archives;
using Rundlet.Images.References;
using Rundlet.Images.Tests.Store;
using Rundlet.Images.Tests.Tar;
using Rundlet.Linux;

namespace Rundlet.Images.Tests.Archives;

public class SaveAndLoadTests
{
    public SaveAndLoadTests() => Sandbox.SkipUnlessRoot();

    [Theory]
    [InlineData(ArchiveFormat.Docker, "tar")]
    [InlineData(ArchiveFormat.Docker, "gzip")]
    [InlineData(ArchiveFormat.Docker, "zstd")]
    [InlineData(ArchiveFormat.Oci, "gzip")]
    [InlineData(ArchiveFormat.Oci, "zstd")]
    public void What_was_saved_is_loaded_elsewhere_as_the_same_image(ArchiveFormat format, string packing)
    {
        using StoreFixture here = new(), there = new();
        Pictures.AddBase(here, packing: packing);
        ImageRecord saved = Pictures.AddOn(here, "base", "team/web:2");
        byte[] archive = Pictures.Save(here, format, "team/web:2");
        LoadedImage loaded = Assert.Single(there.Images.Load(new MemoryStream(archive)));
        Assert.Equal("docker.io/team/web:2", loaded.Name!.ToString());
        Assert.Equal(saved.Id, loaded.Image.Id);
        Assert.Equal(saved.Layers, loaded.Image.Layers);
        if (format == ArchiveFormat.Oci)
            Assert.Equal(saved.Manifest, loaded.Image.Manifest);
        Assert.All(loaded.Image.Layers, layer => Assert.True(there.Images.Layers.Has(layer)));
        Assert.Equal("changed for team/web:2", File.ReadAllText($"{there.Path}/layers/{loaded.Image.Layers[1].Hex}/fs/etc/name"));
        Assert.Equal(archive, Pictures.Save(there, format, "team/web:2"));
        // Once more is no change, and leaves nothing over.
        string[] blobs = there.Files("blobs/sha256");
        Assert.Single(there.Images.Load(new MemoryStream(archive)));
        Assert.Equal(blobs, there.Files("blobs/sha256"));
        Assert.Empty(there.Files("blobs/ingest"));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public void A_docker_archive_of_an_image_that_is_here_packed_keeps_its_digest_and_adds_nothing(string packing)
    {
        using var store = new StoreFixture();
        Pictures.AddBase(store, packing: packing);
        ImageRecord image = Pictures.AddOn(store, "base", "web");
        byte[] archive = Pictures.Save(store, ArchiveFormat.Docker, "web");
        store.Images.Remove("web");
        Pictures.AddOn(store, "base", "kept");
        string[] blobs = store.Files("blobs/sha256");
        byte[] kept = Pictures.Save(store, ArchiveFormat.Docker, "kept");
        ImageRecord known = store.Images.Inspect("kept").Record;
        Assert.Equal(known, Assert.Single(store.Images.Load(new MemoryStream(kept))).Image with { Layers = known.Layers });
        Assert.Equal(blobs, store.Files("blobs/sha256"));

        // One that is not here comes as the archive has it.
        ImageRecord loaded = Assert.Single(store.Images.Load(new MemoryStream(archive))).Image;
        Assert.Equal((image.Id, true), (loaded.Id, loaded.Manifest != image.Manifest));
        Assert.Empty(store.Images.ListUnnamed());
    }

    [Theory]
    [InlineData(ArchiveFormat.Docker)]
    [InlineData(ArchiveFormat.Oci)]
    public void Several_images_share_their_layers_and_their_order_says_nothing(ArchiveFormat format)
    {
        using StoreFixture here = new(), there = new();
        ImageRecord below = Pictures.AddBase(here);
        Pictures.AddOn(here, "base", "one");
        ImageRecord two = Pictures.AddOn(here, "base", "two");
        here.Images.Tag("two", ImageReference.Parse("second/name"));
        byte[] archive = Pictures.Save(here, format, "one", "two", "base", "second/name");
        Assert.Equal(archive, Pictures.Save(here, format, "second/name", "base", "two", "one", "two"));
        string[] names = [.. TarReaderTests.ReadAll(archive).Select(read => Encoding.ASCII.GetString(read.Entry.Name))];
        Assert.Equal(names.Distinct(), names);
        Assert.Equal(format == ArchiveFormat.Docker ? 1 + 3 + 3 : 3 + 2 + 3 + 3 + 3, names.Length);
        Assert.Equal(["docker.io/library/base:latest", "docker.io/library/one:latest", "docker.io/library/two:latest", "docker.io/second/name:latest"],
            there.Images.Load(new Trickle(archive, 10_000)).Select(image => image.Name!.ToString()).Order(StringComparer.Ordinal));
        Assert.Equal(two.Id, there.Images.Inspect("second/name").Id);
        Assert.Equal(below.Id, there.Images.Inspect("base").Id);
    }

    [Theory]
    [InlineData(ArchiveFormat.Docker)]
    [InlineData(ArchiveFormat.Oci)]
    public void Images_named_by_their_ids_have_no_name_in_the_archive(ArchiveFormat format)
    {
        using StoreFixture here = new(), there = new();
        ImageRecord named = Pictures.AddBase(here);
        ImageRecord unnamed = Pictures.AddOn(here, "base", null);
        IReadOnlyList<LoadedImage> loaded = there.Images.Load(new MemoryStream(Pictures.Save(here, format, named.Id.Hex[..12], unnamed.Id.ToString())));
        Assert.All(loaded, image => Assert.Null(image.Name));
        Assert.Equal(((IEnumerable<Oci.Digest>)[named.Id, unnamed.Id]).Select(id => id.Hex).Order(), loaded.Select(image => image.Image.Id.Hex).Order());
        Assert.Equal(2, there.Images.ListUnnamed().Count);
        using StoreFixture elsewhere = new();
        Assert.Equal("docker.io/library/mine:latest", elsewhere.Images.Load(new MemoryStream(Pictures.Save(here, format, unnamed.Id.ToString())), new LoadOptions { Name = ImageReference.Parse("mine") })[0].Name!.ToString());
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public void A_packed_archive_is_unpacked_on_the_way(string packing)
    {
        using StoreFixture here = new(), there = new();
        ImageRecord saved = Pictures.AddBase(here);
        byte[] packed = ImageStoreTests.Pack(Pictures.Save(here, ArchiveFormat.Docker, "base"), packing);
        Assert.Equal(saved.Id, Assert.Single(there.Images.Load(new MemoryStream(packed))).Image.Id);
        using StoreFixture elsewhere = new();
        Assert.Equal(saved.Id, Assert.Single(elsewhere.Images.Load(new Trickle(packed, 100))).Image.Id);
    }

    [Fact]
    public void What_cannot_be_saved_is_said_before_anything_is_written()
    {
        using StoreFixture store = new();
        Pictures.AddBase(store);
        var archive = new MemoryStream();
        Assert.Equal(ContainerErrorKind.NotFound, Assert.Throws<ContainerException>(() => store.Images.Save(["base", "none"], archive, ArchiveFormat.Oci)).Kind);
        Assert.Equal(0, archive.Length);
    }

    [Theory]
    [InlineData(ArchiveFormat.Docker)]
    [InlineData(ArchiveFormat.Oci)]
    public void A_damaged_blob_is_not_saved(ArchiveFormat format)
    {
        using StoreFixture store = new();
        ImageRecord record = Pictures.AddBase(store, packing: "tar");
        string blob = $"{store.Path}/blobs/sha256/{store.Images.Inspect("base").Manifest.Layers[0].Digest.Hex}";
        byte[] bytes = File.ReadAllBytes(blob);
        bytes[^600] ^= 1;
        File.WriteAllBytes(blob, bytes);
        Assert.Contains(record.Layers[0].Hex, Assert.Throws<ContainerException>(() => Pictures.Save(store, format, "base")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_load_leaves_nothing()
    {
        using StoreFixture here = new(), there = new();
        Pictures.AddBase(here);
        Pictures.AddOn(here, "base", "web");
        foreach (ArchiveFormat format in Enum.GetValues<ArchiveFormat>())
        {
            byte[] archive = Pictures.Save(here, format, "web");
            for (int at = 0; at < archive.Length; at += 1024)
            {
                using var cancel = new CancellationTokenSource();
                using var source = new Tripwire(archive, at, cancel.Cancel);
                Assert.Throws<OperationCanceledException>(() => there.Images.Load(source, cancel: cancel.Token));
                Pictures.AssertEmpty(there);
            }
        }
    }

    [Fact]
    public void A_cut_off_archive_leaves_nothing()
    {
        using StoreFixture here = new(), there = new();
        Pictures.AddBase(here);
        byte[] archive = Pictures.Save(here, ArchiveFormat.Docker, "base");
        for (int length = 512; length < archive.Length - 1024; length += 512)
        {
            Assert.Throws<ContainerException>(() => there.Images.Load(new MemoryStream(archive, 0, length)));
            Pictures.AssertEmpty(there);
        }
    }
}
