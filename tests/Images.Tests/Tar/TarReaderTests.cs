using System.Text;
using Rundlet.Images.Tar;
using Rundlet.Linux;

namespace Rundlet.Images.Tests.Tar;

public class TarReaderTests
{
    [Fact]
    public void An_entry_has_what_its_header_says()
    {
        byte[] tar = RawTar.New.Entry('0', "a/b", content: "hello"u8.ToArray(), mode: "0104755", uid: "0001750", mtime: "14371573000").Ended;
        (TarEntry entry, byte[] content) = Assert.Single(ReadAll(tar));
        Assert.Equal(TarEntryKind.Regular, entry.Kind);
        Assert.Equal("a/b", Encoding.UTF8.GetString(entry.Name));
        Assert.Equal((0x9edu, 1000u, 0u), (entry.Mode, entry.Uid, entry.Gid));
        Assert.Equal(new TarTime(Convert.ToInt64("14371573000", 8), 0), entry.Mtime);
        Assert.Equal("hello"u8.ToArray(), content);
    }

    [Theory]
    [InlineData("1.5", 1, 500_000_000)]
    [InlineData("-1.5", -2, 500_000_000)]
    [InlineData("-1", -1, 0)]
    [InlineData("-0.000000001", -1, 999_999_999)]
    [InlineData("-0.9999999999", -1, 0)]
    [InlineData("7.1234567899", 7, 123_456_789)]
    public void Pax_times_keep_their_nanoseconds(string text, long seconds, int nanoseconds)
    {
        byte[] tar = RawTar.New.Pax(("mtime", text)).File("a").Ended;
        Assert.Equal(new TarTime(seconds, nanoseconds), Assert.Single(ReadAll(tar)).Entry.Mtime);
    }

    [Fact]
    public void Pax_records_win_over_long_names_and_these_over_the_header()
    {
        byte[] longName = RawTar.Bytes(new string('l', 150) + "\0");
        byte[] tar = RawTar.New
            .Entry('L', "././@LongLink", content: longName, magic: "ustar  \0").File("short", "1")
            .Entry('L', "././@LongLink", content: longName, magic: "ustar  \0").Pax(("path", "from-pax"), ("uid", "4294967294")).File("short", "2")
            .Ended;
        List<(TarEntry Entry, byte[])> entries = ReadAll(tar);
        Assert.Equal(new string('l', 150), Encoding.ASCII.GetString(entries[0].Entry.Name));
        Assert.Equal("from-pax", Encoding.ASCII.GetString(entries[1].Entry.Name));
        Assert.Equal(uint.MaxValue - 1, entries[1].Entry.Uid);
    }

    [Fact]
    public void Global_records_hold_until_an_entry_takes_them_back()
    {
        byte[] global = RawTar.Bytes(RawTar.Record("uid", "7") + RawTar.Record("SCHILY.xattr.user.g", "x"));
        byte[] tar = RawTar.New.Entry('g', "g", content: global).File("a").Pax(("uid", "")).File("b").File("c").Ended;
        List<(TarEntry Entry, byte[])> entries = ReadAll(tar);
        Assert.Equal([7u, 0u, 7u], entries.Select(e => e.Entry.Uid));
        Assert.All(entries, e => Assert.Equal("x"u8.ToArray(), Assert.Single(e.Entry.Xattrs).Value));
    }

    [Fact]
    public void Binary_numbers_are_read()
    {
        string size = "\x80" + new string('\0', 10) + "\x05";
        string before1970 = new string('\xff', 11) + "\xfe";
        byte[] tar = RawTar.New.Entry('0', "a", content: "hello"u8.ToArray(), size: size, mtime: before1970).Ended;
        (TarEntry entry, byte[] content) = Assert.Single(ReadAll(tar));
        Assert.Equal(5, content.Length);
        Assert.Equal(new TarTime(-2, 0), entry.Mtime);
    }

    [Fact]
    public void Names_keep_their_bytes()
    {
        byte[] tar = RawTar.New.File("\xff\xfe-\xc3").Ended;
        Assert.Equal([0xff, 0xfe, (byte)'-', 0xc3], Assert.Single(ReadAll(tar)).Entry.Name);
    }

    [Theory]
    [InlineData("gnu", "0.0")]
    [InlineData("posix", "0.0")]
    [InlineData("posix", "0.1")]
    [InlineData("posix", "1.0")]
    public void All_sparse_forms_of_gnu_tar_are_read(string format, string sparse)
    {
        using var sandbox = new Sandbox();
        string file = $"{sandbox.Root}/holes";
        byte[] expected = new byte[3 << 20];
        using (FileStream stream = File.Create(file))
        {
            // Enough pieces for extension blocks of the old form.
            for (int i = 0; i < 40; i++)
            {
                byte[] piece = Encoding.ASCII.GetBytes($"piece {i}");
                stream.Position = i * 65536;
                stream.Write(piece);
                piece.CopyTo(expected, i * 65536);
            }
            stream.SetLength(expected.Length);
        }
        string archive = $"{sandbox.Path}/archive.tar";
        Sandbox.Run("tar", "--create", "--sparse", $"--sparse-version={sparse}", $"--format={format}", "--file", archive, "--directory", sandbox.Root, "holes");
        (TarEntry entry, byte[] content) = Assert.Single(ReadAll(File.ReadAllBytes(archive)));
        Assert.True(entry.IsSparse, "the archive has no holes");
        Assert.Equal("holes", Encoding.ASCII.GetString(entry.Name));
        Assert.Equal(expected, content);
    }

