namespace Rundlet.Runcs.Tests;

public sealed class MountTests : ContainerTest
{
    [Fact]
    public void A_folder_is_bound_and_its_mount_point_made()
    {
        File.WriteAllText($"{Scratch}/file", "from the host\n");
        TestContainer container = Container().Mount("/deep/new/place", "bind", Scratch, "bind").Script("cat /deep/new/place/file; echo back > /deep/new/place/back");
        Assert.Equal("from the host", container.Output());
        Assert.Equal("back\n", File.ReadAllText($"{Scratch}/back"));
        Assert.Empty(Directory.GetFileSystemEntries($"{container.Rootfs}/deep/new/place"));
    }

    [Fact]
    public void A_file_is_bound_and_its_mount_point_made()
    {
        File.WriteAllText($"{Scratch}/file", "from the host\n");
        TestContainer container = Container().Mount("/etc/new/file", "bind", $"{Scratch}/file", "bind", "ro").Script("cat /etc/new/file; echo x > /etc/new/file || echo refused");
        Assert.Equal(["from the host", "refused"], container.Output().Split('\n'));
        Assert.Equal("from the host\n", File.ReadAllText($"{Scratch}/file"));
        Assert.Equal(0, new FileInfo($"{container.Rootfs}/etc/new/file").Length);
    }

    [Fact]
    public void A_bind_type_is_not_needed_and_not_enough_is_said()
    {
        RuntimeProgram.SkipUnlessOurs("runc takes a type of bind without the option for a file system");
        File.WriteAllText($"{Scratch}/file", "x\n");
        Assert.Equal("file", Container().Mount("/mnt", "none", Scratch, "rbind").Script("ls /mnt").Output());
        Assert.Equal("file", Container().Mount("/mnt", "bind", Scratch).Script("ls /mnt").Output());
    }

    [Fact]
    public void A_relative_source_is_beneath_the_bundle()
    {
        TestContainer container = Container().Mount("/mnt", "bind", "data", "bind").Script("cat /mnt/file");
        Directory.CreateDirectory($"{container.Bundle}/data");
        File.WriteAllText($"{container.Bundle}/data/file", "mine");
        Assert.Equal("mine", container.Output());
    }

    [Theory]
    [InlineData("ro", "touch /mnt/x", "ro")]
    [InlineData("noexec", "/mnt/true", "noexec")]
    [InlineData("nosuid", "false", "nosuid")]
    [InlineData("nodev", "false", "nodev")]
    [InlineData("noatime", "false", "noatime")]
    public void Options_of_a_bind_hold(string option, string refused, string shown)
    {
        TestRootfs.CopyProgram(TestRootfs.Busybox, $"{Scratch}/true");
        string output = Container().Mount("/mnt", "bind", Scratch, "bind", option)
            .Script($"{refused} 2>/dev/null || echo refused; grep ' /mnt ' /proc/self/mountinfo | cut -d' ' -f6").Output();
        Assert.Equal("refused", output.Split('\n')[0]);
        Assert.Contains(shown, output.Split('\n')[1].Split(','));
    }

    [Fact]
    public void A_missing_source_is_refused_by_name()
    {
        TestContainer container = Container().Mount("/mnt", "bind", $"{Scratch}/missing", "bind");
        container.Run().Refused(1, "missing");
        container.Run().Refused(1, "no such file or directory");
    }

    [Fact]
    public void A_link_in_the_image_leads_a_mount_to_the_image_and_never_to_the_host()
    {
        string canary = Directory.CreateDirectory($"{Scratch}/canary").FullName;
        File.WriteAllText($"{Scratch}/source", "bound\n");
        TestContainer container = Container().Mount("/link/file", "bind", $"{Scratch}/source", "bind").Script($"cat {canary}/file");
        File.CreateSymbolicLink($"{container.Rootfs}/link", canary);
        Assert.Equal("bound", container.Output());
        Assert.Empty(Directory.GetFileSystemEntries(canary));
        Assert.True(File.Exists($"{container.Rootfs}{canary}/file"));
    }

    [Fact]
    public void A_chain_of_links_upwards_stays_in_the_image()
    {
        string canary = Directory.CreateDirectory($"{Scratch}/canary").FullName;
        TestContainer container = Container().Mount("/one/mnt", "tmpfs", "tmpfs", "mode=700").Script("grep -c tmpfs /proc/self/mountinfo");
        File.CreateSymbolicLink($"{container.Rootfs}/one", "../../../../../../two");
        File.CreateSymbolicLink($"{container.Rootfs}/two", $"../../../..{canary}");
        container.Run().Good();
        Assert.Empty(Directory.GetFileSystemEntries(canary));
        Assert.True(Directory.Exists($"{container.Rootfs}{canary}/mnt"));
    }

