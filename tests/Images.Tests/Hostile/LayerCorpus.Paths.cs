using Rundlet.Images.Tests.Tar;
using static Rundlet.Images.Tests.Hostile.HostileLayer;

namespace Rundlet.Images.Tests.Hostile;

/// <summary>Paths that lead out: by themselves, or through links made before.</summary>
internal static partial class LayerCorpus
{
    private static IEnumerable<HostileLayer> Paths =>
    [
        Refused("parent path", "holds '..'", RawTar.New.File("../canary", "evil")),
        Refused("parent path inside", "holds '..'", RawTar.New.Folder("a").File("a/../../canary", "evil")),
        Refused("parent path that stays inside", "holds '..'", RawTar.New.Folder("a").File("a/../b", "evil")),
        Refused("parent path at the end", "holds '..'", RawTar.New.Folder("a/..")),
        Refused("only the parent", "holds '..'", RawTar.New.Folder("..")),
        Refused("absolute path with a parent", "holds '..'", RawTar.New.File("/../canary", "evil")),
        Refused("parent path in pax", "holds '..'", RawTar.New.Pax(("path", "../canary")).File("a", "evil")),
        Refused("parent path in a global pax header", "holds '..'",
            RawTar.New.Entry('g', "g", content: RawTar.Bytes(RawTar.Record("path", "../canary"))).File("a", "evil")),
        Refused("parent path of a sparse file", "holds '..'",
            RawTar.New.Pax(("GNU.sparse.name", "../canary"), ("GNU.sparse.map", "0,4"), ("GNU.sparse.size", "4")).File("a", "evil")),
        Refused("parent path in prefix", "holds '..'", RawTar.New.Entry('0', "canary", rest: "../x/..")),
        Refused("parent path in a long name", "holds '..'", RawTar.New.Entry('L', "x", content: "../canary\0"u8.ToArray()).File("a", "evil")),
        Harmless("absolute path", box => RawTar.New.Pax(("path", $"/{Path.GetFileName(box.Canary)}")).File("a", "inside"), "canary = inside"),
        Harmless("absolute path with many slashes", RawTar.New.File("////etc//passwd", "inside"), "etc/", "etc/passwd = inside"),
        Harmless("dots that are names", RawTar.New.File("...", "a").File("a/.../b", "c").File("..x", "d"), "... = a", "..x = d", "a/", "a/.../", "a/.../b = c"),
        Harmless("backslashes are letters", RawTar.New.File(@"..\..\canary", "inside"), @"..\..\canary = inside"),
        Refused("through an absolute link", "cannot be unpacked", box => RawTar.New.Symlink("out", box.Path).File("out/canary", "evil")),
        Refused("folder through an absolute link", "cannot be unpacked", box => RawTar.New.Symlink("out", box.Path).Folder("out/new")),
        Harmless("through a link upwards", RawTar.New.Symlink("out", "..").File("out/canary", "inside"), "canary = inside", "out -> .."),
        Harmless("through a link far upwards", RawTar.New.Symlink("out", "../../../../../..").File("out/canary", "inside"), "canary = inside", "out -> ../../../../../.."),
        Harmless("through a link to a link upwards", RawTar.New.Symlink("a", "..").Symlink("b", "a/..").File("b/canary", "inside"),
            "a -> ..", "b -> a/..", "canary = inside"),
        Harmless("through a link in a folder", RawTar.New.Folder("d").Symlink("d/l", "../..").File("d/l/canary", "inside"), "canary = inside", "d/", "d/l -> ../.."),
        Refused("through proc", "cannot be unpacked", RawTar.New.Symlink("out", "/proc/self/cwd").File("out/canary", "evil")),
        Harmless("file over a link outwards", RawTar.New.Symlink("canary", "../canary").File("canary", "inside"), "canary = inside"),
        Harmless("folder over a link outwards", RawTar.New.Symlink("up", "..").Folder("up", "0000777").File("up/canary", "inside"), "up/", "up/canary = inside"),
        Harmless("mode and owner of a link outwards", box => RawTar.New.Entry('2', "canary", box.Canary[..Math.Min(99, box.Canary.Length)], mode: "0000777", uid: "0000017")),
        Harmless("attribute of a link outwards", box => RawTar.New.Pax(("SCHILY.xattr.trusted.evil", "1")).Symlink("canary", box.Canary)),
        Harmless("folder exchanged for a link between two of its files",
            RawTar.New.Folder("a").File("a/x").Symlink("a", "..").File("a/canary", "inside"), "a -> ..", "canary = inside"),
        Harmless("folder exchanged for a link above the folder kept open",
            RawTar.New.File("a/b/c/x").Symlink("a/b", "../..").File("a/b/c/canary", "inside"), "a/", "a/b -> ../..", "c/", "c/canary = inside"),
        Harmless("times of a folder that became a link", RawTar.New.Folder("a").Symlink("a", ".."), "a -> .."),
        Harmless("times of a folder below one that became a link", RawTar.New.Folder("a").Folder("a/b").Symlink("a", "/").Folder("b"), "a -> /", "b/"),
        Refused("loop of links", "cannot be unpacked", RawTar.New.Symlink("a", "b").Symlink("b", "a").File("a/x")),
        Refused("link to itself", "cannot be unpacked", RawTar.New.Symlink("a", "a").File("a/x")),
        Refused("in a file", "cannot be unpacked", RawTar.New.File("a").File("a/b")),
        Refused("in a fifo", "cannot be unpacked", RawTar.New.Entry('6', "fifo").File("fifo/x")),
        Refused("in a device", "cannot be unpacked", RawTar.New.Entry('3', "dev", major: "0000001", minor: "0000003").File("dev/x")),
        Refused("root becomes a link", "replace the layer's root", RawTar.New.Symlink(".", "/")),
        Refused("root becomes a file", "replace the layer's root", RawTar.New.File("./.", "x")),
        Refused("root becomes a hard link", "replace the layer's root", RawTar.New.File("a").HardLink("./", "a")),
        Refused("root becomes a device", "replace the layer's root", RawTar.New.Entry('4', "/", major: "0000010")),
    ];

