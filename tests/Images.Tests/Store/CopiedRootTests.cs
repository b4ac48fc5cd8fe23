using System.Text;
using Rundlet.Images.Check;
using Rundlet.Images.Snapshots;
using Rundlet.Images.Tests.Tar;
using Rundlet.Images.Unpack;
using Rundlet.Linux;
using Rundlet.Linux.Mounts;
using Rundlet.Syscalls;

namespace Rundlet.Images.Tests.Store;

public class CopiedRootTests
{
    public CopiedRootTests() => Sandbox.SkipUnlessRoot();

    private static RawTar Lower => RawTar.New.Folder("etc").File("etc/a", "lower a").File("etc/b", "lower b", "0004755").HardLink("etc/c", "etc/b")
        .Folder("gone").File("gone/x", "x").Folder("opaque").File("opaque/old", "old").File("file-to-folder", "f").Folder("folder-to-file").File("folder-to-file/y", "y")
        .Folder("folder-to-link").File("folder-to-link/z", "z").Symlink("link", "/etc/a");

    private static RawTar Upper => RawTar.New.File("etc/.wh.a").File("etc/new", "new").File(".wh.gone").Folder("opaque").File("opaque/.wh..wh..opq").File("opaque/young", "young")
        .Folder("file-to-folder").File("file-to-folder/in", "in").File("folder-to-file", "now a file").Symlink("folder-to-link", "/tmp").Entry('6', "pipe")
        .Pax(("SCHILY.xattr.user.note", "kept")).File("noted", "n");

    [Fact]
    public void A_copy_shows_what_an_overlay_of_the_same_layers_shows()
    {
        using var store = new StoreFixture();
        string[] layers = [Unpack(store, Lower.Ended, "lower"), Unpack(store, Upper.Ended, "upper")];
        Directory.CreateDirectory($"{store.Path}/copy");
        using OwnedFd copy = FileIo.Open(Sys.AT_FDCWD, $"{store.Path}/copy", O.RDONLY | O.DIRECTORY);
        foreach (string layer in layers)
        {
            using OwnedFd files = FileIo.Open(Sys.AT_FDCWD, layer, O.PATH | O.DIRECTORY);
            CopiedRoot.Apply(files.Value, copy.Value, TestContext.Current.CancellationToken);
        }
        OwnedFd overlay;
        try
        {
            overlay = new OverlayMount { Lower = [layers[1], layers[0]] }.Open();
        }
        catch (LinuxException error) when (error.Errno is Errno.ENODEV or Errno.EPERM)
        {
            Assert.Skip($"no overlay here: {error.Message}");
            return;
        }
        using (overlay)
        {
            using OwnedFd root = FileIo.Open(overlay.Value, ".", O.RDONLY | O.DIRECTORY);
            Assert.Null(new TreeComparison(TestContext.Current.CancellationToken).Compare(root.Value, copy.Value));
        }
        Assert.Equal(Sandbox.Stat($"{store.Path}/copy/etc/b").stx_ino, Sandbox.Stat($"{store.Path}/copy/etc/c").stx_ino);
        Assert.Equal("kept", Sandbox.Xattr($"{store.Path}/copy/noted", "user.note"));
        Assert.Null(Sandbox.Xattr($"{store.Path}/copy/opaque", "trusted.overlay.opaque"));
    }

    [Fact]
    public void A_hole_stays_a_hole_and_a_link_of_a_lower_layer_leads_nobody_out()
    {
        using var store = new StoreFixture();
        string lower = Unpack(store, RawTar.New.Symlink("way", store.Path).Ended, "lower"), upper = Unpack(store, RawTar.New.Folder("way").File("way/planted", "x").Ended, "upper");
        using (FileStream sparse = File.Create($"{upper}/sparse"))
        {
            sparse.SetLength(1L << 30);
            sparse.Position = 1 << 29;
            sparse.Write("data"u8);
        }
        Directory.CreateDirectory($"{store.Path}/copy");
        using OwnedFd copy = FileIo.Open(Sys.AT_FDCWD, $"{store.Path}/copy", O.RDONLY | O.DIRECTORY);
        foreach (string layer in (string[])[lower, upper])
        {
            using OwnedFd files = FileIo.Open(Sys.AT_FDCWD, layer, O.PATH | O.DIRECTORY);
            CopiedRoot.Apply(files.Value, copy.Value, TestContext.Current.CancellationToken);
        }
        Assert.False(File.Exists($"{store.Path}/planted"));
        Assert.True(File.Exists($"{store.Path}/copy/way/planted"));
        statx_t stat = Sandbox.Stat($"{store.Path}/copy/sparse");
        Assert.Equal(1ul << 30, stat.stx_size);
        Assert.True(stat.stx_blocks < 1000, $"{stat.stx_blocks} blocks");
        using FileStream read = File.OpenRead($"{store.Path}/copy/sparse");
        read.Position = 1 << 29;
        byte[] data = new byte[4];
        read.ReadExactly(data);
        Assert.Equal("data", Encoding.ASCII.GetString(data));
    }

    [Fact]
    public void A_default_access_list_of_a_lower_layer_is_not_taken_over_by_what_an_upper_one_brings()
    {
        using var store = new StoreFixture();
        string lower = Unpack(store, RawTar.New.Folder("dir").Ended, "lower"), upper = Unpack(store, RawTar.New.Folder("dir").File("dir/file", "x").Ended, "upper");
        // Version 2, then entries of tag, permissions and id: user, user 7, group, mask, others.
        byte[] list = [2, 0, 0, 0, 1, 0, 7, 0, 255, 255, 255, 255, 2, 0, 7, 0, 7, 0, 0, 0, 4, 0, 7, 0, 255, 255, 255, 255, 16, 0, 7, 0, 255, 255, 255, 255, 32, 0, 7, 0, 255, 255, 255, 255];
        LinuxException.ThrowIfError(Sys.lsetxattr($"{lower}/dir", "system.posix_acl_default", list), "setxattr");
        Directory.CreateDirectory($"{store.Path}/copy");
        using OwnedFd copy = FileIo.Open(Sys.AT_FDCWD, $"{store.Path}/copy", O.RDONLY | O.DIRECTORY);
        foreach (string layer in (string[])[lower, upper])
        {
            using OwnedFd files = FileIo.Open(Sys.AT_FDCWD, layer, O.PATH | O.DIRECTORY);
            CopiedRoot.Apply(files.Value, copy.Value, TestContext.Current.CancellationToken);
        }
        Assert.Null(Sandbox.Xattr($"{store.Path}/copy/dir", "system.posix_acl_default"));
        Assert.Null(Sandbox.Xattr($"{store.Path}/copy/dir/file", "system.posix_acl_access"));
    }

    private static string Unpack(StoreFixture store, byte[] tar, string name)
    {
        string path = $"{store.Path}/{name}";
        Directory.CreateDirectory(path);
        using OwnedFd root = FileIo.Open(Sys.AT_FDCWD, path, O.RDONLY | O.DIRECTORY);
        LayerUnpacker.Unpack(new MemoryStream(tar), root.Value);
        return path;
    }
}
