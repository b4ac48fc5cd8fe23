using System.Text;
using Rundlet.Images.Copies;
using Rundlet.Images.Tests.Tar;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Images.Tests.Copies;

public class FileCopyTests
{
    public FileCopyTests() => Sandbox.SkipUnlessRoot();

    [Fact]
    public void A_tree_keeps_kinds_modes_times_links_holes_and_attributes()
    {
        using var scene = new CopyScene();
        string made = Path.GetDirectoryName(scene.InsideFile("tree/d/file"))!;
        Sandbox.Run("sh", "-ec", $"""
            cd '{made}'; chmod 4755 file; ln file second; ln -s file link; ln -s /etc/passwd far; mkfifo -m 620 pipe; mknod -m 600 null c 1 3; mkdir -m 1777 open
            truncate -s 64M sparse; printf data | dd of=sparse bs=1 seek=1000000 conv=notrunc status=none; setfattr -n user.note -v kept file; chown -h 7:8 *; touch -hd @1000000000.5 * .
            """);
        scene.Out("/tree", "copy");
        string copy = $"{scene.Local}/copy/d";
        foreach (string name in (string[])["", "file", "second", "link", "far", "pipe", "null", "open", "sparse"])
        {
            statx_t theirs = Sandbox.Stat($"{made}/{name}"), ours = Sandbox.Stat($"{copy}/{name}");
            Assert.Equal((name, theirs.stx_mode, theirs.stx_uid, theirs.stx_gid, theirs.stx_size, theirs.stx_rdev_minor, theirs.stx_mtime.tv_sec, theirs.stx_mtime.tv_nsec),
                (name, ours.stx_mode, ours.stx_uid, ours.stx_gid, ours.stx_size, ours.stx_rdev_minor, ours.stx_mtime.tv_sec, ours.stx_mtime.tv_nsec));
        }
        Assert.Equal(Sandbox.Stat($"{copy}/file").stx_ino, Sandbox.Stat($"{copy}/second").stx_ino);
        Assert.Equal("/etc/passwd", new FileInfo($"{copy}/far").LinkTarget);
        Assert.Equal("kept", Sandbox.Xattr($"{copy}/file", "user.note"));
        Assert.InRange(Sandbox.Stat($"{copy}/sparse").stx_blocks, 1u, 1000u);
        Assert.Equal(File.ReadAllBytes($"{made}/sparse"), File.ReadAllBytes($"{copy}/sparse"));
        // and by way of an archive
        scene.Unpack(scene.Pack("/tree/d"), "/");
        Assert.Equal("kept", Sandbox.Xattr($"{scene.Inside}/d/file", "user.note"));
        Assert.Equal(File.ReadAllBytes($"{made}/sparse"), File.ReadAllBytes($"{scene.Inside}/d/sparse"));
        Assert.Equal(Sandbox.Stat($"{made}/file").stx_mode, Sandbox.Stat($"{scene.Inside}/d/file").stx_mode);
        scene.AssertUntouched();
    }

    [Fact]
    public void Owners_are_those_that_are_asked_for_and_those_of_the_user_namespace()
    {
        using var scene = new CopyScene();
        Sandbox.Run("chown", "100007:100008", scene.InsideFile("file"));
        var shifted = scene.Container with { Seen = new CopyIds(id => id - 100000, id => id - 100000), Meant = new CopyIds(id => id + 100000, id => id + 100000) };
        FileCopy.Run(shifted, "/file", scene.Machine, $"{scene.Local}/kept", new CopyOptions(), new CopyNotes(), default);
        FileCopy.Run(shifted, "/file", scene.Machine, $"{scene.Local}/mine", new CopyOptions { Owner = CopyIds.Always(3, 4) }, new CopyNotes(), default);
        FileCopy.Run(scene.Machine, $"{scene.Local}/kept", shifted, "/again", new CopyOptions(), new CopyNotes(), default);
        FileCopy.Run(scene.Machine, $"{scene.Local}/kept", shifted, "/roots", new CopyOptions { Owner = CopyIds.Always(0, 0) }, new CopyNotes(), default);
        FileCopy.Unpack(new MemoryStream(RawTar.New.Entry('0', "packed", uid: "0000011").Ended), shifted, "/", new CopyNotes(), default);
        Assert.Equal("7:8 3:4 100007:100008 100000:100000 100009:100000", string.Join(' ', ((string[])[$"{scene.Local}/kept", $"{scene.Local}/mine", $"{scene.Inside}/again", $"{scene.Inside}/roots", $"{scene.Inside}/packed"])
            .Select(path => $"{Sandbox.Stat(path).stx_uid}:{Sandbox.Stat(path).stx_gid}")));
    }

