using Rundlet.Images.Check;
using Rundlet.Images.Diffs;
using Rundlet.Images.Tests.Diffs;
using Rundlet.Images.Tests.Tar;
using Rundlet.Images.Unpack;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Tests.Check;

public class LayerProofTests
{
    public LayerProofTests() => Sandbox.SkipUnlessRoot();

    private static RawTar Usual => RawTar.New.Folder(".").Folder("etc").File("etc/a", "some content").Symlink("etc/l", "a").HardLink("etc/h", "etc/a")
        .File("etc/.wh.gone").Folder("new").File("new/.wh..wh..opq").File("deep/er/file", "x").Entry('3', "null", major: "0000001", minor: "0000003")
        .Pax(("SCHILY.xattr.user.note", "kept")).File("noted", "n").Pax(("GNU.sparse.map", "1048576,4"), ("GNU.sparse.size", "8388608")).File("holes", "data");

    public static TheoryData<string> Changes =>
    [
        "echo 'other content' >etc/a; touch -d @0 etc/a", "printf 'some kontent' >etc/a; touch -d @0 etc/a", "touch etc/a", "chmod 600 etc/a", "chown 1:0 etc/a", "rm etc/h",
        "rm etc/h; cp -a etc/a etc/h", "ln -sfn b etc/l; touch -hd @0 etc/l", "rm etc/gone", "rm etc/gone; touch etc/gone", "touch planted", "mkdir planted", "mkdir deep/er/planted", "mkfifo fifo",
        "setfattr -n trusted.overlay.redirect -v /x etc", "setfattr -x trusted.overlay.opaque new", "setfattr -n trusted.overlay.opaque -v y etc", "setfattr -n user.note -v lost noted",
        "setfattr -x user.note noted", "setfattr -n user.more -v x etc/a", "rm null; mknod null c 1 5; touch -d @0 null", "printf x | dd of=holes bs=1 seek=5000000 conv=notrunc status=none; touch -d @0 holes",
        "truncate -s 8388609 holes; touch -d @0 holes", "mv etc real; ln -s real etc", "chmod 700 .", "rm -r new",
    ];

    [Fact]
    public void A_layer_that_is_as_its_archive_says_is_proved_to_be()
    {
        using var sandbox = new Sandbox();
        Assert.True(IsProved(sandbox, Usual.Ended));
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void Whatever_differs_is_not_proved(string change)
    {
        using var sandbox = new Sandbox();
        byte[] tar = Usual.Ended;
        LayerUnpacker.Unpack(new MemoryStream(tar), sandbox.RootFd.Value);
        Sandbox.Run("sh", "-ec", $"cd '{sandbox.Root}'; {change}");
        Assert.False(LayerProof.Try(new MemoryStream(tar), sandbox.RootFd.Value, TestContext.Current.CancellationToken));
    }

    public static TheoryData<string> Unusual => ["twice", "through a link", "whiteout of its own", "folder replaced"];

    [Theory]
    [MemberData(nameof(Unusual))]
    public void What_is_unusual_is_left_open(string kind)
    {
        using var sandbox = new Sandbox();
        RawTar tar = kind switch
        {
            "twice" => RawTar.New.File("a", "1").File("a", "1"),
            "through a link" => RawTar.New.Folder("real").Symlink("way", "real").File("way/a", "1"),
            "whiteout of its own" => RawTar.New.File(".wh.a").Folder("a"),
            _ => RawTar.New.File("a/b", "1").File("a", "2"),
        };
        Assert.False(IsProved(sandbox, tar.Ended));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_tree_that_was_packed_and_unpacked_is_proved(int seed)
    {
        using Sandbox upper = new(), layer = new();
        new RandomTree(new Random(seed), asUpper: true).Fill(upper.Root, 300);
        var tar = new MemoryStream();
        LayerPacker.Pack(upper.RootFd.Value, tar, new PackOptions { Form = TreeForm.OverlayUpper }, TestContext.Current.CancellationToken);
        Assert.True(IsProved(layer, tar.ToArray()));
    }

    private static bool IsProved(Sandbox sandbox, byte[] tar)
    {
        LayerUnpacker.Unpack(new MemoryStream(tar), sandbox.RootFd.Value);
        return LayerProof.Try(new Trickle(tar, 4000), sandbox.RootFd.Value, TestContext.Current.CancellationToken);
    }
}
