using Rundlet.Images.Compression;
using Rundlet.Images.Tests.Tar;
using Rundlet.Images.Unpack;
using Rundlet.Linux;

namespace Rundlet.Images.Tests.Unpack;

/// <summary>Each archive is refused with its reason, or unpacked harmlessly; the files beside the root stay as they are.</summary>
public class HostileLayerTests
{
    private const string Harmless = "";

    public HostileLayerTests() => Sandbox.SkipUnlessRoot();

    public static TheoryData<string, string, byte[]> Corpus
    {
        get
        {
            var corpus = new TheoryData<string, string, byte[]>();
            void Add(string what, string reason, RawTar tar) => corpus.Add(what, reason, tar.Ended);

            Add("parent path", "holds '..'", RawTar.New.File("../canary", "evil"));
            Add("parent path inside", "holds '..'", RawTar.New.Folder("a").File("a/../../canary", "evil"));
            Add("parent path at the end", "holds '..'", RawTar.New.Folder("a/.."));
            Add("only the parent", "holds '..'", RawTar.New.Folder(".."));
            Add("parent path in pax", "holds '..'", RawTar.New.Pax(("path", "../canary")).File("a", "evil"));
            Add("parent path in prefix", "holds '..'", RawTar.New.Entry('0', "canary", rest: "../x/.."));
            Add("parent path in a long name", "holds '..'", RawTar.New.Entry('L', "x", content: "../canary\0"u8.ToArray()).File("a", "evil"));
            Add("absolute path", Harmless, RawTar.New.File("/tmp/absolute", "inside"));
            Add("absolute with many slashes", Harmless, RawTar.New.File("////etc//passwd", "inside"));
            Add("folder in absolute link", "cannot be unpacked", RawTar.New.Symlink("out", "/tmp").File("out/canary", "evil"));
            Add("file in a link upwards", Harmless, RawTar.New.Symlink("out", "..").File("out/canary", "inside"));
            Add("file in a link far upwards", Harmless, RawTar.New.Symlink("out", "../../../../../..").File("out/canary", "inside"));
            Add("link to a link upwards", Harmless, RawTar.New.Symlink("a", "..").Symlink("b", "a/..").File("b/canary", "inside"));
            Add("link through proc", "cannot be unpacked", RawTar.New.Symlink("out", "/proc/self/cwd").File("out/canary", "evil"));
            Add("file over a link outwards", Harmless, RawTar.New.Symlink("canary", "../canary").File("canary", "inside"));
            Add("folder over a link outwards", Harmless, RawTar.New.Symlink("up", "..").Folder("up", "0000777").File("up/canary", "inside"));
            Add("mode through a link outwards", Harmless, RawTar.New.Symlink("canary", "../canary").Entry('2', "canary", "../canary", mode: "0000777"));
            Add("link loop", "cannot be unpacked", RawTar.New.Symlink("a", "b").Symlink("b", "a").File("a/x"));
            Add("link to itself", "cannot be unpacked", RawTar.New.Symlink("a", "a").File("a/x"));
            Add("hard link upwards", "holds '..'", RawTar.New.HardLink("a", "../canary"));
            Add("hard link to an absolute path", "open folder of the target", RawTar.New.HardLink("a", "/etc/passwd"));
            Add("hard link through a link", "does not hold", RawTar.New.Symlink("up", "..").HardLink("a", "up/missing"));
            Add("hard link to a link, then write", Harmless, RawTar.New.Symlink("l", "../canary").HardLink("h", "l").File("h", "inside"));
            Add("hard link to a folder", "which is a folder", RawTar.New.Folder("d").HardLink("h", "d"));
            Add("hard link to itself", "to itself", RawTar.New.File("a").HardLink("a", "./a"));
            Add("hard link to the root", "to itself", RawTar.New.HardLink("a", "/"));
            Add("hard link to nothing", "does not hold", RawTar.New.HardLink("a", "b"));
            Add("hard link in a folder that is not there", "open folder of the target", RawTar.New.HardLink("a", "b/c"));
            Add("root becomes a link", "replace the layer's root", RawTar.New.Symlink(".", "/"));
            Add("root becomes a file", "replace the layer's root", RawTar.New.File("./.", "x"));
            Add("root becomes a hard link", "replace the layer's root", RawTar.New.File("a").HardLink("./", "a"));
            Add("whiteout of the parent", "is a whiteout of '..'", RawTar.New.File(".wh..."));
            Add("whiteout of the folder", "is a whiteout of '.'", RawTar.New.File(".wh.."));
            Add("whiteout of nothing", "is a whiteout of ''", RawTar.New.File(".wh."));
            Add("whiteout beside the root", "holds '..'", RawTar.New.File("../.wh.canary"));
            Add("whiteout through a link upwards", Harmless, RawTar.New.Symlink("up", "..").File("up/.wh.canary"));
            Add("opaque through a link upwards", Harmless, RawTar.New.Symlink("up", "..").File("up/.wh..wh..opq"));
            Add("file in a whiteout", "cannot be unpacked", RawTar.New.File(".wh.a").File("a/b"));
            Add("folder named as a whiteout", "name of a whiteout", RawTar.New.File(".wh.a/b"));
            Add("file in a file", "cannot be unpacked", RawTar.New.File("a").File("a/b"));
            Add("file in a device", "cannot be unpacked", RawTar.New.Entry('3', "dev", major: "0000001", minor: "0000003").File("dev/x"));
            Add("file over a device", Harmless, RawTar.New.Entry('4', "dev", major: "0000376", minor: "0000000").File("dev", "not to the disk"));
            Add("file over a fifo", Harmless, RawTar.New.Entry('6', "fifo").File("fifo", "does not hang"));
            Add("file in a fifo", "cannot be unpacked", RawTar.New.Entry('6', "fifo").File("fifo/x"));
            Add("folder link swapped between entries", Harmless,
                RawTar.New.Folder("a").File("a/x").Symlink("a", "..").File("a/canary", "inside"));
            Add("name of 300 bytes", "cannot be unpacked", RawTar.New.Pax(("path", new string('n', 300))).File("a"));
            Add("path of 4095 bytes", Harmless, RawTar.New.Pax(("path", string.Join('/', Enumerable.Repeat("d", 2048)))).File("a"));
            Add("link target of 4095 bytes", Harmless, RawTar.New.Pax(("linkpath", new string('t', 4095))).Symlink("a", "x"));
            Add("unknown type", "which a layer cannot hold", RawTar.New.Entry('Z', "a"));
            Add("socket by mode", Harmless, RawTar.New.File("a", mode: "0140777"));
            Add("attribute of an odd name", "set attribute", RawTar.New.Pax(("SCHILY.xattr.user." + new string('x', 300), "1")).File("a"));
            Add("attribute of 100,000 bytes", "set attribute", RawTar.New.Pax(("SCHILY.xattr.user.big", new string('x', 100_000))).File("a"));
            Add("capability that is none", "set attribute", RawTar.New.Pax(("SCHILY.xattr.security.capability", "x")).File("a"));
            Add("user attribute on a link", Harmless, RawTar.New.Pax(("SCHILY.xattr.user.a", "x")).Symlink("a", "b"));
            Add("sparse file of 4 EiB of holes", "cannot be unpacked", RawTar.New.Pax(("GNU.sparse.map", "0,0"), ("GNU.sparse.size", "1152921504606846976")).File("a"));
            Add("time far away", Harmless, RawTar.New.Pax(("mtime", "9223372036854775807")).File("a"));
            Add("control characters in a name", Harmless, RawTar.New.File("a\nb\x1b[31m\x7f"));
            return corpus;
        }
    }

