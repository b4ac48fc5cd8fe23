using System.Text;
using Rundlet.Images.Tests.Tar;
using Rundlet.Images.Unpack;
using static Rundlet.Images.Tests.Hostile.HostileLayer;

namespace Rundlet.Images.Tests.Hostile;

/// <summary>Entries that are dangerous or wrong by themselves: kinds, names, numbers, attributes.</summary>
internal static partial class LayerCorpus
{
    private static IEnumerable<HostileLayer> Kinds =>
    [
        Harmless("device nodes stay nodes", RawTar.New.Entry('3', "mem", major: "0000001", minor: "0000001").Entry('4', "disk", major: "0000010", minor: "0000000"),
            "disk b 8:0", "mem c 1:1"),
        Refused("device number too large", "out of range", RawTar.New.Entry('3', "n", major: "0777777")),
        Harmless("set-uid, set-gid, sticky", RawTar.New.File("s", "#!", "0006755").Folder("t", "0001777"), "s = #! 6755", "t/ 1777"),
        Harmless("file type in the mode", RawTar.New.File("a", mode: "0140777").Folder("b", mode: "0120777"), "a = ", "b/"),
        Harmless("file over a device", RawTar.New.Entry('4', "dev", major: "0000376").File("dev", "not to the disk"), "dev = not to the disk"),
        Harmless("file over a fifo", RawTar.New.Entry('6', "fifo").File("fifo", "does not hang"), "fifo = does not hang"),
        Refused("unknown type", "which a layer cannot hold", RawTar.New.Entry('Z', "a")),
        Refused("dump of a folder", "which a layer cannot hold", RawTar.New.Entry('D', "a", content: "Yx\0\0"u8.ToArray())),
        Refused("part of a volume", "which a layer cannot hold", RawTar.New.Entry('M', "a", content: "x"u8.ToArray())),
        Harmless("file whose name ends in a slash", RawTar.New.Entry('0', "a/").File("a/b", "x"), "a/", "a/b = x"),
        Refused("link with content that is a header", "wrong checksum", RawTar.New.Entry('2', "l", "x", content: new byte[511].Append((byte)1).ToArray())),
        Harmless("every kind in place of every kind", EveryPair(), EveryPairTree()),
    ];

    private static (string Kind, Func<RawTar, string, RawTar> Add, Func<string, string> Shown)[] Makers =>
    [
        ("file", (tar, name) => tar.File(name, "x"), name => $"{name} = x"),
        ("folder", (tar, name) => tar.Folder(name), name => $"{name}/"),
        ("link", (tar, name) => tar.Symlink(name, "../canary"), name => $"{name} -> ../canary"),
        ("hard", (tar, name) => tar.HardLink(name, "seed"), name => $"{name} = seed"),
        ("fifo", (tar, name) => tar.Entry('6', name), name => $"{name} fifo"),
        ("device", (tar, name) => tar.Entry('3', name, major: "0000001", minor: "0000005"), name => $"{name} c 1:5"),
        ("whiteout", (tar, name) => tar.File($".wh.{name}"), name => $"{name} gone"),
    ];

    private static RawTar EveryPair()
    {
        RawTar tar = RawTar.New.File("seed", "seed");
        foreach (var first in Makers)
            foreach (var second in Makers)
                second.Add(first.Add(tar, $"{first.Kind}-{second.Kind}"), $"{first.Kind}-{second.Kind}");
        return tar;
    }

    /// <summary>The second wins, but a whiteout hides only what lower layers have.</summary>
    private static string[] EveryPairTree()
    {
        int names = 1;
        List<string> tree = [];
        foreach (var first in Makers)
        {
            foreach (var second in Makers)
            {
                bool keepsFirst = second.Kind == "whiteout";
                bool opaque = first.Kind == "folder" && keepsFirst || first.Kind == "whiteout" && second.Kind == "folder";
                var stays = keepsFirst ? first : second;
                names += stays.Kind == "hard" ? 1 : 0;
                tree.Add(stays.Shown($"{first.Kind}-{second.Kind}") + (opaque ? " opaque" : ""));
            }
        }
        tree.Add("seed = seed");
        string[] shown = [.. tree.Select(line => line.EndsWith(" = seed", StringComparison.Ordinal) ? $"{line} ({names})" : line)];
        Array.Sort(shown, StringComparer.Ordinal);
        return shown;
    }

