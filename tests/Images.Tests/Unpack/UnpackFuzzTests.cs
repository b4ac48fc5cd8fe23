using Rundlet.Images.Files;
using Rundlet.Images.Tar;
using Rundlet.Images.Tests.Tar;
using Rundlet.Images.Unpack;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Tests.Unpack;

public class UnpackFuzzTests
{
    private const int Cases = 200;

    [Fact]
    public void Mutated_archives_are_read_or_refused()
    {
        byte[] seed = Seed();
        var random = new Random(20240611);
        int refused = 0;
        for (int i = 0; i < Cases * 50; i++)
        {
            byte[] tar = Mutate(seed, random);
            try
            {
                TarReaderTests.ReadAll(tar);
            }
            catch (ContainerException error) when (error.Kind == ContainerErrorKind.InvalidArgument)
            {
                refused++;
            }
        }
        Assert.InRange(refused, Cases / 2, Cases * 50 - 100);
    }

    [Fact]
    public void Mutated_archives_never_leave_the_root()
    {
        Sandbox.SkipUnlessRoot();
        using var sandbox = new Sandbox();
        byte[] seed = Seed();
        var random = new Random(4711);
        for (int i = 0; i < Cases; i++)
        {
            string name = $"case-{i}";
            LinuxException.ThrowIfError(Sys.mkdirat(sandbox.RootFd.Value, name, 0x1c0), "mkdir", name);
            using (OwnedFd root = FileIo.Open(sandbox.RootFd.Value, name, O.RDONLY | O.DIRECTORY))
            {
                try
                {
                    LayerUnpacker.Unpack(new MemoryStream(Mutate(seed, random)), root.Value);
                }
                catch (ContainerException error)
                {
                    Assert.NotEqual(ContainerErrorKind.Internal, error.Kind);
                }
            }
            Assert.Equal($"{sandbox.Root}/{name}", Assert.Single(Directory.GetFileSystemEntries(sandbox.Root)));
            TreeRemover.Remove(sandbox.RootFd.Value, name);
        }
        sandbox.AssertUntouched();
    }

    /// <summary>A few bytes changed, doubled or cut out; most often with the checksums made right again.</summary>
    private static byte[] Mutate(byte[] seed, Random random)
    {
        byte[] tar = [.. seed];
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            int at = random.Next(tar.Length);
            switch (random.Next(5))
            {
                case 0:
                    tar[at] = (byte)random.Next(256);
                    break;
                case 1:
                    tar[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    tar = tar[..at];
                    break;
                case 3:
                    int block = at & ~511;
                    int other = random.Next(tar.Length) & ~511;
                    int length = Math.Min(512, tar.Length - Math.Max(block, other));
                    tar.AsSpan(other, length).CopyTo(tar.AsSpan(block));
                    break;
                default:
                    "../../x"u8[..Math.Min(7, tar.Length - at)].CopyTo(tar.AsSpan(at));
                    break;
            }
            if (tar.Length == 0)
                return tar;
        }
        if (random.Next(4) != 0)
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

    private static byte[] Seed() =>
    [
        .. TarWriterTests.Write([.. TarWriterTests.Entries.Select(row => row.Data)
            .Where(e => e.Name.Length < 300) // deep folders cost more than they find
            .Select(e => (e, Array.Empty<byte>()))])[..^1024],
        .. RawTar.New
            .Folder("dir").File("dir/file", "content").Symlink("up", "..").Symlink("l", "dir/file").HardLink("h", "dir/file").File("up/x")
            .Entry('L', "x", content: "long/name\0"u8.ToArray(), magic: "ustar  \0").File("short", "1")
            .Pax(("GNU.sparse.map", "4,4,16,3"), ("GNU.sparse.size", "64")).File("sparse", "1234567")
            .Pax(("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.realsize", "50")).File("s1", "1\n8\n4\n" + new string('\0', 506) + "data")
            .File("dir/.wh.a").File("dir/.wh..wh..opq").File("last", new string('x', 1500))
            .Ended,
    ];
}
