using System.Text;
using Rundlet.Images.Diffs;
using Rundlet.Images.Tar;
using Rundlet.Images.Tests.Tar;
using Rundlet.Images.Tests.Unpack;
using Rundlet.Images.Unpack;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Tests.Diffs;

public class LayerPackerTests
{
    public LayerPackerTests() => Sandbox.SkipUnlessRoot();

    [Theory]
    [InlineData(TreeForm.Whole)]
    [InlineData(TreeForm.OverlayUpper)]
    public void What_is_packed_and_unpacked_again_is_the_same(TreeForm form)
    {
        for (int seed = 1; seed <= 6; seed++)
        {
            using Sandbox tree = new(), copy = new();
            new RandomTree(new Random(seed), form == TreeForm.OverlayUpper).Fill(tree.Root, 30 * seed);
            byte[] archive = Pack(tree, form);
            UnpackResult result = LayerUnpacker.Unpack(new MemoryStream(archive), copy.RootFd.Value);
            Assert.True(result.Entries > 1);
            Assert.Equal(Listing(tree), Listing(copy));
            Assert.Equal(archive, Pack(copy, form)); // another folder, made in another order, gives the same bytes
        }
    }

    [Fact]
    public void Gnu_tar_unpacks_it_to_the_same_files()
    {
        using Sandbox tree = new(), copy = new();
        new RandomTree(new Random(77), asUpper: false).Fill(tree.Root, 300);
        string archive = $"{tree.Path}/archive.tar";
        File.WriteAllBytes(archive, Pack(tree));
        Sandbox.Run("tar", "--extract", "--xattrs", "--xattrs-include=*", "--numeric-owner", "--same-permissions", "--delay-directory-restore", "-f", archive, "-C", copy.Root);
        Assert.Equal(TreeListing.Of(tree.Root), TreeListing.Of(copy.Root));
        File.Delete(archive);
    }

    [Fact]
    public void A_file_that_is_mostly_a_hole_costs_what_its_data_costs()
    {
        using Sandbox tree = new(), copy = new();
        using (FileStream file = File.Create($"{tree.Root}/lastlog"))
        {
            file.Position = 1L << 40;
            file.Write("data"u8);
            file.SetLength((1L << 40) + 100_000);
        }
        byte[] archive = Pack(tree);
        Assert.True(archive.Length < 30_000, $"{archive.Length} bytes");
        LayerUnpacker.Unpack(new MemoryStream(archive), copy.RootFd.Value);
        statx_t stat = copy.StatIn("lastlog");
        Assert.Equal((1UL << 40) + 100_000, stat.stx_size);
        Assert.True(stat.stx_blocks * 512 < 65536, $"{stat.stx_blocks} blocks");
        Assert.Equal(archive, Pack(copy));
        string tar = $"{tree.Path}/archive.tar";
        File.WriteAllBytes(tar, archive);
        Assert.Contains($"{(1L << 40) + 100_000} ", Sandbox.Run("tar", "--list", "--verbose", "-f", tar), StringComparison.Ordinal);
        File.Delete(tar);
    }

    [Fact]
    public void Small_holes_are_zeroes_that_every_reader_knows()
    {
        using Sandbox tree = new();
        using (FileStream file = File.Create($"{tree.Root}/holes"))
        {
            file.Position = 1 << 20;
            file.Write("data"u8);
        }
        (TarEntry entry, byte[] content) = TarReaderTests.ReadAll(Pack(tree)).Single(read => read.Entry.Kind == TarEntryKind.Regular);
        Assert.False(entry.IsSparse);
        Assert.Equal([.. new byte[1 << 20], .. "data"u8], content);
    }

    [Fact]
    public void More_holes_than_a_map_may_have_become_data_the_smallest_first()
    {
        const int Pieces = 2 * TarReader.MaxSegments;
        SparseMap map = SparseMap.Of(Enumerable.Range(0, Pieces).Select(i => new TarSegment(i * 8192L + (i > Pieces - 10 ? i << 20 : 0), 4096)));
        Assert.InRange(map.Segments.Count, 10, TarReader.MaxSegments);
        Assert.Equal(4096, map.Segments[^1].Length); // the wide holes at the end are holes still
        Assert.InRange(map.DataBytes, Pieces * 4096L, Pieces * 8192L);
        Assert.True(map.Segments.Zip(map.Segments.Skip(1)).All(pair => pair.First.Offset + pair.First.Length < pair.Second.Offset));
    }