    [Fact]
    public void A_destination_with_dots_stays_in_the_image()
    {
        TestContainer container = Container().Mount("/../../../../tmp/here", "tmpfs", "tmpfs").Script("ls -d /tmp/here");
        Assert.Equal("/tmp/here", container.Output());
        Assert.True(Directory.Exists($"{container.Rootfs}/tmp/here"));
    }

    [Fact]
    public void Links_in_a_circle_are_an_error()
    {
        TestContainer container = Container().Mount("/one/mnt", "tmpfs", "tmpfs");
        File.CreateSymbolicLink($"{container.Rootfs}/one", "two");
        File.CreateSymbolicLink($"{container.Rootfs}/two", "one");
        container.Run().Refused(1, "/one/mnt");
    }

    [Fact]
    public void A_tmpfs_has_the_size_and_mode_that_its_options_say()
    {
        string output = Container().Capabilities("CAP_DAC_OVERRIDE").Mount("/scratch", "tmpfs", "tmpfs", "nosuid", "nodev", "noexec", "mode=1770", "size=64k", "uid=7", "gid=8")
            .Script("stat -c '%a %u:%g' /scratch; dd if=/dev/zero of=/scratch/x bs=1k count=100 2>/dev/null || stat -c %s /scratch/x").Output();
        Assert.Equal(["1770 7:8", "65536"], output.Split('\n'));
    }

    [Fact]
    public void An_option_that_the_file_system_does_not_know_is_refused_by_name() =>
        Container().Mount("/scratch", "tmpfs", "tmpfs", "colour=red").Run().Refused(1, RuntimeProgram.IsOurs ? "colour=red" : "/scratch");

    // Engines look for the words and tell the user what to do.
    [Theory]
    [InlineData("/etc/file", "folder")]
    [InlineData("/tmp", "file")]
    public void A_folder_on_a_file_and_a_file_on_a_folder_are_refused_in_the_words_that_engines_look_for(string destination, string source)
    {
        Directory.CreateDirectory($"{Scratch}/folder");
        File.WriteAllText($"{Scratch}/file", "");
        TestContainer container = Container().Mount(destination, "bind", $"{Scratch}/{source}", "bind");
        File.WriteAllText($"{container.Rootfs}/etc/file", "");
        container.Run().Refused(1, "not a directory");
    }

    // mount(2) takes a page of options in one text; fsconfig(2) takes 255 bytes of each.
    [Fact]
    [SpecRow("mounts.options.data")]
    public void Options_may_be_longer_than_255_bytes()
    {
        string[] layers = [.. Enumerable.Range(0, 6).Select(i => Directory.CreateDirectory($"{Scratch}/layers/{new string('x', 50)}{i}").FullName)];
        for (int i = 0; i < layers.Length; i++)
            File.WriteAllText($"{layers[i]}/file{i}", "");
        TestContainer container = Container().Mount("/o", "overlay", "overlay", "nosuid", "noexec", $"lowerdir={string.Join(':', layers)}")
            .Script("ls /o | tr '\\n' ' '; grep ' /o ' /proc/self/mountinfo | cut -d' ' -f6; grep -c ' /proc ' /proc/self/mountinfo");
        Assert.Equal(["file0 file1 file2 file3 file4 file5 ro,nosuid,noexec,relatime", "1"], container.Output().Split('\n').Select(line => line.Replace("rw,", "ro,", StringComparison.Ordinal)));
        container.Mounts[^1]!["options"]!.AsArray()[^1] = $"lowerdir={string.Join(':', Enumerable.Repeat(layers[0], 80))}";
        container.Run().Refused(1, "/o");
    }