    private static IEnumerable<HostileLayer> HardLinks =>
    [
        Refused("hard link upwards", "holds '..'", RawTar.New.HardLink("a", "../canary")),
        Refused("hard link to an absolute path", "does not hold", box => RawTar.New.Folder(box.Path[1..]).HardLink("a", box.Canary)),
        Refused("hard link to an absolute path in no folder", "open folder of the target", box => RawTar.New.HardLink("a", box.Canary)),
        Refused("hard link through a link upwards", "does not hold", RawTar.New.Symlink("up", "..").HardLink("a", "up/missing")),
        Refused("hard link through an absolute link", "open folder of the target", box => RawTar.New.Symlink("up", box.Path).HardLink("a", "up/canary")),
        Refused("hard link to a link's target through proc", "open folder of the target", RawTar.New.Symlink("p", "/proc/self/root").HardLink("a", "p/etc/passwd")),
        Harmless("hard link to a link, then a file over it", RawTar.New.Symlink("l", "../canary").HardLink("h", "l").File("h", "inside"), "h = inside", "l -> ../canary"),
        Harmless("hard link to a link, then its mode", RawTar.New.Symlink("l", "../canary").HardLink("h", "l").Entry('1', "h", "l", mode: "0000777"),
            "h -> ../canary (2)", "l -> ../canary (2)"),
        Harmless("file over one of two names", RawTar.New.File("a", "first").HardLink("b", "a").File("b", "second"), "a = first", "b = second"),
        Harmless("hard link to a device", RawTar.New.Entry('3', "n", major: "0000001", minor: "0000003").HardLink("h", "n"), "h c 1:3 (2)", "n c 1:3 (2)"),
        Harmless("hard link to a whiteout hides two names", RawTar.New.File(".wh.a").HardLink("b", "a"), "a gone (2)", "b gone (2)"),
        Refused("hard link to a folder", "which is a folder", RawTar.New.Folder("d").HardLink("h", "d")),
        Refused("hard link to the folder it lies in", "which is a folder", RawTar.New.Folder("d").HardLink("d/h", "d")),
        Refused("hard link to itself", "to itself", RawTar.New.File("a").HardLink("a", "./a")),
        Refused("hard link to the root", "to itself", RawTar.New.HardLink("a", "/")),
        Refused("hard link to nothing", "does not hold", RawTar.New.HardLink("a", "b")),
        Refused("hard link in a folder that is not there", "open folder of the target", RawTar.New.HardLink("a", "b/c")),
        Refused("hard link to what it replaces", "does not hold", RawTar.New.File("d/x").HardLink("d", "d/x")),
    ];