    [Fact]
    public void Content_that_nobody_reads_is_passed_over_with_and_without_seeking()
    {
        byte[] tar = RawTar.New.Entry('0', "big", content: new byte[1_000_001]).File("after").Ended;
        foreach (Stream stream in new Stream[] { new MemoryStream(tar), new Trickle(tar, 333) })
        {
            var reader = new TarReader(stream);
            Assert.NotNull(reader.Next());
            Assert.Equal("after", Encoding.ASCII.GetString(reader.Next()!.Name));
            Assert.Null(reader.Next());
            Assert.Null(reader.Next());
        }
    }

    public static TheoryData<string, byte[]> Damaged => new()
    {
        { "wrong checksum", RawTar.New.Entry('0', "a", checksum: "000001\0 ").Ended },
        { "not a tar header", RawTar.Bytes(new string('x', 2048)) },
        { "ends within a header", RawTar.New.File("a").Unended[..300] },
        { "ends within an entry", RawTar.New.File("a", new string('x', 5000)).Unended[..1024] },
        { "is not an octal number", RawTar.New.Entry('0', "a", size: "0000000009x").Ended },
        { "size is negative", RawTar.New.Entry('0', "a", size: new string('\xff', 12)).Ended },
        { "size is out of range", RawTar.New.Entry('0', "a", size: "\x80\xff" + new string('\xff', 10)).Ended },
        { "out of range 0 to", RawTar.New.Entry('0', "a", size: "\x80\0\0\0\x7f" + new string('\xff', 7)).Ended },
        { "uid 4294967295 is out of range", RawTar.New.Pax(("uid", "4294967295")).File("a").Ended },
        { "uid 4294967296 is out of range", RawTar.New.Entry('0', "a", uid: "\x80\0\0\x01\0\0\0\0").Ended },
        { "is not a number", RawTar.New.Pax(("uid", "-1")).File("a").Ended },
        { "is not a number", RawTar.New.Pax(("size", "99999999999999999999")).File("a").Ended },
        { "is not a time", RawTar.New.Pax(("mtime", "soon.5x")).File("a").Ended },
        { "wrong length", RawTar.New.Entry('x', "pax", content: "99 path=a\n"u8.ToArray()).File("a").Ended },
        { "wrong length", RawTar.New.Entry('x', "pax", content: "2 path=a\n"u8.ToArray()).File("a").Ended },
        { "wrong length", RawTar.New.Entry('x', "pax", content: "9 path=aa"u8.ToArray()).File("a").Ended },
        { "no key", RawTar.New.Entry('x', "pax", content: "6 =ab\n"u8.ToArray()).File("a").Ended },
        { "more than 1048576 bytes", RawTar.New.Entry('x', "pax", size: RawTar.Octal(1 << 21, 11)).File("a").Ended },
        { "more than 4095 bytes", RawTar.New.Pax(("path", new string('a', 5000))).File("a").Ended },
        { "more than 4095 bytes", RawTar.New.Entry('L', "x", content: new byte[5000]).File("a").Ended },
        { "holds a NUL byte", RawTar.New.Pax(("path", "a\0b")).File("a").Ended },
        { "empty name", RawTar.New.File("").Ended },
        { "empty link target", RawTar.New.Symlink("a", "").Ended },
        { "of type 'D'", RawTar.New.Entry('D', "a").Ended },
        { "between an extended header and its entry", RawTar.New.Pax(("path", "a")).Ended },
        { "device major 4096", RawTar.New.Entry('3', "a", major: "0010000").Ended },
        { "sparse map is out of order", Sparse("5,2,3,2", "10", 4) },
        { "sparse map is out of order", Sparse("0,2,9,2", "10", 4) },
        { "the entry holds", Sparse("0,2,4,2", "10", 5) },
        { "odd number of numbers", Sparse("0,2,4", "10", 4) },
        { "a sparse file without its size", RawTar.New.Pax(("GNU.sparse.map", "0,1")).File("a", "x").Ended },
        { "sparse format 2.0", RawTar.New.Pax(("GNU.sparse.major", "2"), ("GNU.sparse.minor", "0")).File("a", "x").Ended },
        { "not a list of numbers", RawTar.New.Pax(("GNU.sparse.major", "1"), ("GNU.sparse.realsize", "9")).File("a", new string('x', 600)).Ended },
        { "longer than the entry", RawTar.New.Pax(("GNU.sparse.major", "1"), ("GNU.sparse.realsize", "9")).File("a", "1\n0\n0\n").Ended },
    };

    [Theory]
    [MemberData(nameof(Damaged))]
    public void A_damaged_archive_is_refused_with_its_reason(string reason, byte[] tar)
    {
        var error = Assert.Throws<ContainerException>(() => ReadAll(tar));
        Assert.Equal(ContainerErrorKind.InvalidArgument, error.Kind);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_endless_row_of_extended_headers_is_refused()
    {
        RawTar tar = RawTar.New;
        for (int i = 0; i < 3000; i++)
            tar.Pax();
        var error = Assert.Throws<ContainerException>(() => ReadAll(tar.File("a").Ended));
        Assert.Contains("extended headers", error.Message, StringComparison.Ordinal);
    }

    internal static List<(TarEntry Entry, byte[] Content)> ReadAll(byte[] tar)
    {
        var reader = new TarReader(new Trickle(tar, 777));
        List<(TarEntry, byte[])> entries = [];
        while (reader.Next() is { } entry)
            entries.Add((entry, reader.ReadAll(entry, 64 << 20)));
        return entries;
    }

    private static byte[] Sparse(string map, string size, int stored) =>
        RawTar.New.Pax(("GNU.sparse.map", map), ("GNU.sparse.size", size)).File("a", new string('x', stored)).Ended;
}
