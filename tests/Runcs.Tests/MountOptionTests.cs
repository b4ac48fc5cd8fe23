using Rundlet.Linux.Proc;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Tests;

/// <summary>The table of options in config.md, "Linux mount options", word by word, as /proc/self/mountinfo shows them in the container.</summary>
public sealed class MountOptionTests : ContainerTest
{
    [Fact]
    [SpecRow("mounts.options.ro", "mounts.options.nosuid", "mounts.options.nodev", "mounts.options.noexec", "mounts.options.noatime",
        "mounts.options.relatime", "mounts.options.strictatime", "mounts.options.nodiratime", "mounts.options.defaults")]
    public void Words_of_a_mount_hold_on_a_new_file_system()
    {
        (string Word, string Shown)[] rows =
        [
            ("ro", "ro,relatime"), ("rw", "rw,relatime"), ("nosuid", "rw,nosuid,relatime"), ("suid", "rw,relatime"), ("nodev", "rw,nodev,relatime"),
            ("dev", "rw,relatime"), ("noexec", "rw,noexec,relatime"), ("exec", "rw,relatime"), ("noatime", "rw,noatime"), ("atime", "rw,relatime"),
            ("relatime", "rw,relatime"), ("norelatime", "rw,relatime"), ("strictatime", "rw"), ("nostrictatime", "rw,relatime"),
            ("nodiratime", "rw,nodiratime,relatime"), ("diratime", "rw,relatime"), ("defaults", "rw,relatime"),
        ];
        TestContainer container = Container();
        foreach ((string word, _) in rows)
            container.Mount($"/m/{word}", "tmpfs", "tmpfs", word);
        List<MountEntry> mounts = Shown(container);
        Assert.All(rows, row => Assert.Equal(row.Shown, At(mounts, $"/m/{row.Word}").Options));
    }

    [Fact]
    [SpecRow("mounts.options.ro", "mounts.options.nosuid", "mounts.options.nodev", "mounts.options.noexec", "mounts.options.noatime",
        "mounts.options.strictatime", "mounts.options.nodiratime", "mounts.options.bind")]
    public void Words_of_a_mount_hold_on_a_bind_and_not_beneath()
    {
        using HostMount plain = HostMount.Tmpfs($"{Scratch}/plain");
        using HostMount inner = HostMount.Tmpfs($"{Scratch}/plain/inner");
        (string Word, string Shown)[] rows =
        [
            ("ro", "ro,relatime"), ("nosuid", "rw,nosuid,relatime"), ("nodev", "rw,nodev,relatime"), ("noexec", "rw,noexec,relatime"),
            ("noatime", "rw,noatime"), ("strictatime", "rw"), ("nodiratime", "rw,nodiratime,relatime"),
        ];
        TestContainer container = Container();
        foreach ((string word, _) in rows)
            container.Mount($"/m/{word}", "none", plain.Path, "rbind", word);
        container.Mount("/m/alone", "none", plain.Path, "bind");
        List<MountEntry> mounts = Shown(container);
        Assert.All(rows, row => Assert.Equal(row.Shown, At(mounts, $"/m/{row.Word}").Options));
        Assert.All(rows, row => Assert.Equal("rw,relatime", At(mounts, $"/m/{row.Word}/inner").Options));
        Assert.DoesNotContain(mounts, mount => mount.Point == "/m/alone/inner");
    }