    private static IEnumerable<HostileLayer> Names =>
    [
        Harmless("name of 255 bytes", RawTar.New.Pax(("path", new string('n', 255))).File("a", "x"), $"{new string('n', 60)}…{new string('n', 60)} = x"),
        Refused("name of 256 bytes", "cannot be unpacked", RawTar.New.Pax(("path", new string('n', 256))).File("a")),
        Refused("whiteout of a name of 256 bytes", "cannot be unpacked", RawTar.New.Pax(("path", ".wh." + new string('n', 256))).File("a")),
        Harmless("path of 4095 bytes", RawTar.New.Pax(("path", string.Join('/', Enumerable.Repeat("d", 2048)))).File("a")) with { Tree = null, Disk = 16 << 20 },
        Refused("path of 4096 bytes", "more than 4095 bytes", RawTar.New.Pax(("path", new string('/', 4096))).File("a")),
        Harmless("link target of 4095 bytes", RawTar.New.Pax(("linkpath", new string('t', 4095))).Symlink("a", "x"), $"a -> {new string('t', 60)}…{new string('t', 60)}"),
        Refused("link target of 4096 bytes", "more than 4095 bytes", RawTar.New.Pax(("linkpath", new string('t', 4096))).Symlink("a", "x")),
        Refused("NUL in a path", "holds a NUL byte", RawTar.New.Pax(("path", "a\0/../../canary")).File("a")),
        Refused("NUL in a link target", "holds a NUL byte", RawTar.New.Pax(("linkpath", "a\0b")).Symlink("a", "x")),
        Harmless("long name with a NUL in it ends there", RawTar.New.Entry('L', "x", content: "in\0../canary\0"u8.ToArray()).File("a", "x"), "in = x"),
        Harmless("newline and escape codes", RawTar.New.File("a\nb\x1b[31m\x7f"), @"a\x0ab\x1b[31m\x7f = "),
        Harmless("record that looks like two", RawTar.New.Pax(("comment", "x\n20 path=../canary\n"), ("path", "b\n12 path=c")).File("a", "x"), @"b\x0a12 path=c = x"),
        Harmless("not UTF-8", RawTar.New.File("\xff\xfe-\xc3", "x").File("\xc0\xae\xc0\xae/canary", "x"), @"\xc0\xae\xc0\xae/", @"\xc0\xae\xc0\xae/canary = x", @"\xff\xfe-\xc3 = x"),
        Harmless("name that turns the direction of writing", RawTar.New.File("a\xe2\x80\xae" + "cod.exe"), @"a\xe2\x80\xaecod.exe = "),
        Refused("empty name", "empty name", RawTar.New.File("")),
        Refused("empty link target", "empty link target", RawTar.New.Symlink("a", "")),
        new HostileLayer("folders inside each other, as deep as links reach", _ => Deep(100_000))
        {
            Refusal = "cannot be unpacked",
            Memory = 64 << 20,
            InMemory = true,
        },
    ];

    /// <summary>Each path starts at a link to where the last one ended: so folders get deeper than any path is long.</summary>
    private static byte[] Deep(int depth)
    {
        const int Step = 2000;
        RawTar tar = RawTar.New;
        string steps = string.Join('/', Enumerable.Repeat("d", Step));
        for (int done = 0; done < depth; done += Step)
        {
            string start = done == 0 ? "" : $"l{done}/";
            tar.Pax(("path", start + steps)).Folder("d");
            tar.Pax(("linkpath", start + steps)).Symlink($"l{done + Step}", "x");
        }
        return tar.Ended;
    }