    private static IEnumerable<HostileLayer> Whiteouts =>
    [
        Refused("whiteout of the parent", "is a whiteout of '..'", RawTar.New.File(".wh...")),
        Refused("whiteout of the folder", "is a whiteout of '.'", RawTar.New.File(".wh..")),
        Refused("whiteout of nothing", "is a whiteout of ''", RawTar.New.File(".wh.")),
        Refused("whiteout of the parent in a folder", "is a whiteout of '..'", RawTar.New.Folder("a").File("a/.wh...")),
        Refused("whiteout beside the root", "holds '..'", RawTar.New.File("../.wh.canary")),
        Harmless("whiteout by an absolute path", RawTar.New.File("/.wh.canary"), "canary gone"),
        Harmless("whiteout through a link upwards", RawTar.New.Symlink("up", "..").File("up/.wh.canary"), "canary gone", "up -> .."),
        Refused("whiteout through an absolute link", "cannot be unpacked", box => RawTar.New.Symlink("up", box.Path).File("up/.wh.canary")),
        Harmless("opaque through a link upwards", RawTar.New.Symlink("up", "..").File("up/.wh..wh..opq"), "up -> .."),
        Harmless("opaque root", RawTar.New.File(".wh..wh..opq").File("a", "b"), "a = b"),
        Refused("opaque file", "cannot be unpacked", RawTar.New.File("a").File("a/.wh..wh..opq")),
        Harmless("opaque whiteout", RawTar.New.File(".wh.a").File("a/.wh..wh..opq"), "a/ opaque"),
        Harmless("whiteout of what the layer holds", RawTar.New.File("a", "kept").Folder("d").File("d/x", "kept").File(".wh.a").File(".wh.d"),
            "a = kept", "d/ opaque", "d/x = kept"),
        Harmless("whiteout before what the layer holds", RawTar.New.File(".wh.a").File(".wh.d").File("a", "kept").Folder("d").File("d/x", "kept"),
            "a = kept", "d/ opaque", "d/x = kept"),
        Harmless("whiteout of a link outwards", RawTar.New.Symlink("l", "../canary").File(".wh.l"), "l -> ../canary"),
        Harmless("whiteout with content", RawTar.New.File(".wh.a", new string('x', 5000)).File("b", "read"), "a gone", "b = read"),
        Harmless("whiteout that is a folder, a link, a device",
            RawTar.New.Folder(".wh.a").Symlink(".wh.b", "/etc").Entry('3', ".wh.c", major: "0000001"), "a gone", "b gone", "c gone"),
        Harmless("in what a whiteout hides", RawTar.New.File(".wh.a").File("a/b", "own"), "a/ opaque", "a/b = own"),
        Refused("in a folder named as a whiteout", "name of a whiteout", RawTar.New.File(".wh.a/b")),
        Refused("deep in a folder named as a whiteout", "name of a whiteout", RawTar.New.File("x/.wh.a/b/c")),
        Harmless("names that aufs kept for itself", RawTar.New.Folder(".wh..wh.plnk").File(".wh..wh.plnk/17.4", "x").File(".wh..wh.aufs")),
        Harmless("whiteout as overlayfs has it", RawTar.New.Entry('3', "a"), "a gone"),
        Harmless("attributes of overlayfs", RawTar.New
            .Pax(("SCHILY.xattr.trusted.overlay.redirect", "/etc"), ("SCHILY.xattr.trusted.overlay.opaque", "y"), ("SCHILY.xattr.user.overlay.opaque", "y"),
                ("SCHILY.xattr.trusted.overlay.metacopy", "x"), ("SCHILY.xattr.trusted.overlay.origin", "x")).Folder("d")
            .Pax(("SCHILY.xattr.trusted.overlay.redirect", "/etc/shadow"), ("SCHILY.xattr.trusted.overlay.metacopy", "")).File("f", "x"), "d/", "f = x"),
    ];
}