    [Theory]
    [MemberData(nameof(Corpus))]
    public void A_hostile_layer_never_leaves_its_root(string what, string reason, byte[] tar)
    {
        using var sandbox = new Sandbox();
        if (reason.Length == 0)
        {
            LayerUnpackerTests.Unpack(sandbox, tar);
            return;
        }
        var error = Assert.Throws<ContainerException>(() => LayerUnpackerTests.Unpack(sandbox, tar));
        Assert.True(error.Message.Contains(reason, StringComparison.Ordinal), $"{what}: {error.Message}");
        Assert.Equal(ContainerErrorKind.InvalidArgument, error.Kind);
        Assert.DoesNotContain('\n', error.Message);
        sandbox.AssertUntouched();
    }

    [Fact]
    public void A_layer_of_too_many_entries_is_refused()
    {
        using var sandbox = new Sandbox();
        byte[] tar = RawTar.New.File("a").File("b").File("c").Ended;
        var error = Assert.Throws<ContainerException>(() =>
            LayerUnpacker.Unpack(new MemoryStream(tar), sandbox.RootFd.Value, new UnpackLimits { MaxEntries = 2 }));
        Assert.Contains("more than 2 entries", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bomb_ends_at_the_limit()
    {
        using var sandbox = new Sandbox();
        var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(RawTar.New.Entry('0', "zeroes", size: "77777777777").Unended);
            for (int i = 0; i < 64; i++)
                gzip.Write(new byte[1 << 20]);
        }
        packed.Position = 0;
        using var layer = new LayerStream(packed, null, limit: 8 << 20);
        var error = Assert.Throws<ContainerException>(() => LayerUnpacker.Unpack(layer, sandbox.RootFd.Value));
        Assert.Contains("unpacks to more than 8388608 bytes", error.Message, StringComparison.Ordinal);
        Assert.True(new FileInfo($"{sandbox.Root}/zeroes").Length <= 8 << 20);
    }
}
