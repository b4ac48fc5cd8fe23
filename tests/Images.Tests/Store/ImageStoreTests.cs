using System.IO.Compression;
using System.Text;
using Rundlet.Images.Files;
using Rundlet.Images.References;
using Rundlet.Images.Snapshots;
using Rundlet.Images.Tests.Tar;
using Rundlet.Linux;
using Rundlet.Linux.Mounts;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Images.Tests.Store;

public class ImageStoreTests
{
    public ImageStoreTests() => Sandbox.SkipUnlessRoot();

    private static byte[] RootFs => RawTar.New.Folder("etc").File("etc/name", "rundlet").File("run.sh", "#!/bin/sh", "0000755").Ended;

    public static TheoryData<string, string> Packings => new()
    {
        { "tar", MediaTypes.Layer },
        { "gzip", MediaTypes.LayerGzip },
        { "zstd", MediaTypes.LayerZstd },
    };

    [Theory]
    [MemberData(nameof(Packings))]
    public void An_imported_archive_is_an_image_whose_blob_is_the_archive(string packing, string mediaType)
    {
        using var store = new StoreFixture();
        byte[] archive = Pack(RootFs, packing);
        ImageRecord record = store.Images.Import(new Trickle(archive, 100), ImageReference.Parse("mine"), new ImportOptions { Config = new ContainerConfig { Cmd = ["/run.sh"] } });
        Image image = store.Images.Inspect("mine");
        Assert.Equal(record.Id, image.Id);
        Descriptor layer = Assert.Single(image.Manifest.Layers);
        Assert.Equal((mediaType, Digest.Of(archive), (long)archive.Length), (layer.MediaType, layer.Digest, layer.Size));
        Assert.Equal([Digest.Of(RootFs)], image.Config.RootFs.DiffIds);
        Assert.Equal(["/run.sh"], image.Config.Config!.Cmd);
        Digest chainId = Assert.Single(store.Images.Unpack(image));
        Assert.Equal("rundlet", File.ReadAllText($"{store.Path}/layers/{chainId.Hex}/fs/etc/name"));
        Assert.Equal(new(chainId, Digest.Of(RootFs), 16), store.Images.Layers.TryGet(chainId));
        Assert.Equal(image.Id, store.Images.Inspect(image.Id.Hex[..12]).Id);
        Assert.Empty(store.Files("layers/ingest"));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public void A_damaged_archive_leaves_nothing(string packing)
    {
        using var store = new StoreFixture();
        byte[] archive = Pack([.. RawTar.New.Entry('0', "noise", content: Noise(300_000)).Ended], packing);
        byte[] flipped = [.. archive];
        flipped[archive.Length / 2] ^= 0xff;
        foreach (byte[] bad in new[] { archive[..(archive.Length / 2)], flipped, [], "not an archive"u8.ToArray() })
        {
            var error = Assert.Throws<ContainerException>(() => store.Images.Import(new MemoryStream(bad), ImageReference.Parse("bad")));
            Assert.Equal(ContainerErrorKind.InvalidArgument, error.Kind);
        }
        Assert.Empty(store.Images.List());
        Assert.Equal(["ingest"], store.Files("layers"));
        Assert.Empty(store.Files("layers/ingest"));
        Assert.Empty(store.Files("blobs/sha256"));
        Assert.Empty(store.Files("blobs/ingest"));
    }

    [Fact]
    public void Archives_packed_otherwise_are_named()
    {
        using var store = new StoreFixture();
        byte[] xz = [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, 0, 0];
        var error = Assert.Throws<ContainerException>(() => store.Images.Import(new MemoryStream(xz), ImageReference.Parse("bad")));
        Assert.Equal(ContainerErrorKind.Unsupported, error.Kind);
        Assert.Contains("packed with xz", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_window_bomb_of_zstd_is_refused()
    {
        using var store = new StoreFixture();
        // A frame header that asks for a window of 2 GiB, then one raw block.
        byte[] bomb = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x01, 0x00, 0x00];
        var error = Assert.Throws<ContainerException>(() => store.Images.Import(new MemoryStream(bomb), ImageReference.Parse("bad")));
        Assert.Equal(ContainerErrorKind.InvalidArgument, error.Kind);
    }

    [Fact]
    public void An_embedded_layout_is_loaded_once()
    {
        using var store = new StoreFixture();
        byte[] layout = Layout(out Digest manifest);
        ImageReference name = ImageReference.Parse("hello");
        ImageRecord first = store.Images.EnsureEmbedded(new MemoryStream(layout), name);
        Assert.Equal(manifest, first.Manifest);
        Assert.Single(store.Images.Unpack(store.Images.Inspect("hello")));
        int changes = store.Database.Changes;
        var second = new MemoryStream(layout);
        Assert.Equal(first.Id, store.Images.EnsureEmbedded(second, name).Id);
        Assert.Equal(changes, store.Database.Changes);
        // A blob that got lost comes back.
        store.Images.Content.Delete(manifest);
        store.Images.EnsureEmbedded(new MemoryStream(layout), name);
        Assert.True(store.Images.Content.Has(manifest));
    }

    [Fact]
    public void A_layout_whose_blob_is_not_what_its_name_says_is_refused()
    {
        using var store = new StoreFixture();
        byte[] wrong = RawTar.New.File("oci-layout", """{"imageLayoutVersion":"1.0.0"}""").File($"blobs/sha256/{new string('0', 64)}", "x").Ended;
        Assert.Throws<ContainerException>(() => store.Images.Load(new MemoryStream(wrong)));
        byte[] escaping = RawTar.New.File("blobs/sha256/../../../canary", "x").Ended;
        Assert.Throws<ContainerException>(() => store.Images.Load(new MemoryStream(escaping)));
        Assert.Empty(store.Files("blobs/sha256"));
    }

    [Fact]
    public void Removing_the_last_reference_removes_blobs_and_layers()
    {
        using var store = new StoreFixture();
        ImageRecord record = store.Images.Import(new MemoryStream(RootFs), ImageReference.Parse("a"));
        store.Images.Tag("a", ImageReference.Parse("b"));
        RemovedImages first = store.Images.Remove("a");
        Assert.Equal(["docker.io/library/a:latest"], first.Untagged);
        Assert.Empty(first.Deleted);
        Assert.Equal(3, store.Files("blobs/sha256").Length);
        RemovedImages last = store.Images.Remove("b");
        Assert.Equal([record.Id], last.Deleted);
        Assert.Equal(record.Layers, last.Layers);
        Assert.True(last.Bytes > RootFs.Length);
        Assert.Empty(store.Files("blobs/sha256"));
        Assert.Empty(store.Files("blobs/ingest"));
        Assert.Equal(["ingest"], store.Files("layers"));
        Assert.Equal(ContainerErrorKind.NotFound, Assert.Throws<ContainerException>(() => store.Images.Inspect("b")).Kind);
    }

    [Fact]
    public void An_image_that_a_container_uses_is_refused_by_its_name_and_stays_without_one_when_forced()
    {
        using var store = new StoreFixture();
        ImageRecord record = store.Images.Import(new MemoryStream(RootFs), ImageReference.Parse("a"));
        store.Database.Containers["web"] = record.Manifest;
        ContainerException refused = Assert.Throws<ContainerException>(() => store.Images.Remove("a"));
        Assert.Equal(ContainerErrorKind.Conflict, refused.Kind);
        Assert.Contains("'web'", refused.Message, StringComparison.Ordinal);
        RemovedImages forced = store.Images.Remove("a", force: true);
        Assert.Single(forced.Untagged);
        Assert.Empty(forced.Deleted);
        Assert.Equal(record.Layers, store.Images.Layers.List());
        Assert.Empty(store.Images.Prune(all: true).Deleted);
        store.Database.Containers.Clear();
        Assert.Equal([record.Id], store.Images.Prune(all: false).Deleted);
        Assert.Empty(store.Files("blobs/sha256"));
    }

    [Fact]
    public void An_id_with_several_names_is_removed_by_force_only()
    {
        using var store = new StoreFixture();
        ImageRecord record = store.Images.Import(new MemoryStream(RootFs), ImageReference.Parse("a"));
        store.Images.Tag("a", ImageReference.Parse("b"));
        Assert.Equal(ContainerErrorKind.Conflict, Assert.Throws<ContainerException>(() => store.Images.Remove(record.Id.Hex[..12])).Kind);
        Assert.Equal(2, store.Images.Remove(record.Id.Hex[..12], force: true).Untagged.Count);
        Assert.Empty(store.Files("blobs/sha256"));
    }

    [Fact]
    public void An_image_that_was_removed_since_it_was_found_is_said_to_be_so_and_not_damaged()
    {
        using var store = new StoreFixture();
        store.Images.Import(new MemoryStream(RootFs), ImageReference.Parse("a"));
        NamedImage found = store.Images.Find("a");
        Image read = store.Images.Read(found);
        store.Images.Remove("a");
        foreach (Action late in (Action[])[() => store.Images.Read(found), () => store.Images.Unpack(read)])
        {
            var error = Assert.Throws<ContainerException>(late);
            Assert.Equal((ContainerErrorKind.NotFound, "image 'a:latest' was removed meanwhile"), (error.Kind, error.Message));
        }
    }

    [Fact]
    public void What_a_lease_holds_no_removal_takes()
    {
        using var store = new StoreFixture();
        Digest blob = store.Images.Content.Add("wanted"u8), other = store.Images.Content.Add("unwanted"u8), layer = Store(store, RootFs);
        using (IImageLease lease = store.Database.Lease())
        {
            lease.Add([blob, layer]);
            store.Images.Prune(all: true);
            Assert.True(store.Images.Content.Has(blob));
            Assert.False(store.Images.Content.Has(other));
            Assert.True(store.Images.Layers.Has(layer));
        }
        store.Images.Prune(all: true);
        Assert.False(store.Images.Content.Has(blob));
        Assert.False(store.Images.Layers.Has(layer));
    }

    [Fact]
    public void A_detached_overlay_shows_the_layers_and_takes_the_changes()
    {
        using var store = new StoreFixture();
        byte[] upper = RawTar.New.File("etc/.wh.name").File("etc/new", "from above").Ended;
        Digest[] chain = [Store(store, RootFs), Store(store, upper)];
        string container = $"{store.Path}/container";
        Directory.CreateDirectory(container);
        using OwnedFd folder = FileIo.Open(Sys.AT_FDCWD, container, O.RDONLY | O.DIRECTORY);
        WritableLayer.Create(folder.Value, store.Images.Layers, chain);
        OwnedFd mount;
        try
        {
            mount = WritableLayer.Describe(container, store.Path, chain).Open();
        }
        catch (LinuxException error) when (error.Errno is Errno.ENODEV or Errno.EPERM)
        {
            Assert.Skip($"no overlay here: {error.Message}");
            return;
        }
        using (mount)
        {
            using OwnedFd etc = FileIo.OpenInRoot(mount.Value, "etc", O.RDONLY | O.DIRECTORY);
            Assert.Equal(["new"], FolderReader.ReadAll(etc.Value, "etc").Select(item => Encoding.ASCII.GetString(item.Name)));
            Assert.Equal("#!/bin/sh"u8.ToArray(), FileIo.ReadFile(mount.Value, "run.sh"));
            using OwnedFd written = FileIo.Open(mount.Value, "written", O.WRONLY | O.CREAT, 0x1a4);
        }
        Assert.True(File.Exists($"{container}/upper/written"));
        Assert.DoesNotContain(store.Path, File.ReadAllText("/proc/self/mountinfo"), StringComparison.Ordinal);
        WritableLayer.Remove(folder.Value);
        Assert.Empty(Directory.GetFileSystemEntries(container));
    }

    [Fact]
    public void An_overlay_has_up_to_five_hundred_layers()
    {
        using var store = new StoreFixture();
        string[] lower = [.. Enumerable.Range(0, OverlayMount.MaxLower).Select(i => $"{store.Path}/l{i}")];
        foreach (string path in lower)
            Directory.CreateDirectory($"{path}/{Path.GetFileName(path)}");
        try
        {
            using OwnedFd mount = new OverlayMount { Lower = lower }.Open();
            using OwnedFd root = FileIo.Open(mount.Value, ".", O.RDONLY | O.DIRECTORY);
            Assert.Equal(OverlayMount.MaxLower, FolderReader.ReadAll(root.Value, "mount").Count);
        }
        catch (LinuxException error) when (error.Errno is Errno.ENODEV or Errno.EPERM)
        {
            Assert.Skip($"no overlay here: {error.Message}");
        }
        catch (ContainerException few) when (few.Kind == ContainerErrorKind.Unsupported)
        {
            Assert.Equal("this kernel cannot mount 500 layers", few.Message);
            Assert.Skip("Linux before 6.7 takes some sixty layers");
        }
    }

    [Fact]
    public async Task Two_that_need_the_same_layer_do_the_work_once()
    {
        using var store = new StoreFixture();
        using var other = new ImageStore(store.Path, store.Database);
        Digest chainId = Digest.Of("layer"u8);
        Layers.LayerIngest first = store.Images.Layers.Begin(chainId)!;
        using var waiting = new ManualResetEventSlim();
        Task<Layers.LayerIngest?> second = Task.Run(() =>
        {
            waiting.Set();
            return other.Layers.Begin(chainId);
        });
        waiting.Wait();
        first.Commit(chainId, chainId, 0);
        first.Dispose();
        Assert.Null(await second);
        Assert.Empty(store.Files("layers/ingest"));
    }

    private static Digest Store(StoreFixture store, byte[] tar)
    {
        using Layers.LayerIngest ingest = store.Images.Layers.Begin();
        Rundlet.Images.Unpack.LayerUnpacker.Unpack(new MemoryStream(tar), ingest.Root.Value);
        return ingest.Commit(Digest.Of(tar), Digest.Of(tar), 0).ChainId;
    }

    internal static byte[] Pack(byte[] tar, string packing)
    {
        var packed = new MemoryStream();
        if (packing == "tar")
            return tar;
        using (Stream stream = packing == "gzip" ? new GZipStream(packed, CompressionLevel.Fastest, true) : Zstd(packed))
            stream.Write(tar);
        return packed.ToArray();
    }

    private static ZstdSharp.CompressionStream Zstd(Stream target)
    {
        var stream = new ZstdSharp.CompressionStream(target, 3, leaveOpen: true);
        stream.SetParameter(ZstdSharp.Unsafe.ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
        return stream;
    }

    private static byte[] Noise(int length)
    {
        byte[] noise = new byte[length];
        new Random(1).NextBytes(noise);
        return noise;
    }

    private static byte[] Layout(out Digest manifestDigest)
    {
        byte[] layer = RootFs;
        byte[] config = ImageWriter.ToBytes(new ImageConfig { Architecture = ImageStore.MachineArchitecture, Os = "linux", RootFs = new RootFs { Type = "layers", DiffIds = [Digest.Of(layer)] } });
        byte[] manifest = ImageWriter.ToBytes(new ImageManifest
        {
            SchemaVersion = 2,
            MediaType = MediaTypes.Manifest,
            Config = Describe(config, MediaTypes.Config),
            Layers = [Describe(layer, MediaTypes.Layer)],
        });
        manifestDigest = Digest.Of(manifest);
        byte[] index = ImageWriter.ToBytes(new ImageIndex { SchemaVersion = 2, MediaType = MediaTypes.Index, Manifests = [Describe(manifest, MediaTypes.Manifest)] });
        RawTar tar = RawTar.New.File("oci-layout", """{"imageLayoutVersion":"1.0.0"}""").Entry('0', "index.json", content: index).Folder("blobs").Folder("blobs/sha256");
        foreach (byte[] blob in new[] { manifest, config, layer })
            tar.Entry('0', $"blobs/sha256/{Digest.Of(blob).Hex}", content: blob);
        return tar.Ended;
    }

    private static Descriptor Describe(byte[] bytes, string mediaType) => new() { MediaType = mediaType, Digest = Digest.Of(bytes), Size = bytes.Length };
}
