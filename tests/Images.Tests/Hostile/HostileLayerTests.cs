using Rundlet.Images.Compression;
using Rundlet.Images.Tests.Registry;
using Rundlet.Images.Unpack;
using Rundlet.Linux;

namespace Rundlet.Images.Tests.Hostile;

/// <summary>
/// Each archive is refused with its reason, or unpacked harmlessly: what lies beside the root stays as it is, to the times in its
/// inodes, and memory, disk and time have a bound.
/// </summary>
[SpecRow("image.layer.packing", "image.layer.tar", "image.layer.sparse", "image.layer.paths", "image.layer.hardlinks", "image.layer.whiteouts", "image.layer.xattrs")]
public class HostileLayerTests
{
    private const int PieceBytes = 333, LargestInPieces = 1 << 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    public HostileLayerTests() => Sandbox.SkipUnlessRoot();

    public static TheoryData<string> Names => [.. LayerCorpus.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_hostile_layer_is_refused_or_harmless(string name)
    {
        HostileLayer one = LayerCorpus.All[name];
        int length = Check(one, bytes => new MemoryStream(bytes));
        if (length <= LargestInPieces)
            Check(one, bytes => new Trickle(bytes, PieceBytes));
    }

    private static int Check(HostileLayer one, Func<byte[], Stream> open)
    {
        using var sandbox = new Sandbox(one.InMemory ? "/dev/shm" : null);
        using var patience = new CancellationTokenSource(s_patience);
        byte[] bytes = one.Archive(sandbox);
        string outside = sandbox.Outside();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        Exception? error = Record.Exception(() => Unpack(open(bytes), sandbox, one.Limits, patience.Token));
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        sandbox.AssertUntouched();
        Assert.Equal(outside, sandbox.Outside());
        Assert.InRange(allocated, 0, one.Memory);
        Assert.InRange(CompactTree.DiskUsage(sandbox.Root), 0, one.Disk);
        if (one.Refusal is { } reason)
        {
            var refusal = Assert.IsType<ContainerException>(error);
            Assert.Contains(reason, Sentence(refusal), StringComparison.Ordinal);
            Assert.True(refusal.Kind is ContainerErrorKind.InvalidArgument or ContainerErrorKind.Unsupported, $"{refusal.Kind}");
            Assert.DoesNotContain(Sentence(refusal), char.IsControl);
            Assert.InRange(Sentence(refusal).Length, 1, 1000);
            return bytes.Length;
        }
        Assert.Null(error);
        if (one.Tree is { Length: > 0 } tree)
            Assert.Equal(tree.Order(StringComparer.Ordinal), CompactTree.Of(sandbox.RootFd.Value));
        return bytes.Length;
    }

    private static void Unpack(Stream archive, Sandbox sandbox, UnpackLimits limits, CancellationToken cancel)
    {
        using var layer = new LayerStream(archive, null, limits.MaxBytes, cancel);
        LayerUnpacker.Unpack(layer, sandbox.RootFd.Value, limits, cancel);
        Assert.False(layer.Complete().IsEmpty);
    }

    private static string Sentence(Exception error) => error.InnerException is { } inner ? $"{error.Message}: {Sentence(inner)}" : error.Message;
}
