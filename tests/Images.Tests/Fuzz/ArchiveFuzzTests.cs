using System.IO.Compression;
using Rundlet.Images.Compression;
using Rundlet.Images.Files;
using Rundlet.Images.Tar;
using Rundlet.Images.Tests.Hostile;
using Rundlet.Images.Tests.Store;
using Rundlet.Images.Tests.Tar;
using Rundlet.Images.Unpack;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Tests.Fuzz;

public class ArchiveFuzzTests
{
    private const long MaxMemory = 64 << 20;
    private static readonly string[] s_words = ["../../x", "/", "..", ".wh.", ".wh..wh..opq", "\0", "\x80\xff\xff\xff", "77777777777", "GNU.sparse.map", "path", "size=", "SCHILY.xattr."];

    [Fact]
    public void Archives_are_read_or_refused()
    {
        byte[] good = Seed();
        (int taken, int of) = FuzzRun.Run(4_000, random => Spoil(good, random), input => FuzzRun.Accepts(() =>
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            var reader = new TarReader(new Trickle(input, 777));
            while (reader.Next() is not null)
            {
                while (reader.ReadData(out _) is { IsEmpty: false })
                {
                }
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, MaxMemory);
        }));
        Assert.InRange(taken, of / 100, of - of / 100);
    }

    [Fact]
    public void Archives_never_leave_the_root()
    {
        Sandbox.SkipUnlessRoot();
        using var sandbox = new Sandbox();
        byte[] good = Seed();
        string outside = sandbox.Outside();
        FuzzRun.Run(250, random => Spoil(good, random), input =>
        {
            bool taken;
            LinuxException.ThrowIfError(Sys.mkdirat(sandbox.RootFd.Value, "case", 0x1c0), "mkdir", "case");
            using (OwnedFd root = FileIo.Open(sandbox.RootFd.Value, "case", O.RDONLY | O.DIRECTORY))
                taken = FuzzRun.Accepts(() => LayerUnpacker.Unpack(new MemoryStream(input), root.Value));
            Assert.Equal($"{sandbox.Root}/case", Assert.Single(Directory.GetFileSystemEntries(sandbox.Root)));
            TreeRemover.Remove(sandbox.RootFd.Value, "case");
            Assert.Equal(outside, sandbox.Outside());
            return taken;
        });
        sandbox.AssertUntouched();
    }

    [Fact]
    public void Packed_archives_are_unpacked_or_refused()
    {
        byte[] tar = Seed();
        byte[][] packed = [Pack(tar, target => new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true)), Pack(tar, Zstd)];
        (int taken, int of) = FuzzRun.Run(3_000, random => Mutation.Bytes(packed[random.Next(2)], random, "\x1f\x8b\x08", "\x28\xb5\x2f\xfd"), input => FuzzRun.Accepts(() =>
        {
            using var layer = new LayerStream(new Trickle(input, 10_000), null, 1 << 24);
            byte[] buffer = new byte[50_000];
            while (layer.Read(buffer) > 0)
            {
            }
            Assert.False(layer.Complete().IsEmpty);
        }));
        Assert.InRange(taken, 1, of - of / 2);
    }

    [Fact]
    public void Image_layouts_are_taken_or_refused()
    {
        Sandbox.SkipUnlessRoot();
        using var store = new StoreFixture();
        var builder = new LayoutBuilder();
        builder.Image((_, config) => LayoutBuilder.Manifest(config, LayoutBuilder.Layer));
        byte[] good = builder.Tar.Ended;
        string outside = store.Sandbox.Outside();
        (int taken, int of) = FuzzRun.Run(300, random => Spoil(good, random), input =>
        {
            bool accepted = FuzzRun.Accepts(() => store.Images.Load(new MemoryStream(input)));
            store.Images.Prune(all: true);
            Assert.Empty(store.Images.List());
            Assert.Empty(store.Images.Content.List());
            Assert.Empty(store.Files("blobs/ingest"));
            Assert.Empty(store.Files("layers/ingest"));
            return accepted;
        });
        Assert.InRange(taken, 1, of - of / 10);
        Assert.Equal(outside, store.Sandbox.Outside());
        store.Sandbox.AssertUntouched();
    }

    /// <summary>Blocks exchanged or bytes spoiled; most often with the checksums made right again, so that what is behind them is reached.</summary>
    private static byte[] Spoil(byte[] good, Random random)
    {
        byte[] tar = [.. good];
        for (int i = random.Next(3); i > 0; i--)
        {
            int from = random.Next(tar.Length / 512) * 512, to = random.Next(tar.Length / 512) * 512;
            tar.AsSpan(from, 512).CopyTo(tar.AsSpan(to));
        }
        if (random.Next(3) == 0)
            tar = Mutation.Bytes(tar, random, s_words);
        for (int i = random.Next(1, 5); i > 0; i--)
        {
            byte[] word = RawTar.Bytes(s_words[random.Next(s_words.Length)]);
            int at = random.Next(Math.Max(1, tar.Length - word.Length));
            if (at + word.Length <= tar.Length)
                word.CopyTo(tar.AsSpan(at));
        }
        if (random.Next(5) != 0)
            FixChecksums(tar);
        return tar;
    }

    private static void FixChecksums(byte[] tar)
    {
        for (int at = 0; at + 512 <= tar.Length; at += 512)
        {
            Span<byte> block = tar.AsSpan(at, 512);
            if (!block.Slice(257, 5).SequenceEqual("ustar"u8))
                continue;
            block.Slice(148, 8).Fill((byte)' ');
            int sum = 0;
            foreach (byte b in block)
                sum += b;
            RawTar.Bytes(RawTar.Octal(sum, 6) + "\0 ").CopyTo(block[148..]);
        }
    }

    private static byte[] Pack(byte[] tar, Func<Stream, Stream> open)
    {
        var packed = new MemoryStream();
        using (Stream stream = open(packed))
            stream.Write(tar);
        return packed.ToArray();
    }

    private static ZstdSharp.CompressionStream Zstd(Stream target) => new(target, 3, leaveOpen: true);

    private static byte[] Seed() =>
    [
        .. TarWriterTests.Write([.. TarWriterTests.Entries.Select(row => row.Data)
            .Where(e => e.Name.Length < 300) // deep folders cost more than they find
            .Select(e => (e, Array.Empty<byte>()))])[..^1024],
        .. RawTar.New
            .Folder("dir").File("dir/file", "content").Symlink("up", "..").Symlink("l", "dir/file").HardLink("h", "dir/file").File("up/x")
            .Entry('L', "x", content: "long/name\0"u8.ToArray(), magic: "ustar  \0").File("short", "1")
            .OldSparse("old", "1234", 100, (0, 2), (50, 2))
            .Pax(("GNU.sparse.map", "4,4,16,3"), ("GNU.sparse.size", "64")).File("sparse", "1234567")
            .Pax(("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.realsize", "50")).File("s1", "1\n8\n4\n" + new string('\0', 506) + "data")
            .File("dir/.wh.a").File("dir/.wh..wh..opq").File("last", new string('x', 1500))
            .Ended,
    ];
}