    [Fact]
    [SpecRow("mounts.options.data")]
    public void One_word_may_hold_several_options()
    {
        string output = Container().Mount("/t", "tmpfs", "tmpfs", "nodev", "size=64k,mode=700", "ro").Script("stat -c %a /t; grep ' /t ' /proc/self/mountinfo | cut -d' ' -f6-; touch /t/x 2>/dev/null || echo refused").Output();
        Assert.Equal("700", output.Split('\n')[0]);
        Assert.Contains("ro,nodev", output, StringComparison.Ordinal);
        Assert.Contains("size=64k", output, StringComparison.Ordinal);
        Assert.EndsWith("refused", output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_file_system_is_refused_by_name() =>
        Container().Mount("/scratch", "nosuchfs", "none").Run().Refused(1, RuntimeProgram.IsOurs ? "nosuchfs" : "/scratch");

    [Fact]
    public void A_bind_is_private_unless_the_spec_says_otherwise()
    {
        string Propagation(params string[] options) => Container().Mount("/mnt", "bind", Scratch, ["bind", .. options])
            .Script("grep ' /mnt ' /proc/self/mountinfo | grep -o 'shared:\\|master:' || echo private").Output();
        Assert.Equal("private", Propagation());
        Assert.Equal("private", Propagation("rprivate"));
        Assert.Equal("shared:", Propagation("rshared"));
    }

    [Fact]
    public void Later_mounts_lie_over_earlier_ones()
    {
        File.WriteAllText($"{Scratch}/file", "inner\n");
        Assert.Equal("file", Container().Mount("/a", "tmpfs", "tmpfs").Mount("/a/b", "bind", Scratch, "bind").Script("ls /a/b").Output());
    }

    [Theory]
    [InlineData("/")]
    [InlineData("//./")]
    [InlineData("/a/..")]
    [SpecRow("mounts.destination")]
    public void The_root_is_no_destination(string destination)
    {
        RuntimeProgram.SkipUnlessOurs("runc 1.1 loses its own footing");
        Container().Mount(destination, "tmpfs", "tmpfs").Run().Refused(1, "root.path");
    }

    [Fact]
    [SpecRow("mounts.destination")]
    public void A_relative_destination_is_beneath_the_root() =>
        Assert.Equal("here", Container().Mount("relative/place", "tmpfs", "tmpfs").Script("grep -q ' /relative/place ' /proc/self/mountinfo && echo here").Output());

    [Fact]
    [SpecRow("mounts.source")]
    public void A_source_may_be_a_link_a_socket_or_a_device()
    {
        File.WriteAllText($"{Scratch}/file", "content\n");
        File.CreateSymbolicLink($"{Scratch}/link", "file");
        Syscalls.LinuxException.ThrowIfError(Syscalls.Sys.mknodat(Syscalls.Sys.AT_FDCWD, $"{Scratch}/socket", Syscalls.S.IFSOCK | 0x1B6, 0), "mknod");
        string output = Container().Mount("/m/link", "none", $"{Scratch}/link", "bind").Mount("/m/socket", "none", $"{Scratch}/socket", "bind").Mount("/m/zero", "none", "/dev/zero", "bind")
            .Script("cat /m/link; stat -c %F /m/socket; head -c 2 /m/zero | wc -c").Output();
        Assert.Equal(["content", "socket", "2"], output.Split('\n').Select(line => line.Trim()));
    }

    [Fact]
    [SpecRow("mounts.order")]
    public void A_bind_over_a_bind_covers_it()
    {
        Directory.CreateDirectory($"{Scratch}/one/inner");
        Directory.CreateDirectory($"{Scratch}/two");
        File.WriteAllText($"{Scratch}/two/second", "");
        string output = Container().Mount("/m", "none", $"{Scratch}/one", "bind").Mount("/m/inner", "none", $"{Scratch}/two", "bind").Mount("/m", "none", $"{Scratch}/two", "bind")
            .Script("ls /m; umount /m; ls /m/inner").Capabilities("CAP_SYS_ADMIN").Output();
        Assert.Equal(["second", "second"], output.Split('\n'));
    }

    [Fact]
    [SpecRow("mounts.type")]
    public void A_file_system_needs_no_source()
    {
        TestContainer container = Container().Script("grep -c ' /m ' /proc/self/mountinfo");
        container.Mounts.Add(new System.Text.Json.Nodes.JsonObject { ["destination"] = "/m", ["type"] = "tmpfs" });
        Assert.Equal("1", container.Output());
    }

    [Fact]
    [SpecRow("mounts.destination")]
    public void A_destination_that_another_container_moves_about_never_leads_to_the_host()
    {
        RuntimeProgram.SkipUnlessOurs("a race that runc loses now and then shows as an error of its own");
        string canary = Directory.CreateDirectory($"{Scratch}/canary").FullName;
        string volume = Directory.CreateDirectory($"{Scratch}/volume").FullName;
        Directory.CreateDirectory($"{volume}/a/b");
        TestContainer hostile = Container().Mount("/v", "none", volume, "bind")
            .Script($"cd /v; while :; do mv a c; ln -s ../../../../../../../..{canary} a; rm a; mv c a; done").Up();
        for (int i = 0; i < 25; i++)
        {
            TestContainer victim = Container().Mount("/v", "none", volume, "bind").Mount("/v/a/b/made", "tmpfs", "tmpfs", "mode=700").Mount("/v/a/b/file", "none", "/dev/null", "bind");
            victim.LinuxPart["maskedPaths"] = TestContainer.Texts("/v/a/b", "/v/a");
            victim.LinuxPart["readonlyPaths"] = TestContainer.Texts("/v/a/b");
            _ = victim.Run(); // may fail, as its ways are taken away beneath it
            Assert.Empty(Directory.GetFileSystemEntries(canary));
        }
        Assert.Equal("running", hostile.Status());
    }
}
