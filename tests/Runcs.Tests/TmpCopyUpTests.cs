using Rundlet.Syscalls;

namespace Rundlet.Runcs.Tests;

public sealed class TmpCopyUpTests : ContainerTest
{
    [Fact]
    [SpecRow("mounts.options.tmpcopyup")]
    public void A_tmpfs_starts_with_a_copy_of_what_it_covers()
    {
        TestContainer container = CopyUp("/data").Script("cd /data; cat file deep/er/file link; stat -c '%a %u:%g %F' . file deep/er pipe; echo changed > file; echo new > other; stat -f -c %T /data");
        string data = $"{container.Rootfs}/data";
        Directory.CreateDirectory($"{data}/deep/er");
        File.WriteAllText($"{data}/file", "one\n");
        File.WriteAllText($"{data}/deep/er/file", "two\n");
        File.CreateSymbolicLink($"{data}/link", "file");
        Own($"{data}/file", 0x9A4 /* 04644 */, 7, 8);
        Own($"{data}/deep/er", 0x1C9 /* 0711 */, 9, 10);
        Own(data, 0x1E8 /* 0750 */, 0, 5);
        LinuxException.ThrowIfError(Sys.mknodat(Sys.AT_FDCWD, $"{data}/pipe", S.IFIFO | 0x180, 0), "mknod");
        string[] lines = container.Output().Split('\n');
        Assert.Equal(["one", "two", "one", "750 0:5 directory", "4644 7:8 regular file", "711 9:10 directory", "600 0:0 fifo", "tmpfs"], lines);
        Assert.Equal("one\n", File.ReadAllText($"{data}/file"));
        Assert.False(File.Exists($"{data}/other"));
    }

    [Fact]
    [SpecRow("mounts.options.tmpcopyup")]
    public void Hard_links_holes_times_and_attributes_are_kept()
    {
        RuntimeProgram.SkipUnlessOurs("runc copies holes and breaks links");
        TestContainer container = CopyUp("/data", "size=8m").Script("cd /data; stat -c '%h %s %b %Y' one sparse; echo more >> one; cat two; stat -c %Y .");
        string data = Directory.CreateDirectory($"{container.Rootfs}/data").FullName;
        File.WriteAllText($"{data}/one", "linked\n");
        LinuxException.ThrowIfError(Sys.linkat(Sys.AT_FDCWD, $"{data}/one", Sys.AT_FDCWD, $"{data}/two", 0), "link");
        using (FileStream sparse = File.Create($"{data}/sparse"))
        {
            sparse.SetLength(1L << 30);
            sparse.Position = 1 << 20;
            sparse.WriteByte(1);
        }
        LinuxException.ThrowIfError(Sys.lsetxattr($"{data}/one", "trusted.rundlet", "value"u8), "setxattr");
        File.SetLastWriteTimeUtc($"{data}/one", DateTime.UnixEpoch.AddSeconds(1000));
        File.SetLastWriteTimeUtc($"{data}/sparse", DateTime.UnixEpoch.AddSeconds(2000));
        Directory.SetLastWriteTimeUtc(data, DateTime.UnixEpoch.AddSeconds(3000));
        Assert.Equal(["2 7 8 1000", "1 1073741824 8 2000", "linked", "more", "3000"], container.Output().Split('\n'));
        TestContainer running = CopyUp("/data").Script("sleep 1000");
        Directory.CreateDirectory($"{running.Rootfs}/data");
        File.WriteAllText($"{running.Rootfs}/data/file", "");
        LinuxException.ThrowIfError(Sys.lsetxattr($"{running.Rootfs}/data/file", "trusted.rundlet", "value"u8), "setxattr");
        running.Up();
        byte[] value = new byte[16];
        Assert.Equal(5, (int)Sys.lgetxattr($"/proc/{running.Pid()}/root/data/file", "trusted.rundlet", value));
    }

