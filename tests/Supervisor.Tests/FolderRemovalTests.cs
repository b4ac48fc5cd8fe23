using Rundlet.Syscalls;

namespace Rundlet.Supervisor.Tests;

public sealed class FolderRemovalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Links_are_removed_and_not_followed()
    {
        Directory.CreateDirectory(_folder["canary/inside"]);
        File.WriteAllText(_folder["canary/file"], "alive");
        Directory.CreateDirectory(_folder["tree/a/b"]);
        File.CreateSymbolicLink(_folder["tree/a/to-folder"], _folder["canary"]);
        File.CreateSymbolicLink(_folder["tree/to-file"], _folder["canary/file"]);
        File.WriteAllText(_folder["tree/a/b/.removing-0"], "a name of ours");
        Directory.CreateDirectory(_folder["tree/.removing-0/x/y"]);

        FolderRemoval.Remove(_folder["tree"]);

        Assert.False(Directory.Exists(_folder["tree"]));
        Assert.Equal("alive", File.ReadAllText(_folder["canary/file"]));
        Assert.True(Directory.Exists(_folder["canary/inside"]));
    }

    [Fact]
    public void A_link_in_place_of_the_folder_is_refused()
    {
        Directory.CreateDirectory(_folder["canary/inside"]);
        File.CreateSymbolicLink(_folder["tree"], _folder["canary"]);

        Assert.Throws<LinuxException>(() => FolderRemoval.Remove(_folder["tree"]));
        Assert.True(Directory.Exists(_folder["canary/inside"]));
    }

    [Fact]
    public void A_tree_deeper_than_any_path_is_removed()
    {
        Directory.CreateDirectory(_folder["tree"]);
        int fd = Sys.openat(Sys.AT_FDCWD, _folder["tree"], O.PATH | O.DIRECTORY);
        for (int depth = 0; depth < 3_000; depth++)
        {
            Assert.Equal(0, Sys.mkdirat(fd, "deep", 0x1ed));
            int next = Sys.openat(fd, "deep", O.PATH | O.DIRECTORY);
            Sys.close(fd);
            fd = next;
        }
        Sys.close(fd);

        FolderRemoval.Remove(_folder["tree"]);

        Assert.False(Directory.Exists(_folder["tree"]));
    }

    [Fact]
    public void A_folder_that_is_gone_is_no_error()
    {
        FolderRemoval.Remove(_folder["never"]);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }
}
