using Rundlet.Images.Diffs;
using Rundlet.Images.References;
using Rundlet.Images.Tar;
using Rundlet.Images.Tests.Store;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Tests.Archives;

public class CommitTests
{
    public CommitTests() => Sandbox.SkipUnlessRoot();

    [Theory]
    [InlineData(LayerCompression.Gzip, MediaTypes.LayerGzip)]
    [InlineData(LayerCompression.Zstd, MediaTypes.LayerZstd)]
    [InlineData(LayerCompression.None, MediaTypes.Layer)]
    public void A_commit_is_a_layer_on_top_with_its_history(LayerCompression compression, string mediaType)
    {
        using StoreFixture store = new();
        Pictures.AddBase(store);
        Image below = store.Images.Inspect("base");
        Pictures.AddOn(store, "base", "web", new CommitOptions
        {
            Author = "ann",
            Message = "a note",
            CreatedBy = "/bin/sh -c true",
            Created = Pictures.Moment,
            Compression = compression,
            Config = new ContainerConfig { Cmd = ["/other"] },
        });
        Image image = store.Images.Inspect("web");
        Assert.Equal(below.Config.RootFs.DiffIds, image.Config.RootFs.DiffIds[..^1]);
        Assert.Equal((mediaType, below.Manifest.Layers[0].Digest), (image.Manifest.Layers[1].MediaType, image.Manifest.Layers[0].Digest));
        Assert.Equal(("ann", "2023-11-14T22:13:20Z", "amd64"), (image.Config.Author, image.Config.Created, image.Config.Architecture));
        Assert.Equal(["/other"], image.Config.Config!.Cmd);
        HistoryEntry entry = image.Config.History![^1];
        Assert.Equal(("ann", "a note", "/bin/sh -c true", "2023-11-14T22:13:20Z"), (entry.Author, entry.Comment, entry.CreatedBy, entry.Created));
        Assert.Equal(2, image.Config.History.Count);
        Assert.Equal("changed for web", File.ReadAllText($"{store.Path}/layers/{store.Images.Unpack(image)[1].Hex}/fs/etc/name"));
    }

    [Fact]
    public void The_same_files_with_a_timestamp_are_the_same_image()
    {
        using StoreFixture one = new(), two = new();
        foreach (LayerCompression compression in Enum.GetValues<LayerCompression>())
        {
            var options = new CommitOptions { Created = Pictures.Moment, Latest = TarTime.From(Pictures.Moment), Compression = compression };
            Pictures.AddBase(one);
            Pictures.AddBase(two);
            Assert.Equal(Pictures.AddOn(one, "base", "web", options).Manifest, Pictures.AddOn(two, "base", "web", options).Manifest);
        }
    }

    [Fact]
    public void Nothing_stays_of_a_commit_that_was_cancelled_or_cannot_be_said()
    {
        using StoreFixture store = new();
        Pictures.AddBase(store);
        string[] before = store.Files("blobs/sha256");
        using Sandbox upper = new();
        File.WriteAllText($"{upper.Root}/.wh.x", "");
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Image below = store.Images.Inspect("base");
        Assert.Throws<OperationCanceledException>(() => store.Images.Commit(below, upper.RootFd.Value, new CommitOptions(), cancelled.Token));
        Assert.Throws<ContainerException>(() => store.Images.Commit(below, upper.RootFd.Value, new CommitOptions()));
        ImageReference digest = ImageReference.Parse($"web@{below.Record.Manifest}");
        Assert.Throws<ContainerException>(() => store.Images.Commit(below, upper.RootFd.Value, new CommitOptions { Reference = digest }));
        Assert.Equal(before, store.Files("blobs/sha256"));
        Assert.Empty(store.Files("blobs/ingest"));
    }

    [Fact]
    public void Layers_of_dockers_types_get_those_of_the_new_manifest()
    {
        using StoreFixture store = new();
        Pictures.AddBase(store);
        Image below = store.Images.Inspect("base");
        below.Manifest.Layers[0].MediaType = MediaTypes.DockerLayerGzip;
        using Sandbox upper = new();
        store.Images.Commit(below, upper.RootFd.Value, new CommitOptions { Reference = ImageReference.Parse("web") });
        Assert.All(store.Images.Inspect("web").Manifest.Layers, layer => Assert.Equal(MediaTypes.LayerGzip, layer.MediaType));
    }
}
