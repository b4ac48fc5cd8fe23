using System.Diagnostics;
using Rundlet.Images.Compression;
using Rundlet.Images.Files;
using Rundlet.Images.Unpack;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Tests.Unpack;

public class RootFsTests
{
    /// <summary>A large real archive, compared file by file with what GNU tar makes of it.</summary>
    [Fact]
    public void A_root_file_system_is_unpacked_as_gnu_tar_unpacks_it()
    {
        string? archive = Environment.GetEnvironmentVariable("RUNDLET_TEST_ROOTFS");
        if (archive is null)
            Assert.Skip("RUNDLET_TEST_ROOTFS names no root file system archive (tar, tar.gz or tar.zst)");
        Sandbox.SkipUnlessRoot();
        using var sandbox = new Sandbox();
        var watch = Stopwatch.StartNew();
        UnpackResult result;
        using (FileStream file = File.OpenRead(archive))
        using (var tar = new LayerStream(file, null, long.MaxValue))
            result = LayerUnpacker.Unpack(tar, sandbox.RootFd.Value);
        TestContext.Current.SendDiagnosticMessage($"{result.Entries} entries, {result.Bytes >> 20} MiB in {watch.ElapsedMilliseconds} ms");
        string theirs = $"{sandbox.Path}/theirs";
        Directory.CreateDirectory(theirs);
        watch.Restart();
        Sandbox.Run("tar", "--extract", "--xattrs", "--xattrs-include=*", "--numeric-owner", "--same-permissions", "-f", archive, "-C", theirs);
        TestContext.Current.SendDiagnosticMessage($"tar: {watch.ElapsedMilliseconds} ms");
        List<string> expected = TreeListing.Of(theirs), found = TreeListing.Of(sandbox.Root);
        Assert.True(expected.Count > 1000, $"only {expected.Count} files");
        Assert.Equal(expected, found);
        using OwnedFd parent = FileIo.Open(Sys.AT_FDCWD, sandbox.Path, O.RDONLY);
        TreeRemover.Remove(parent.Value, "theirs");
    }
}