    private static IEnumerable<HostileLayer> Numbers =>
    [
        Refused("negative size", "size is negative", RawTar.New.Entry('0', "a", size: new string('\xff', 12))),
        Refused("size of minus one in octal", "is not an octal number", RawTar.New.Entry('0', "a", size: "-0000000001")),
        Refused("size of 95 bits", "size is out of range", RawTar.New.Entry('0', "a", size: "\x80\xff" + new string('\xff', 10))),
        Refused("size of 2^63 - 1", "out of range 0 to", RawTar.New.Entry('0', "a", size: "\x80\0\0\0\x7f" + new string('\xff', 7))),
        Refused("size of 2^63 - 1 in pax", "out of range 0 to", RawTar.New.Pax(("size", "9223372036854775807")).File("a")),
        Refused("size of 2^64 in pax", "is not a number", RawTar.New.Pax(("size", "18446744073709551616")).File("a")),
        Refused("size of 2^60", "longer than 17592186044416", RawTar.New.Pax(("size", "1152921504606846976")).File("a")),
        Refused("extended header of 8 GiB", "more than 1048576 bytes", RawTar.New.Entry('x', "pax", size: "77777777777").File("a")),
        Refused("extended header of 2^63 - 1", "more than 1048576 bytes", RawTar.New.Entry('g', "g", size: "\x80\0\0\0\x7f" + new string('\xff', 7)).File("a")),
        Refused("long name of 8 GiB", "more than 4095 bytes", RawTar.New.Entry('L', "x", size: "77777777777").File("a")),
        Refused("uid of 2^32 - 1", "uid 4294967295 is out of range", RawTar.New.Pax(("uid", "4294967295")).File("a")),
        Refused("negative uid", "uid is negative", RawTar.New.Entry('0', "a", uid: new string('\xff', 8))),
        Harmless("time far away", RawTar.New.Pax(("mtime", "9223372036854775807")).File("a").Pax(("mtime", "-9223372036854775807.5")).File("b"), "a = ", "b = "),
        Refused("time that is none", "is not a number", RawTar.New.Pax(("mtime", "NaN")).File("a")),
        Refused("time with a broken fraction", "is not a time", RawTar.New.Pax(("mtime", "1.5x")).File("a")),
        Refused("pax record longer than its header", "wrong length", RawTar.New.Entry('x', "pax", content: "99 path=a\n"u8.ToArray()).File("a")),
        Refused("pax record of negative length", "wrong length", RawTar.New.Entry('x', "pax", content: "-9 path=a\n"u8.ToArray()).File("a")),
        Refused("pax record of length zero", "wrong length", RawTar.New.Entry('x', "pax", content: "0 path=a\n"u8.ToArray()).File("a")),
        Refused("endless row of extended headers", "more than 1048576 bytes", Repeat(3000, tar => tar.Pax())),
        Refused("endless row of global headers", "more than 1048576 bytes", Repeat(3000, tar => tar.Entry('g', "g"))),
        Harmless("one extended header of a mebibyte", RawTar.New.Pax(("comment", new string('x', (1 << 20) - 20))).File("a"), "a = ") with { Memory = 16 << 20 },
        Refused("too many attributes", "too many extended attributes",
            RawTar.New.Pax([.. Enumerable.Range(0, 600).Select(i => ($"SCHILY.xattr.user.a{i}", "x"))]).File("a")),
        Refused("attributes that add up over headers", "extended headers of more", RawTar.New
            .Pax(("SCHILY.xattr.user.a", new string('x', 700_000))).Pax(("SCHILY.xattr.user.b", new string('x', 700_000))).File("a")) with { Memory = 16 << 20 },
        new HostileLayer("too many entries", _ => RawTar.New.File("a").File("b").File("c").Ended) { Refusal = "more than 2 entries", Limits = new UnpackLimits { MaxEntries = 2 } },
    ];