    [Fact]
    [SpecRow("mounts.options.ro", "mounts.options.nosuid", "mounts.options.nodev", "mounts.options.noexec", "mounts.options.noatime", "mounts.options.nodiratime")]
    public void The_opposite_words_take_away_what_the_source_has()
    {
        RuntimeProgram.SkipUnlessOurs("runc keeps what the source has for some of them");
        using HostMount full = HostMount.Tmpfs($"{Scratch}/full", Full);
        (string Word, string Shown)[] rows =
        [
            ("rw", "rw,nosuid,nodev,noexec,noatime,nodiratime"), ("suid", "ro,nodev,noexec,noatime,nodiratime"), ("dev", "ro,nosuid,noexec,noatime,nodiratime"),
            ("exec", "ro,nosuid,nodev,noatime,nodiratime"), ("atime", "ro,nosuid,nodev,noexec,nodiratime,relatime"), ("diratime", "ro,nosuid,nodev,noexec,noatime"),
            ("relatime", "ro,nosuid,nodev,noexec,nodiratime,relatime"),
        ];
        TestContainer container = Container();
        foreach ((string word, _) in rows)
            container.Mount($"/m/{word}", "none", full.Path, "bind", word);
        List<MountEntry> mounts = Shown(container);
        Assert.All(rows, row => Assert.Equal(row.Shown, At(mounts, $"/m/{row.Word}").Options));
    }

    [Fact]
    [SpecRow("mounts.options.rro", "mounts.options.rnosuid", "mounts.options.rnodev", "mounts.options.rnoexec", "mounts.options.rnoatime",
        "mounts.options.rrelatime", "mounts.options.rstrictatime", "mounts.options.rnodiratime", "mounts.options.rnosymfollow")]
    public void Recursive_words_hold_for_all_mounts_beneath()
    {
        RuntimeProgram.SkipUnlessOurs("runc 1.1 knows some of them");
        using HostMount plain = HostMount.Tmpfs($"{Scratch}/plain");
        using HostMount inner = HostMount.Tmpfs($"{Scratch}/plain/inner");
        using HostMount full = HostMount.Tmpfs($"{Scratch}/full");
        using HostMount fullInner = HostMount.Tmpfs($"{Scratch}/full/inner", Full);
        (string Source, string Word, string Shown)[] rows =
        [
            (plain.Path, "rro", "ro,relatime"), (plain.Path, "rnosuid", "rw,nosuid,relatime"), (plain.Path, "rnodev", "rw,nodev,relatime"),
            (plain.Path, "rnoexec", "rw,noexec,relatime"), (plain.Path, "rnoatime", "rw,noatime"), (plain.Path, "rstrictatime", "rw"),
            (plain.Path, "rnodiratime", "rw,nodiratime,relatime"), (plain.Path, "rnosymfollow", "rw,relatime,nosymfollow"),
            (full.Path, "rrw", "rw,nosuid,nodev,noexec,noatime,nodiratime,nosymfollow"), (full.Path, "rsuid", "ro,nodev,noexec,noatime,nodiratime,nosymfollow"),
            (full.Path, "rdev", "ro,nosuid,noexec,noatime,nodiratime,nosymfollow"), (full.Path, "rexec", "ro,nosuid,nodev,noatime,nodiratime,nosymfollow"),
            (full.Path, "ratime", "ro,nosuid,nodev,noexec,nodiratime,relatime,nosymfollow"), (full.Path, "rrelatime", "ro,nosuid,nodev,noexec,nodiratime,relatime,nosymfollow"),
            (full.Path, "rnorelatime", "ro,nosuid,nodev,noexec,nodiratime,relatime,nosymfollow"),
            (full.Path, "rnostrictatime", "ro,nosuid,nodev,noexec,nodiratime,relatime,nosymfollow"),
            (full.Path, "rdiratime", "ro,nosuid,nodev,noexec,noatime,nosymfollow"), (full.Path, "rsymfollow", "ro,nosuid,nodev,noexec,noatime,nodiratime"),
        ];
        fullInner.Change(MS.REMOUNT | MS.BIND | Full | MS.NOSYMFOLLOW);
        TestContainer container = Container();
        foreach ((string source, string word, _) in rows)
            container.Mount($"/m/{word}", "none", source, "rbind", word);
        List<MountEntry> mounts = Shown(container);
        Assert.All(rows, row => Assert.Equal(row.Shown, At(mounts, $"/m/{row.Word}/inner").Options));
        Assert.Equal("ro,relatime", At(mounts, "/m/rro").Options);
        Assert.Equal("rw,relatime", At(mounts, "/m/rrw").Options);
    }