    [Fact]
    public void Sockets_are_left_out_with_a_word()
    {
        using var scene = new CopyScene();
        scene.InsideFile("d/file");
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint($"{scene.Inside}/d/socket"));
        List<string> words = [];
        scene.Out("/d", "", notes: new CopyNotes { Skipped = words.Add });
        Assert.Equal(["'d/socket' is a socket, and was left out"], words);
        Assert.Equal(["d", "d/file"], CopyScene.Names(scene.Local));
        Assert.Contains("is a socket", Assert.Throws<ContainerException>(() => scene.Out("/d/socket", "s")).Message);
    }

    [Fact]
    public void Links_that_lead_out_lead_nowhere()
    {
        using var scene = new CopyScene();
        File.CreateSymbolicLink($"{scene.Inside}/l", scene.Canary);
        File.CreateSymbolicLink($"{scene.Inside}/up", "../../../../../../../../../../" + scene.Canary);
        File.CreateSymbolicLink($"{scene.Inside}/folder", Path.GetDirectoryName(scene.Canary)!);
        scene.LocalFile("file", "evil");
        foreach (string link in (string[])["/l", "/up"])
        {
            scene.Out(link, "link");
            Assert.NotNull(new FileInfo($"{scene.Local}/link").LinkTarget);
            File.Delete($"{scene.Local}/link"); // a link here is followed by the next copy, as docker does
            Assert.Equal(ContainerErrorKind.NotFound, Assert.Throws<ContainerException>(() => scene.Out(link, "content", new CopyOptions { Follow = true })).Kind);
            Assert.Equal(ContainerErrorKind.NotFound, Assert.Throws<ContainerException>(() => scene.In("file", link)).Kind); // the folder that it names is not in the container
        }
        Assert.Throws<ContainerException>(() => scene.Out("/folder/canary", "content"));
        Assert.Throws<ContainerException>(() => scene.In("file", "/folder/canary"));
        Assert.Throws<ContainerException>(() => scene.Unpack(RawTar.New.File("canary", "evil").Ended, "/folder"));
        scene.Unpack(RawTar.New.Symlink("way", Path.GetDirectoryName(scene.Canary)!).Ended, "/");
        Assert.Throws<ContainerException>(() => scene.Unpack(RawTar.New.File("way/canary", "evil").HardLink("hard", "way/canary").Ended, "/"));
        Assert.Throws<ContainerException>(() => scene.Unpack(RawTar.New.File("../canary", "evil").Ended, "/"));
        Assert.Throws<ContainerException>(() => scene.Unpack(RawTar.New.HardLink("hard", "../../canary").Ended, "/"));
        scene.AssertUntouched();
    }

    [Fact]
    public void A_link_within_the_root_is_followed_on_the_way_as_a_process_there_would()
    {
        using var scene = new CopyScene();
        scene.InsideFile("usr/lib/old");
        File.CreateSymbolicLink($"{scene.Inside}/lib", "/usr/lib");
        scene.Unpack(RawTar.New.File("lib/new", "n").Ended, "/");
        scene.LocalFile("file", "f");
        scene.In("file", "/lib/");
        scene.Out("/lib/old", "old");
        Assert.Equal(["file", "new", "old"], CopyScene.Names($"{scene.Inside}/usr/lib"));
        Assert.True(File.Exists($"{scene.Local}/old"));
    }

    [Fact]
    public void A_copy_that_is_cancelled_leaves_nothing_half_made()
    {
        using var scene = new CopyScene();
        for (int i = 0; i < 20; i++)
            scene.LocalFile($"tree/{i}", new string('x', 300_000));
        scene.InsideFile("old/1", "old");
        foreach (string target in (string[])["/new", "/old"])
        {
            using var cancel = new CancellationTokenSource();
            var notes = new CopyNotes { Progress = bytes => { if (bytes > 2_000_000) cancel.Cancel(); } };
            Assert.ThrowsAny<OperationCanceledException>(() => scene.In(target == "/new" ? "tree" : "tree/.", target, notes: notes, cancel: cancel.Token));
        }
        Assert.False(Directory.Exists($"{scene.Inside}/new"));
        Assert.All(Directory.EnumerateFiles($"{scene.Inside}/old"), file => Assert.Contains(new FileInfo(file).Length, (long[])[3, 300_000]));
        Assert.DoesNotContain(CopyScene.Names(scene.Inside), name => name.Contains(".rundlet", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_that_is_replaced_is_another_one_and_links_to_it_stay()
    {
        using var scene = new CopyScene();
        string old = scene.InsideFile("file", "old");
        Sandbox.Run("ln", old, $"{scene.Inside}/second");
        scene.LocalFile("file", "new");
        scene.In("file", "/file");
        Assert.Equal(("new", "old"), (File.ReadAllText(old), File.ReadAllText($"{scene.Inside}/second")));
    }
}