    [Fact]
    [SpecRow("mounts.options.tmpcopyup")]
    public void The_copy_follows_no_link_out_of_the_image()
    {
        Directory.CreateDirectory($"{Scratch}/secret");
        File.WriteAllText($"{Scratch}/secret/file", "secret\n");
        TestContainer container = CopyUp("/link").Script("ls -A /link; ls -A /data; cat /data/out/file 2>/dev/null || echo nothing").Mount("/data", "tmpfs", "tmpfs", "tmpcopyup");
        Directory.CreateDirectory($"{container.Rootfs}/data");
        File.CreateSymbolicLink($"{container.Rootfs}/link", $"{Scratch}/secret");
        File.CreateSymbolicLink($"{container.Rootfs}/data/out", $"../../../../../../../../..{Scratch}/secret");
        Assert.Equal(["out", "nothing"], container.Output().Split('\n'));
    }

    [Fact]
    [SpecRow("mounts.options.tmpcopyup")]
    public void A_copy_sees_earlier_mounts_and_may_become_read_only()
    {
        RuntimeProgram.SkipUnlessOurs("runc cannot fill what is read-only");
        File.WriteAllText($"{Scratch}/file", "bound\n");
        TestContainer container = Container().Mount("/data", "none", Scratch, "bind").Mount("/data", "tmpfs", "tmpfs", "tmpcopyup", "ro", "mode=700")
            .Script("cat /data/file; stat -c %a /data; touch /data/x 2>/dev/null || echo refused");
        Assert.Equal(["bound", "700", "refused"], container.Output().Split('\n'));
    }

    [Fact]
    [SpecRow("mounts.options.tmpcopyup")]
    public void A_copy_that_does_not_fit_is_an_error_and_leaves_nothing()
    {
        TestContainer container = CopyUp("/data", "size=64k");
        Directory.CreateDirectory($"{container.Rootfs}/data");
        File.WriteAllBytes($"{container.Rootfs}/data/file", new byte[1 << 20]);
        container.Run().Refused(1, "/data");
    }

    [Fact]
    [SpecRow("mounts.options.tmpcopyup")]
    public void Copying_is_for_a_tmpfs_only() => Container().Mount("/data", "mqueue", "mqueue", "tmpcopyup").Run().Refused(1, "tmpcopyup");

    [Fact]
    [SpecRow("mounts.options.tmpcopyup")]
    public void A_copy_in_a_user_namespace_keeps_the_owners()
    {
        RuntimeProgram.SkipUnlessOurs("runc needs a rootfs that is open to all for this");
        TestContainer container = CopyUp("/data").UserNamespace().Script("stat -c '%u:%g %a' /data/file; touch /data/new && echo written");
        Directory.CreateDirectory($"{container.Rootfs}/data");
        File.WriteAllText($"{container.Rootfs}/data/file", "");
        Own($"{container.Rootfs}/data/file", 0x180, 100000 + 7, 100000 + 8);
        Own($"{container.Rootfs}/data", 0x1ED, 100000, 100000);
        Assert.Equal(["7:8 600", "written"], container.Output().Split('\n'));
    }

    [Fact]
    [SpecRow("mounts.options.data")]
    public void A_tmpfs_without_a_mode_takes_that_of_the_folder_that_it_covers()
    {
        TestContainer container = Container().Mount("/a", "tmpfs", "tmpfs").Mount("/b", "tmpfs", "tmpfs", "mode=711").Mount("/new", "tmpfs", "tmpfs").Script("stat -c %a /a /b /new");
        Own(Directory.CreateDirectory($"{container.Rootfs}/a").FullName, 0x1E8 /* 0750 */, 0, 0);
        Own(Directory.CreateDirectory($"{container.Rootfs}/b").FullName, 0x1E8 /* 0750 */, 0, 0);
        Assert.Equal(["750", "711", "1777"], container.Output().Split('\n'));
    }

    private TestContainer CopyUp(string destination, params string[] options) => Container().Mount(destination, "tmpfs", "tmpfs", ["tmpcopyup", .. options]);

    private static void Own(string path, uint mode, uint uid, uint gid)
    {
        LinuxException.ThrowIfError(Sys.fchownat(Sys.AT_FDCWD, path, uid, gid, 0), "chown", path);
        LinuxException.ThrowIfError(Sys.fchmodat(Sys.AT_FDCWD, path, mode), "chmod", path);
    }
}
