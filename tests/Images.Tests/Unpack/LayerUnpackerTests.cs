using System.Text;
using Rundlet.Images.Check;
using Rundlet.Images.Files;
using Rundlet.Images.Tar;
using Rundlet.Images.Tests.Tar;
using Rundlet.Images.Unpack;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Tests.Unpack;

public class LayerUnpackerTests
{
    public LayerUnpackerTests() => Sandbox.SkipUnlessRoot();

    [Fact]
    public void Every_kind_of_file_keeps_owner_mode_attributes_and_time()
    {
        using var sandbox = new Sandbox();
        var time = new TarTime(1_600_000_000, 123_456_789);
        byte[] capability = [0x01, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        TarEntry Of(string name, TarEntryKind kind, uint mode) =>
            TarWriterTests.Entry(name, kind) with { Mode = mode, Uid = 1234, Gid = 4_000_000_000, Mtime = time };
        byte[] tar = TarWriterTests.Write(
            (Of("./", TarEntryKind.Directory, 0x1c9), []),
            (Of("dir/", TarEntryKind.Directory, 0x5ff) with { Xattrs = [new("user.d"u8.ToArray(), "v"u8.ToArray())] }, []),
            (Of("dir/suid", TarEntryKind.Regular, 0x9ed) with { Size = 2, Xattrs = [new("security.capability"u8.ToArray(), capability)] }, "hi"u8.ToArray()),
            (Of("dir/link", TarEntryKind.SymbolicLink, 0x1ff) with { LinkName = "/nowhere"u8.ToArray() }, []),
            (Of("dir/fifo", TarEntryKind.Fifo, 0x1b6), []),
            (Of("dir/char", TarEntryKind.CharacterDevice, 0x1b6) with { DeviceMajor = 259, DeviceMinor = 65537 }, []),
            (Of("dir/block", TarEntryKind.BlockDevice, 0x190) with { DeviceMajor = 8, DeviceMinor = 1 }, []),
            (Of("dir/hard", TarEntryKind.HardLink, 0x9ed) with { LinkName = "dir/suid"u8.ToArray() }, []));
        UnpackResult result = Unpack(sandbox, tar);
        Assert.Equal((8, 2, 0), (result.Entries, result.Bytes, result.Implied.Count));
        (string, uint)[] expected =
        [
            ("", S.IFDIR | 0x1c9), ("dir", S.IFDIR | 0x5ff), ("dir/suid", S.IFREG | 0x9ed), ("dir/link", S.IFLNK | 0x1ff),
            ("dir/fifo", S.IFIFO | 0x1b6), ("dir/char", S.IFCHR | 0x1b6), ("dir/block", S.IFBLK | 0x190), ("dir/hard", S.IFREG | 0x9ed),
        ];
        foreach ((string name, uint mode) in expected)
        {
            statx_t stat = sandbox.StatIn(name);
            Assert.Equal((name, mode, 1234u, 4_000_000_000u), (name, stat.stx_mode, stat.stx_uid, stat.stx_gid));
            Assert.Equal((name, time), (name, new TarTime(stat.stx_mtime.tv_sec, (int)stat.stx_mtime.tv_nsec)));
        }
        Assert.Equal((259u, 65537u), (sandbox.StatIn("dir/char").stx_rdev_major, sandbox.StatIn("dir/char").stx_rdev_minor));
        Assert.Equal(2u, sandbox.StatIn("dir/suid").stx_nlink);
        Assert.Equal("v", Sandbox.Xattr($"{sandbox.Root}/dir", "user.d"));
        Assert.Equal(Encoding.Latin1.GetString(capability), Sandbox.Xattr($"{sandbox.Root}/dir/suid", "security.capability"));
        Assert.Equal("/nowhere", new FileInfo($"{sandbox.Root}/dir/link").LinkTarget);
    }

    [Fact]
    public void Holes_stay_holes()
    {
        using var sandbox = new Sandbox();
        byte[] tar = RawTar.New.Pax(("GNU.sparse.map", "1048576,4"), ("GNU.sparse.size", "8388608")).File("holes", "data").Ended;
        Unpack(sandbox, tar);
        statx_t stat = sandbox.StatIn("holes");
        Assert.Equal(8388608UL, stat.stx_size);
        Assert.True(stat.stx_blocks * 512 < 65536, $"{stat.stx_blocks} blocks");
        using FileStream file = File.OpenRead($"{sandbox.Root}/holes");
        file.Position = 1048576;
        byte[] data = new byte[5];
        file.ReadExactly(data);
        Assert.Equal("data\0"u8.ToArray(), data);
    }

    [Fact]
    public void Whiteouts_and_opaque_folders_take_overlayfs_form()
    {
        using var sandbox = new Sandbox();
        Unpack(sandbox, RawTar.New.File(".wh.gone").Folder("dir").File("dir/.wh..wh..opq").File("dir/kept").File("new/.wh.x").File(".wh..wh.plnk").Ended);
        Assert.True(Sandbox.IsWhiteout(sandbox.StatIn("gone")));
        Assert.True(Sandbox.IsWhiteout(sandbox.StatIn("new/x")));
        Assert.Equal("y", Sandbox.Xattr($"{sandbox.Root}/dir", "trusted.overlay.opaque"));
        Assert.Equal(["dir", "gone", "new"], Names(sandbox.Root));
        Assert.Equal(["kept"], Names($"{sandbox.Root}/dir"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_whiteout_never_hides_what_its_own_layer_holds(bool whiteoutFirst)
    {
        using var sandbox = new Sandbox();
        RawTar tar = RawTar.New;
        if (whiteoutFirst)
            tar.File(".wh.file").File(".wh.dir");
        tar.File("file", "mine").Folder("dir").File("dir/inner");
        if (!whiteoutFirst)
            tar.File(".wh.file").File(".wh.dir");
        Unpack(sandbox, tar.Ended);
        Assert.Equal("mine", File.ReadAllText($"{sandbox.Root}/file"));
        Assert.True(File.Exists($"{sandbox.Root}/dir/inner"));
        Assert.Equal("y", Sandbox.Xattr($"{sandbox.Root}/dir", "trusted.overlay.opaque"));
    }

    [Fact]
    public void Of_an_entry_that_stands_twice_the_last_wins()
    {
        using var sandbox = new Sandbox();
        byte[] tar = RawTar.New
            .File("a", "1").File("a", "2")
            .Folder("b").File("b/x").File("b", "file now")
            .File("c", "1").Folder("c").File("c/x", "in folder")
            .Folder("d").File("d/x", "stays").Folder("d", "0000700")
            .Symlink("e", "d").Folder("e").File("e/own", "not in d")
            .File("f", "1").HardLink("f", "a")
            .Ended;
        Unpack(sandbox, tar);
        Assert.Equal("2", File.ReadAllText($"{sandbox.Root}/a"));
        Assert.Equal("file now", File.ReadAllText($"{sandbox.Root}/b"));
        Assert.Equal("in folder", File.ReadAllText($"{sandbox.Root}/c/x"));
        Assert.Equal("stays", File.ReadAllText($"{sandbox.Root}/d/x"));
        Assert.Equal(0x1c0, sandbox.StatIn("d").stx_mode & 0xfff);
        Assert.Equal(["x"], Names($"{sandbox.Root}/d"));
        Assert.Equal(["own"], Names($"{sandbox.Root}/e"));
        Assert.Equal(sandbox.StatIn("a").stx_ino, sandbox.StatIn("f").stx_ino);
    }

    [Fact]
    public void A_folder_that_was_replaced_is_not_written_through_the_kept_fd()
    {
        using var sandbox = new Sandbox();
        Unpack(sandbox, RawTar.New.Folder("a").File("a/1").File("a/2").File("a").Folder("a").File("a/3").Ended);
        Assert.Equal(["3"], Names($"{sandbox.Root}/a"));
    }

    [Fact]
    public void Overlay_attributes_and_labels_of_a_layer_are_not_taken()
    {
        using var sandbox = new Sandbox();
        byte[] tar = RawTar.New
            .Pax(("SCHILY.xattr.trusted.overlay.redirect", "/etc"), ("SCHILY.xattr.trusted.overlay.opaque", "y"), ("SCHILY.xattr.user.overlay.opaque", "y"),
                ("SCHILY.xattr.security.selinux", "x"), ("SCHILY.xattr.user.fine", "1"))
            .Folder("dir").Ended;
        Unpack(sandbox, tar);
        string dir = $"{sandbox.Root}/dir";
        Assert.Equal("1", Sandbox.Xattr(dir, "user.fine"));
        foreach (string name in new[] { "trusted.overlay.redirect", "trusted.overlay.opaque", "user.overlay.opaque", "security.selinux" })
            Assert.Null(Sandbox.Xattr(dir, name));
    }

    [Fact]
    public void Folders_the_layer_does_not_list_are_made_whatever_our_umask()
    {
        using var sandbox = new Sandbox();
        Unpack(sandbox, RawTar.New.File("x/y/z/file").Ended);
        Assert.Equal(0x1ed, sandbox.StatIn("x/y").stx_mode & 0xfff);
    }

    [Fact]
    public void Names_that_are_not_utf8_stay_different()
    {
        using var sandbox = new Sandbox();
        Unpack(sandbox, RawTar.New.File("\xff").File("\xfe").Ended);
        using OwnedFd folder = FileIo.Open(Sys.AT_FDCWD, sandbox.Root, O.RDONLY);
        Assert.Equal([[0xfe], [0xff]], FolderReader.ReadAll(folder.Value, "root").Select(i => i.Name).OrderBy(n => n[0]));
    }

    [Fact]
    public void A_cancelled_unpack_ends()
    {
        using var sandbox = new Sandbox();
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Assert.Throws<OperationCanceledException>(() =>
            LayerUnpacker.Unpack(new MemoryStream(RawTar.New.File("a").Ended), sandbox.RootFd.Value, cancel: cancel.Token));
    }

    [Fact]
    public void Deep_folders_are_made_and_removed()
    {
        using var sandbox = new Sandbox();
        RawTar tar = RawTar.New;
        string deep = string.Join('/', Enumerable.Repeat("d", 2000));
        tar.Pax(("path", deep + "/f")).File("x");
        Unpack(sandbox, tar.Ended);
        Assert.True(TreeRemover.Remove(sandbox.RootFd.Value, "d"));
        Assert.Empty(Names(sandbox.Root));
    }

    [Fact]
    public void What_gnu_tar_writes_is_unpacked_as_gnu_tar_unpacks_it()
    {
        using var sandbox = new Sandbox();
        string source = $"{sandbox.Path}/source", theirs = $"{sandbox.Path}/theirs", archive = $"{sandbox.Path}/archive.tar";
        // Without times before 1970: GNU tar 1.34 adds their fraction where it must take it off.
        Unpack(sandbox, TarWriterTests.Write([.. TarWriterTests.Entries.Select(row => row.Data)
            .Where(e => e.Mtime.Seconds >= 0 && e.Name.Length < 250 && e.Kind != TarEntryKind.HardLink)
            .Select(e => (e, Array.Empty<byte>()))]));
        Directory.Move(sandbox.Root, source);
        Directory.CreateDirectory(sandbox.Root);
        Directory.CreateDirectory(theirs);
        Sandbox.Run("tar", "--create", "--format=posix", "--xattrs", "--xattrs-include=*", "--numeric-owner", "-f", archive, "-C", source, ".");
        Sandbox.Run("tar", "--extract", "--xattrs", "--xattrs-include=*", "--numeric-owner", "--same-permissions", "-f", archive, "-C", theirs);
        using (OwnedFd root = FileIo.Open(Sys.AT_FDCWD, sandbox.Root, O.RDONLY | O.DIRECTORY))
        using (FileStream tar = File.OpenRead(archive))
            LayerUnpacker.Unpack(tar, root.Value);
        Assert.Equal(TreeListing.Of(theirs), TreeListing.Of(sandbox.Root));
        Assert.True(TreeListing.Of(theirs).Count > 10);
        foreach (string path in new[] { source, theirs, archive })
        {
            using OwnedFd parent = FileIo.Open(Sys.AT_FDCWD, sandbox.Path, O.RDONLY);
            TreeRemover.Remove(parent.Value, Path.GetFileName(path));
        }
        sandbox.AssertUntouched();
    }

    [Fact]
    public void What_lies_beneath_a_whiteout_of_its_own_layer_is_in_a_new_folder()
    {
        using var sandbox = new Sandbox();
        Unpack(sandbox, RawTar.New.File(".wh.a").File("a/b/c", "own").File("d/.wh.e").File("d/e/f", "own").Ended);
        Assert.Equal("own", File.ReadAllText($"{sandbox.Root}/a/b/c"));
        Assert.Equal("own", File.ReadAllText($"{sandbox.Root}/d/e/f"));
        Assert.Equal(("y", null, "y"), (Opaque("a"), Opaque("a/b"), Opaque("d/e")));
        string? Opaque(string name) => Sandbox.Xattr($"{sandbox.Root}/{name}", "trusted.overlay.opaque");
    }

    [Fact]
    public void A_default_access_list_of_a_folder_changes_nothing_of_what_lies_in_it()
    {
        // Version 2, then entries of tag, permissions and id: user, user 7, group, mask, others.
        byte[] list = [2, 0, 0, 0, 1, 0, 7, 0, 255, 255, 255, 255, 2, 0, 7, 0, 7, 0, 0, 0, 4, 0, 7, 0, 255, 255, 255, 255, 16, 0, 7, 0, 255, 255, 255, 255, 32, 0, 7, 0, 255, 255, 255, 255];
        using var sandbox = new Sandbox();
        byte[] tar = TarWriterTests.Write(
            (TarWriterTests.Entry("dir/", TarEntryKind.Directory) with { Mode = 0x1c0, Xattrs = [new("system.posix_acl_default"u8.ToArray(), list)] }, []),
            (TarWriterTests.Entry("dir/file", TarEntryKind.Regular) with { Mode = 0x180, Size = 1 }, "x"u8.ToArray()),
            (TarWriterTests.Entry("dir/sub/", TarEntryKind.Directory) with { Mode = 0x1c0 }, []),
            (TarWriterTests.Entry("dir/implied/fifo", TarEntryKind.Fifo) with { Mode = 0x180 }, []));
        Unpack(sandbox, tar);
        Assert.Equal(Encoding.Latin1.GetString(list), Sandbox.Xattr($"{sandbox.Root}/dir", "system.posix_acl_default"));
        foreach (string name in (string[])["dir/file", "dir/sub", "dir/implied", "dir/implied/fifo"])
        {
            Assert.Null(Sandbox.Xattr($"{sandbox.Root}/{name}", "system.posix_acl_access"));
            Assert.Null(Sandbox.Xattr($"{sandbox.Root}/{name}", "system.posix_acl_default"));
        }
        Assert.Equal((S.IFREG | 0x180u, S.IFDIR | 0x1c0u, S.IFDIR | 0x1edu), (sandbox.StatIn("dir/file").stx_mode, sandbox.StatIn("dir/sub").stx_mode, sandbox.StatIn("dir/implied").stx_mode));
        Assert.True(LayerProof.Try(new MemoryStream(tar), sandbox.RootFd.Value, TestContext.Current.CancellationToken));
    }

    internal static UnpackResult Unpack(Sandbox sandbox, byte[] tar)
    {
        UnpackResult result = LayerUnpacker.Unpack(new Trickle(tar, 4000), sandbox.RootFd.Value);
        sandbox.AssertUntouched();
        return result;
    }

    private static IEnumerable<string> Names(string folder) =>
        Directory.GetFileSystemEntries(folder).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal);
}