    [Fact]
    [SpecRow("mounts.options.nosymfollow")]
    public void Nosymfollow_stops_links_and_symfollow_lets_them_work()
    {
        RuntimeProgram.SkipUnlessOurs("runc 1.1 does not know it");
        File.WriteAllText($"{Scratch}/file", "content\n");
        File.CreateSymbolicLink($"{Scratch}/link", "file");
        string output = Container().Mount("/no", "none", Scratch, "bind", "nosymfollow").Mount("/yes", "none", Scratch, "bind", "nosymfollow", "symfollow")
            .Script("cat /no/link 2>/dev/null || echo stopped; cat /yes/link").Output();
        Assert.Equal(["stopped", "content"], output.Split('\n'));
    }

    [Fact]
    [SpecRow("mounts.options.sync", "mounts.options.dirsync", "mounts.options.lazytime", "mounts.options.mand", "mounts.options.iversion", "mounts.options.silent")]
    public void Words_of_the_file_system_reach_it()
    {
        (string Word, string? Shown)[] rows =
        [
            ("sync", "sync"), ("async", null), ("dirsync", "dirsync"), ("lazytime", "lazytime"), ("nolazytime", null), ("mand", "mand"), ("nomand", null),
            ("iversion", null), ("noiversion", null), ("silent", null), ("loud", null),
        ];
        TestContainer container = Container();
        foreach ((string word, _) in rows)
            container.Mount($"/m/{word}", "tmpfs", "tmpfs", word, "mode=700");
        List<MountEntry> mounts = Shown(container);
        foreach ((string word, string? shown) in rows)
        {
            string[] words = At(mounts, $"/m/{word}").SuperOptions.Split(',');
            if (shown is not null)
                Assert.Contains(shown, words);
            else
                Assert.DoesNotContain(words, item => item is "sync" or "dirsync" or "lazytime" or "mand");
        }
    }

    [Fact]
    [SpecRow("mounts.options.remount")]
    public void Remount_changes_what_is_mounted_there_and_mounts_nothing()
    {
        List<MountEntry> mounts = Shown(Container().Mount("/m", "tmpfs", "tmpfs", "size=64k", "nodev", "mode=700").Mount("/m", "tmpfs", "tmpfs", "remount", "ro", "size=128k", "nodev"));
        MountEntry only = Assert.Single(mounts, mount => mount.Point == "/m");
        Assert.StartsWith("ro,nodev", only.Options, StringComparison.Ordinal);
        if (RuntimeProgram.IsOurs)
            Assert.Contains("size=128k", only.SuperOptions, StringComparison.Ordinal);
    }

    [Fact]
    [SpecRow("mounts.options.remount")]
    public void Remount_of_a_bind_changes_its_attributes_only()
    {
        List<MountEntry> mounts = Shown(Container().Mount("/m", "none", Scratch, "bind").Mount("/m", "none", Scratch, "bind", "remount", "ro", "noexec"));
        MountEntry only = Assert.Single(mounts, mount => mount.Point == "/m");
        Assert.StartsWith("ro,noexec", only.Options, StringComparison.Ordinal);
    }

    [Fact]
    [SpecRow("mounts.options.remount")]
    public void Remount_where_nothing_is_mounted_is_refused()
    {
        RuntimeProgram.SkipUnlessOurs("runc mounts what is not there");
        Container().Mount("/tmp", "none", "none", "remount", "ro").Run().Refused(1, "/tmp");
        Container().Mount("/missing", "none", "none", "remount", "ro").Run().Refused(1, "/missing");
    }

