using System.Collections.Concurrent;
using Rundlet.Images.Platforms;
using Rundlet.Images.Pull;
using Rundlet.Images.References;
using Rundlet.Images.Tests.Store;
using Rundlet.Images.Tests.Tar;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Tests.Pull;

public class PullTests
{
    private static readonly ImageReference s_name = ImageReference.Parse("app");

    public PullTests() => Sandbox.SkipUnlessRoot();

    private static byte[][] Layers => [FakeSource.Layer(1), FakeSource.Layer(2), FakeSource.Layer(3)];

    [Fact]
    public async Task An_image_comes_whole_and_unpacked_and_the_second_time_with_one_question()
    {
        using var store = new StoreFixture();
        var source = new FakeSource();
        Descriptor target = source.Add("app", Layers);
        var progress = new Recorder();
        PulledImage first = await store.Images.PullAsync(s_name, source, new PullOptions { Progress = progress }, Token);
        Assert.True(first.IsNew);
        Assert.Equal(target.Digest, first.Target);
        Assert.Equal(first.Image.Layers.Order(Comparer), store.Images.Layers.List().Order(Comparer));
        Assert.True(File.Exists($"{store.Path}/layers/{first.Image.Layers[2].Hex}/fs/file3"));
        Assert.Equal(5, store.Files("blobs/sha256").Length);
        Assert.Empty(store.Files("blobs/ingest"));
        Assert.Equal(3, progress.Last.Count(layer => layer.Value.Phase == LayerPhase.Complete && layer.Value.Done == layer.Value.Total));
        int opened = source.Opened;
        Assert.False((await store.Images.PullAsync(s_name, source, cancel: Token)).IsNew);
        Assert.Equal(opened, source.Opened);
    }

    [Fact]
    public async Task A_tag_that_moved_is_pulled_again_with_what_is_new_and_the_old_image_stays_without_a_name()
    {
        using var store = new StoreFixture();
        var source = new FakeSource();
        source.Add("app", Layers);
        PulledImage old = await store.Images.PullAsync(s_name, source, cancel: Token);
        long served = source.Served;
        byte[] added = FakeSource.Layer(4);
        source.Add("app", [.. Layers, added]);
        PulledImage now = await store.Images.PullAsync(s_name, source, cancel: Token);
        Assert.Equal(old.Image.Layers, now.Image.Layers.Take(3));
        Assert.InRange(source.Served - served, added.Length, added.Length + 2000);
        Assert.Equal([old.Image.Manifest], store.Images.ListUnnamed().Select(image => image.Image.Manifest));
    }

