using Rundlet.Images.Tests.Registry;
using Rundlet.Images.Tests.Store;
using Rundlet.Linux;
using Rundlet.Oci;

namespace Rundlet.Images.Tests.Hostile;

/// <summary>
/// Each archive of images is refused with its reason, or its images are taken in; a refusal leaves no reference and nothing half written, and what
/// lies beside the store stays as it is.
/// </summary>
[SpecRow("image.descriptor", "image.descriptor.data", "image.digest", "image.index", "image.manifest", "image.manifest.artifactType", "image.config",
    "image.config.diffIds", "image.members", "image.layout", "image.layer.nondistributable")]
public class HostileLayoutTests
{
    public HostileLayoutTests() => Sandbox.SkipUnlessRoot();

    public static TheoryData<string> Names => [.. LayoutCorpus.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_hostile_archive_of_images_is_refused_or_harmless(string name)
    {
        HostileLayout one = LayoutCorpus.All[name];
        using var store = new StoreFixture();
        byte[] archive = one.Build(store.Sandbox).Tar.Ended;
        string outside = store.Sandbox.Outside();
        if (one.Refusal is { } reason)
        {
            AssertRefused(reason, () => Load(store, archive));
            Assert.Empty(store.Images.List());
            Assert.Empty(store.Images.ListUnnamed());
            Assert.Empty(store.Images.Content.List());
            Assert.Empty(store.Images.Layers.List());
        }
        else
        {
            AssertFiles(one.Tree, store, Assert.Single(Load(store, archive)).Image.Layers[^1]);
        }
        store.Sandbox.AssertUntouched();
        Assert.Equal(outside, store.Sandbox.Outside());
        Assert.Empty(store.Files("blobs/ingest"));
        Assert.Empty(store.Files("layers/ingest"));
    }

    private static IReadOnlyList<LoadedImage> Load(StoreFixture store, byte[] archive) => store.Images.Load(new Trickle(archive, 100_000));

    private static void AssertRefused(string reason, Action action)
    {
        var error = Assert.Throws<ContainerException>(action);
        string sentence = Sentence(error);
        Assert.Contains(reason, sentence, StringComparison.Ordinal);
        Assert.DoesNotContain(sentence, char.IsControl);
        Assert.InRange(sentence.Length, 1, 1000);
        Assert.NotEqual(ContainerErrorKind.Internal, error.Kind);
    }

    private static void AssertFiles(string[] tree, StoreFixture store, Digest chainId)
    {
        using OwnedFd layer = store.Images.Layers.OpenFiles(chainId);
        using OwnedFd files = FileIo.Open(layer.Value, ".", Syscalls.O.RDONLY | Syscalls.O.DIRECTORY);
        Assert.Equal(tree, CompactTree.Of(files.Value));
    }

    private static string Sentence(Exception error) => error.InnerException is { } inner ? $"{error.Message}: {Sentence(inner)}" : error.Message;
}