    [Fact]
    [SpecRow("mounts.options.private", "mounts.options.shared", "mounts.options.slave", "mounts.options.unbindable")]
    public void Words_of_propagation_hold_and_nothing_stays_the_hosts_peer()
    {
        using HostMount tree = HostMount.Tmpfs($"{Scratch}/tree", 0, MS.SHARED);
        using HostMount inner = HostMount.Tmpfs($"{Scratch}/tree/inner", 0, MS.SHARED);
        (string Word, string Top, string Beneath)[] rows =
        [
            ("private", "", "master"), ("rprivate", "", ""), ("shared", "shared master", "master"), ("rshared", "shared master", "shared master"),
            ("slave", "master", "master"), ("rslave", "master", "master"), ("unbindable", "unbindable", "master"), ("runbindable", "unbindable", "unbindable"),
        ];
        TestContainer container = Container();
        foreach ((string word, _, _) in rows)
            container.Mount($"/m/{word}", "none", tree.Path, "rbind", word);
        List<MountEntry> mounts = Shown(container);
        string host = Kinds(MountInfo.Read().Single(mount => mount.Point == tree.Path), numbers: true);
        foreach ((string word, string top, string beneath) in rows)
        {
            Assert.Equal($"{word}: {top}", $"{word}: {Kinds(At(mounts, $"/m/{word}"))}");
            Assert.Equal($"{word}: {beneath}", $"{word}: {Kinds(At(mounts, $"/m/{word}/inner"))}");
            Assert.DoesNotContain(host, Kinds(At(mounts, $"/m/{word}"), numbers: true).Split(' '));
        }
    }

    [Fact]
    [SpecRow("mounts.options.slave")]
    public void What_the_host_mounts_later_comes_into_a_slave_and_not_back()
    {
        using HostMount tree = HostMount.Tmpfs($"{Scratch}/tree", 0, MS.SHARED);
        TestContainer container = Container().Mount("/m", "none", tree.Path, "rbind", "rslave").Capabilities("CAP_SYS_ADMIN")
            .Script("mkdir /m/back; mount -t tmpfs none /m/back; sleep 1000");
        container.Up();
        using HostMount later = HostMount.Tmpfs($"{tree.Path}/later");
        Assert.Contains(MountInfo.Read(container.Pid()), mount => mount.Point == "/m/later");
        Assert.DoesNotContain(MountInfo.Read(), mount => mount.Point == $"{tree.Path}/back");
    }

    [Fact]
    [SpecRow("mounts.options.shared")]
    public void A_shared_bind_of_a_shared_root_carries_mounts_back_to_the_host()
    {
        using HostMount tree = HostMount.Tmpfs($"{Scratch}/tree", 0, MS.SHARED);
        Directory.CreateDirectory($"{tree.Path}/back");
        TestContainer container = Container().Mount("/m", "none", tree.Path, "rbind", "rshared").Capabilities("CAP_SYS_ADMIN")
            .Script("mount -t tmpfs none /m/back && echo done");
        container.LinuxPart["rootfsPropagation"] = "rshared";
        Assert.Equal("done", container.Output());
        Assert.Contains(MountInfo.Read(), mount => mount.Point == $"{tree.Path}/back");
        LinuxException.ThrowIfError(Sys.umount2($"{tree.Path}/back", MNT.DETACH), "umount");
    }

    [Fact]
    [SpecRow("mounts.options.data")]
    public void Words_that_change_what_a_bind_shows_are_not_passed_over()
    {
        RuntimeProgram.SkipUnlessOurs("runc takes them for data");
        foreach (string word in (string[])["copy-symlink", "src-nofollow", "dest-nofollow"])
            Container().Mount("/m", "none", Scratch, "bind", word).Run().Refused(1, word);
    }

    private const ulong Full = MS.RDONLY | MS.NOSUID | MS.NODEV | MS.NOEXEC | MS.NOATIME | MS.NODIRATIME;

    private static string Kinds(MountEntry mount, bool numbers = false) =>
        string.Join(' ', mount.Propagation.Split(' ').Select(item => numbers ? item : item.Split(':')[0]));

    private static MountEntry At(List<MountEntry> mounts, string point) => mounts.Last(mount => mount.Point == point);

    private static List<MountEntry> Shown(TestContainer container) =>
        MountInfo.Parse(System.Text.Encoding.UTF8.GetBytes(container.Script("cat /proc/self/mountinfo").Output() + "\n"));
}