    [Fact]
    public async Task A_layer_that_an_image_has_twice_comes_once()
    {
        using var store = new StoreFixture();
        var source = new FakeSource();
        byte[] twice = FakeSource.Layer(1);
        source.Add("app", twice, FakeSource.Layer(2), twice);
        PulledImage pulled = await store.Images.PullAsync(s_name, source, cancel: Token);
        Assert.Equal(3, source.Opened); // and the configuration
        Assert.All(pulled.Image.Layers, layer => Assert.True(store.Images.Layers.Has(layer)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_broken_pull_has_brought_is_not_fetched_again(bool ignoresOffset)
    {
        using var store = new StoreFixture();
        var source = new FakeSource { IgnoresOffset = ignoresOffset };
        byte[] small = FakeSource.Layer(1, 1000), large = FakeSource.Layer(2, 3_000_000);
        source.Add("app", small, large);
        source.Through = (blob, _, stream) => blob.Size == large.Length ? new BreakingStream(stream, 2_000_000, fails: true) : stream;
        var error = await Assert.ThrowsAsync<ContainerException>(() => store.Images.PullAsync(s_name, source, new PullOptions { Parallel = 1 }, Token));
        Assert.Equal(ContainerErrorKind.Unavailable, error.Kind);
        Assert.Empty(store.Images.List());
        Assert.Single(store.Files("blobs/ingest"));
        long begin = -1;
        source.Through = (blob, offset, stream) =>
        {
            if (blob.Size == large.Length)
                begin = offset;
            return stream;
        };
        await store.Images.PullAsync(s_name, source, cancel: Token);
        Assert.Equal(2_000_000, begin);
        Assert.Empty(store.Files("blobs/ingest"));
    }

    [Fact]
    public async Task A_leftover_that_is_not_the_blob_is_dropped_and_the_blob_fetched_from_its_start()
    {
        using var store = new StoreFixture();
        var source = new FakeSource();
        byte[] layer = FakeSource.Layer(1);
        source.Add("app", layer);
        File.WriteAllBytes($"{store.Path}/blobs/ingest/part-sha256-{Digest.Of(layer).Hex}", new byte[1000]);
        PulledImage pulled = await store.Images.PullAsync(s_name, source, cancel: Token);
        Assert.Equal(["file1"], store.Files($"layers/{pulled.Image.Layers[0].Hex}/fs"));
    }

    [Fact]
    public async Task Wrong_bytes_are_refused_and_nothing_of_them_stays()
    {
        using var store = new StoreFixture();
        var source = new FakeSource();
        byte[] layer = FakeSource.Layer(1);
        source.Add("app", layer);
        source.Through = (blob, _, stream) => blob.MediaType == MediaTypes.Layer ? new MemoryStream(FakeSource.Layer(2)) : stream;
        var error = await Assert.ThrowsAsync<ContainerException>(() => store.Images.PullAsync(s_name, source, cancel: Token));
        Assert.Equal(ContainerErrorKind.InvalidArgument, error.Kind);
        Assert.Contains(Digest.Of(layer).ToString(), error.Message, StringComparison.Ordinal);
        Assert.Empty(store.Files("blobs/ingest"));
        Assert.Equal(["ingest"], store.Files("layers"));
        Assert.Empty(store.Files("layers/ingest"));
        Assert.Empty(store.Images.List());
    }

    [Fact]
    public async Task A_cancelled_pull_keeps_what_it_has()
    {
        using var store = new StoreFixture();
        using var cancelled = new CancellationTokenSource();
        var source = new FakeSource();
        byte[] large = FakeSource.Layer(2, 3_000_000), small = FakeSource.Layer(1, 1000);
        source.Add("app", small, large);
        source.Through = (blob, _, stream) => blob.Size == small.Length ? new BreakingStream(stream, 500, fails: false, cancelled.Cancel) : stream;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.Images.PullAsync(s_name, source, new PullOptions { Parallel = 1 }, cancelled.Token));
        Assert.Equal([Digest.Of(large).Hex], store.Files("blobs/sha256")); // the largest came first, and whole
        Assert.Single(store.Images.Layers.List());
        Assert.Empty(store.Files("layers/ingest"));
    }

    [Fact]
    public async Task Two_at_once_fetch_each_layer_once()
    {
        using var store = new StoreFixture();
        using var other = new ImageStore(store.Path, store.Database);
        var source = new FakeSource();
        source.Add("app", [.. Enumerable.Range(1, 8).Select(seed => FakeSource.Layer(seed, 200_000 + seed))]);
        await Task.WhenAll(
            Task.Run(() => store.Images.PullAsync(s_name, source, cancel: Token), Token),
            Task.Run(() => other.PullAsync(s_name, source, cancel: Token), Token));
        Assert.InRange(source.Opened, 9, 10); // eight layers; the configuration is not worth a lock
        Assert.Empty(store.Files("blobs/ingest"));
        Assert.Empty(store.Files("layers/ingest"));
    }

    [Fact]
    public async Task An_index_leads_to_the_image_of_this_machine_and_is_what_the_name_means()
    {
        using var store = new StoreFixture();
        var source = new FakeSource();
        Descriptor mine = source.Add("one", FakeSource.Layer(1)), foreign = source.Add("two", FakeSource.Layer(2));
        mine.Platform = new Platform { Os = "linux", Architecture = ImageStore.MachineArchitecture };
        foreign.Platform = new Platform { Os = "linux", Architecture = "pdp11" };
        byte[] index = ImageWriter.ToBytes(new ImageIndex { SchemaVersion = 2, MediaType = MediaTypes.Index, Manifests = [foreign, mine] });
        source.Tag("app", source.Keep(index, MediaTypes.Index));
        PulledImage pulled = await store.Images.PullAsync(s_name, source, cancel: Token);
        Assert.Equal((mine.Digest, Digest.Of(index)), (pulled.Image.Manifest, pulled.Target));
        Assert.Equal(pulled.Image.Id, store.Images.Inspect($"app@{Digest.Of(index)}").Id);
        Assert.True(store.Images.Content.Has(Digest.Of(index)));
        store.Images.Remove("app");
        Assert.Empty(store.Files("blobs/sha256"));

        mine.Platform.Architecture = "vax";
        source.Tag("app", source.Keep(ImageWriter.ToBytes(new ImageIndex { SchemaVersion = 2, MediaType = MediaTypes.Index, Manifests = [foreign, mine] }), MediaTypes.Index));
        var error = await Assert.ThrowsAsync<ContainerException>(() => store.Images.PullAsync(s_name, source, cancel: Token));
        Assert.Equal(ContainerErrorKind.NotFound, error.Kind);
        Assert.Contains("linux/pdp11, linux/vax", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_without_an_index_must_be_for_the_platform_that_was_asked_for()
    {
        using var store = new StoreFixture();
        var source = new FakeSource();
        source.Add("app", FakeSource.Layer(1));
        PullOptions Asked(string text)
        {
            var platform = ImagePlatform.Parse(text);
            return new PullOptions { PlatformName = text, Choose = index => platform.Choose(index.Manifests), Accepts = config => platform.Accepts(ImagePlatform.Of(config)) };
        }
        ContainerException error = await Assert.ThrowsAsync<ContainerException>(() => store.Images.PullAsync(s_name, source, Asked("linux/s390x"), Token));
        Assert.Equal((ContainerErrorKind.NotFound, "image 'app:latest' is not made for 'linux/s390x'"), (error.Kind, error.Message));
        Assert.Contains($"linux/{ImageStore.MachineArchitecture}", error.Hint, StringComparison.Ordinal);
        Assert.Empty(store.Images.List());
        Assert.Empty(store.Files("blobs/sha256"));
        Assert.True((await store.Images.PullAsync(s_name, source, Asked($"linux/{ImageStore.MachineArchitecture}"), Token)).IsNew);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_folder_that_a_layer_does_not_list_is_as_the_layers_below_say(int parallel)
    {
        using var store = new StoreFixture();
        var source = new FakeSource();
        byte[] bottom = RawTar.New.Folder(".", "0000711").Entry('5', "tmp", mode: "0001777", uid: "0000005").Folder("opt", "0000700").Folder("gone", "0000700").Entry('0', "big", content: new byte[100]).Ended;
        byte[] middle = RawTar.New.File(".wh.gone").File("opt/a", "a").Ended;
        byte[] top = RawTar.New.File("tmp/x", "x").File("opt/b", "b").File("gone/y", "y").File("new/z", "z").Entry('0', "large", content: new byte[100_000]).Ended;
        source.Add("app", bottom, middle, top);
        PulledImage pulled = await store.Images.PullAsync(s_name, source, new PullOptions { Parallel = parallel }, Token);
        string files = $"{store.Path}/layers/{pulled.Image.Layers[2].Hex}/fs";
        Assert.Equal((0x43FFu, 5u), (Sandbox.Stat($"{files}/tmp").stx_mode, Sandbox.Stat($"{files}/tmp").stx_uid));
        Assert.Equal(0x41C0u, Sandbox.Stat($"{files}/opt").stx_mode); // through the middle, which has it from the bottom
        Assert.Equal(0x41C9u, Sandbox.Stat(files).stx_mode);
        Assert.Equal(0x41EDu, Sandbox.Stat($"{files}/gone").stx_mode); // a whiteout stands between
        Assert.Equal(0x41EDu, Sandbox.Stat($"{files}/new").stx_mode);
        Assert.Empty(store.Images.Check(cancel: Token).Problems);
    }

    [Fact]
    public async Task An_image_that_is_not_trusted_leaves_nothing()
    {
        using var store = new StoreFixture();
        var source = new FakeSource();
        Descriptor target = source.Add("app", Layers);
        var options = new PullOptions
        {
            Verify = (reference, named, manifest, _) =>
            {
                Assert.Equal((s_name, target.Digest, target.Digest), (reference, named, manifest));
                throw new ContainerException(ContainerErrorKind.PermissionDenied, "not signed");
            },
        };
        Assert.Equal(ContainerErrorKind.PermissionDenied, (await Assert.ThrowsAsync<ContainerException>(() => store.Images.PullAsync(s_name, source, options, Token))).Kind);
        Assert.Equal(0, source.Opened);
        Assert.Empty(store.Files("blobs/sha256"));
    }

    [Fact]
    public async Task An_artifact_is_no_image()
    {
        using var store = new StoreFixture();
        var source = new FakeSource();
        var manifest = new ImageManifest { SchemaVersion = 2, MediaType = MediaTypes.Manifest, Config = source.Keep("{}"u8.ToArray(), MediaTypes.Empty), ArtifactType = "application/x-chart" };
        source.Tag("app", source.Keep(ImageWriter.ToBytes(manifest), MediaTypes.Manifest));
        var error = await Assert.ThrowsAsync<ContainerException>(() => store.Images.PullAsync(s_name, source, cancel: Token));
        Assert.Equal(ContainerErrorKind.Unsupported, error.Kind);
        Assert.Contains("application/x-chart", error.Message, StringComparison.Ordinal);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Comparer<Digest> Comparer { get; } = Comparer<Digest>.Create((a, b) => string.CompareOrdinal(a.Hex, b.Hex));

    private sealed class Recorder : IPullProgress
    {
        public ConcurrentDictionary<Digest, LayerProgress> Last { get; } = [];

        public void Report(LayerProgress progress) => Last[progress.Blob] = progress;
    }

    /// <summary>Ends, or fails, after so many bytes.</summary>
    private sealed class BreakingStream(Stream inner, int after, bool fails, Action? then = null) : MemoryStream
    {
        private int _left = after;

        public override int Read(Span<byte> buffer)
        {
            int got = inner.Read(buffer[..Math.Min(buffer.Length, _left)]);
            _left -= got;
            if (got > 0)
                return got;
            then?.Invoke();
            return fails ? throw new ContainerException(ContainerErrorKind.Unavailable, "the connection broke") : inner.Read(buffer);
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    }
}