    private static IEnumerable<HostileLayer> Sparse =>
    [
        Refused("sparse file of 2^60 bytes of holes", "longer than 17592186044416", RawTar.New.Pax(("GNU.sparse.map", "0,0"), ("GNU.sparse.size", "1152921504606846976")).File("a")),
        Refused("sparse piece behind the end", "past the file's end", RawTar.New.Pax(("GNU.sparse.map", "0,2,9,2"), ("GNU.sparse.size", "10")).File("a", "xxxx")),
        Refused("sparse piece whose end overflows", "past the file's end", RawTar.New.Pax(("GNU.sparse.map", "9,9223372036854775807"), ("GNU.sparse.size", "10")).File("a", "xxxx")),
        Refused("sparse pieces over each other", "out of order", RawTar.New.Pax(("GNU.sparse.map", "0,3,2,2"), ("GNU.sparse.size", "10")).File("a", "xxxxx")),
        Refused("sparse map of less than is stored", "the entry holds", RawTar.New.Pax(("GNU.sparse.map", "0,2"), ("GNU.sparse.size", "10")).File("a", "xxxx")),
        Refused("sparse map of more than is stored", "the entry holds", RawTar.New.Pax(("GNU.sparse.map", "0,8"), ("GNU.sparse.size", "10")).File("a", "xxxx")),
        Refused("sparse map with a negative number", "is not a number", RawTar.New.Pax(("GNU.sparse.map", "0,-1"), ("GNU.sparse.size", "10")).File("a")),
        Refused("sparse map without size", "without its size", RawTar.New.Pax(("GNU.sparse.map", "0,1")).File("a", "x")),
        Refused("sparse map of a million pieces", "too many numbers",
            RawTar.New.Pax(("GNU.sparse.map", string.Join(',', Enumerable.Repeat("0,0", 150_000))), ("GNU.sparse.size", "1")).File("a")) with { Memory = 32 << 20 },
        Refused("sparse map in the data of a million pieces", "too many numbers",
            RawTar.New.Pax(("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.realsize", "9")).File("a", "1000000\n" + new string('x', 600))),
        Refused("sparse map in the data that runs over", "longer than the entry",
            RawTar.New.Pax(("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.realsize", "9")).File("a", "1\n0\n0\n")),
        Refused("old sparse map that lies", "the entry holds", RawTar.New.OldSparse("a", "xxxx", 100, (0, 90))),
        Refused("old sparse map without end", "too many numbers", OldSparseChain(6300)) with { Memory = 32 << 20 },
        Refused("unknown sparse form", "sparse format 2.0", RawTar.New.Pax(("GNU.sparse.major", "2"), ("GNU.sparse.minor", "0")).File("a", "x")),
        Harmless("holes at both ends", RawTar.New.Pax(("GNU.sparse.map", "4,2"), ("GNU.sparse.size", "8")).File("a", "xx"), "a = \0\0\0\0xx\0\0"),
    ];

    /// <summary>Blocks of 21 pieces each, every one promising another.</summary>
    private static RawTar OldSparseChain(int blocks)
    {
        RawTar tar = RawTar.New.OldSparse("a", "", 1, extended: true, (0, 0), (0, 0), (0, 0), (0, 0));
        byte[] block = new byte[512];
        for (int i = 0; i < 42; i++)
            RawTar.Bytes(RawTar.Octal(0, 11)).CopyTo(block, i * 12);
        block[504] = 1;
        for (int i = 0; i < blocks; i++)
            tar.Raw(block);
        return tar;
    }

    private static IEnumerable<HostileLayer> Attributes =>
    [
        Refused("attribute of an odd name", "set attribute", RawTar.New.Pax(("SCHILY.xattr.user." + new string('x', 300), "1")).File("a")),
        Refused("attribute without a name", "no proper name", RawTar.New.Pax(("SCHILY.xattr.", "1")).File("a")),
        Refused("attribute of 100,000 bytes", "set attribute", RawTar.New.Pax(("SCHILY.xattr.user.big", new string('x', 100_000))).File("a")),
        Refused("capability that is none", "set attribute", RawTar.New.Pax(("SCHILY.xattr.security.capability", "x")).File("a")),
        Harmless("capability of a link", RawTar.New.Pax(("SCHILY.xattr.security.capability", Capability)).Symlink("a", "../canary"), "a -> ../canary"),
        Harmless("labels of the host's security modules",
            RawTar.New.Pax(("SCHILY.xattr.security.selinux", "evil_t"), ("SCHILY.xattr.security.ima", "x"), ("SCHILY.xattr.security.apparmor", "x")).File("a"), "a = "),
        Harmless("user attribute on a link", RawTar.New.Pax(("SCHILY.xattr.user.a", "x")).Symlink("a", "b"), "a -> b"),
        Refused("access list that is none", "set attribute", RawTar.New.Pax(("SCHILY.xattr.system.posix_acl_access", "x")).File("a")),
    ];

    private static string Capability => Encoding.Latin1.GetString([0x01, 0, 0, 2, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0]);

    private static RawTar Repeat(int count, Action<RawTar> add)
    {
        RawTar tar = RawTar.New;
        for (int i = 0; i < count; i++)
            add(tar);
        return tar.File("a");
    }
}