    [Fact]
    public void Whiteouts_are_written_as_the_specification_names_them()
    {
        using Sandbox tree = new();
        Directory.CreateDirectory($"{tree.Root}/dir");
        Check(Sys.mknodat(tree.RootFd.Value, "dir/gone", S.IFCHR, 0));
        Check(Sys.lsetxattr($"{tree.Root}/dir", "trusted.overlay.opaque", "y"u8));
        Check(Sys.lsetxattr($"{tree.Root}/dir", "trusted.overlay.origin", "x"u8));
        Check(Sys.lsetxattr($"{tree.Root}/dir", "user.overlay.origin", "x"u8));
        List<(TarEntry Entry, byte[])> read = TarReaderTests.ReadAll(Pack(tree, TreeForm.OverlayUpper));
        Assert.Equal(["./", "dir/", "dir/.wh..wh..opq", "dir/.wh.gone"], read.Select(r => Encoding.UTF8.GetString(r.Entry.Name)));
        Assert.All(read, r => Assert.Empty(r.Entry.Xattrs));
        Assert.Equal([0L, 0L], read[2..].Select(r => r.Entry.Mtime.Seconds));
    }

    [Fact]
    public void What_a_layer_cannot_say_is_refused_by_name()
    {
        using Sandbox tree = new();
        File.WriteAllText($"{tree.Root}/.wh.x", "");
        ContainerException error = Assert.Throws<ContainerException>(() => Pack(tree, TreeForm.OverlayUpper));
        Assert.Equal(ContainerErrorKind.Unsupported, error.Kind);
        Assert.Contains("'.wh.x'", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, TarReaderTests.ReadAll(Pack(tree)).Count); // an archive of all files can
        File.Delete($"{tree.Root}/.wh.x");
        Directory.CreateDirectory($"{tree.Root}/moved");
        Check(Sys.lsetxattr($"{tree.Root}/moved", "trusted.overlay.redirect", "/old"u8));
        Assert.Contains("redirect_dir", Assert.Throws<ContainerException>(() => Pack(tree, TreeForm.OverlayUpper)).Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void Times_are_not_later_than_told()
    {
        using Sandbox tree = new();
        File.WriteAllText($"{tree.Root}/new", "");
        File.WriteAllText($"{tree.Root}/old", "");
        File.SetLastWriteTimeUtc($"{tree.Root}/old", DateTime.UnixEpoch.AddSeconds(5));
        byte[] archive = Pack(tree, latest: new TarTime(1000, 0));
        Assert.Equal([1000, 1000, 5], TarReaderTests.ReadAll(archive).Select(read => read.Entry.Mtime.Seconds));
    }

    [Fact]
    public void Sockets_are_left_out()
    {
        using Sandbox tree = new();
        Check(Sys.mknodat(tree.RootFd.Value, "socket", S.IFSOCK | 0x180, 0));
        Assert.Single(TarReaderTests.ReadAll(Pack(tree)));
    }

    [Fact]
    public void Folders_may_lie_deeper_than_a_process_may_open_files()
    {
        using Sandbox tree = new(), copy = new();
        for (int i = 0; i < 3; i++)
            Nest(tree.RootFd.Value, $"{i}", 150);
        byte[] archive = Pack(tree);
        Assert.Equal(451, LayerUnpacker.Unpack(new MemoryStream(archive), copy.RootFd.Value).Entries);
        Assert.Equal(archive, Pack(copy));
    }

    [Fact]
    public void A_path_that_no_archive_can_hold_is_refused()
    {
        using Sandbox tree = new();
        Nest(tree.RootFd.Value, new string('d', 254), 16);
        Assert.Equal(17, TarReaderTests.ReadAll(Pack(tree)).Count);
        Nest(tree.RootFd.Value, new string('d', 254), 17);
        Assert.Contains("longer than 4094 bytes", Assert.Throws<ContainerException>(() => Pack(tree)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tree_that_others_change_meanwhile_gives_an_archive_all_the_same()
    {
        using Sandbox tree = new(), copy = new();
        using var done = new CancellationTokenSource();
        string secret = $"{tree.Path}/canary";
        Task[] changers = [Task.Run(() => Swap(tree.Root, secret, done.Token)), Task.Run(() => Resize(tree.Root, done.Token))];
        try
        {
            for (int i = 0; i < 150; i++)
            {
                foreach ((TarEntry entry, byte[] content) in TarReaderTests.ReadAll(Pack(tree)))
                    Assert.DoesNotContain("untouched", Encoding.Latin1.GetString(content), StringComparison.Ordinal);
            }
        }
        finally
        {
            await done.CancelAsync();
            await Task.WhenAll(changers);
        }
        LayerUnpacker.Unpack(new MemoryStream(Pack(tree)), copy.RootFd.Value);
        tree.AssertUntouched();
    }

    [Fact]
    public void It_can_be_cancelled()
    {
        using Sandbox tree = new();
        File.WriteAllBytes($"{tree.Root}/file", new byte[1 << 20]);
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Assert.Throws<OperationCanceledException>(() => LayerPacker.Pack(tree.RootFd.Value, Stream.Null, cancel: cancel.Token));
    }

    internal static byte[] Pack(Sandbox tree, TreeForm form = TreeForm.Whole, TarTime? latest = null)
    {
        var archive = new MemoryStream();
        LayerPacker.Pack(tree.RootFd.Value, archive, new PackOptions { Form = form, Latest = latest });
        return archive.ToArray();
    }

    /// <summary>Whiteouts have nothing but a name.</summary>
    private static IEnumerable<string> Listing(Sandbox tree) =>
        TreeListing.Of(tree.Root).Select(line => line.Contains(" mode=20000 ", StringComparison.Ordinal) && line.Contains(" dev=0:0 ", StringComparison.Ordinal) ? line[..line.LastIndexOf(" mode=", StringComparison.Ordinal)] : line);

    /// <summary>A folder, a link out of the tree, a pipe and a file take turns under one name, and a folder with a link.</summary>
    private static void Swap(string root, string outside, CancellationToken done)
    {
        string name = $"{root}/a", folder = $"{root}/d";
        Directory.CreateDirectory($"{folder}/e");
        File.WriteAllText($"{folder}/e/canary", "inside");
        while (!done.IsCancellationRequested)
        {
            Check(Sys.symlinkat(outside, Sys.AT_FDCWD, name));
            Check(Sys.unlinkat(Sys.AT_FDCWD, name, 0));
            Check(Sys.mknodat(Sys.AT_FDCWD, name, S.IFIFO | 0x180, 0));
            Check(Sys.renameat2(Sys.AT_FDCWD, $"{folder}/e", Sys.AT_FDCWD, $"{folder}/f", 0));
            Check(Sys.symlinkat(Path.GetDirectoryName(outside)!, Sys.AT_FDCWD, $"{folder}/e"));
            Check(Sys.unlinkat(Sys.AT_FDCWD, name, 0));
            File.WriteAllText(name, "inside");
            Check(Sys.unlinkat(Sys.AT_FDCWD, $"{folder}/e", 0));
            Check(Sys.renameat2(Sys.AT_FDCWD, $"{folder}/f", Sys.AT_FDCWD, $"{folder}/e", 0));
            Check(Sys.unlinkat(Sys.AT_FDCWD, name, 0));
        }
    }

    /// <summary>A file grows and shrinks.</summary>
    private static void Resize(string root, CancellationToken done)
    {
        using FileStream file = File.Create($"{root}/z", 0);
        while (!done.IsCancellationRequested)
        {
            file.SetLength(0);
            file.Write(new byte[300_000]);
            file.SetLength(1000);
            file.SetLength(5_000_000);
        }
    }

    private static void Nest(int root, string name, int depth)
    {
        OwnedFd folder = FileIo.Open(root, ".", O.RDONLY | O.DIRECTORY);
        for (int i = 0; i < depth; i++)
        {
            int answer = Sys.mkdirat(folder.Value, name, 0x1c0);
            if (!Sys.Is(answer, Errno.EEXIST))
                Check(answer);
            OwnedFd next = FileIo.Open(folder.Value, name, O.RDONLY | O.DIRECTORY);
            folder.Dispose();
            folder = next;
        }
        folder.Dispose();
    }

    private static void Check(int answer) => LinuxException.ThrowIfError(answer, "prepare a test");
}
