using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests;

public sealed class RootfsTests : ContainerTest
{
    [Fact]
    public void A_writable_root_is_written_in_the_bundle()
    {
        TestContainer container = Container().Script("echo here > /tmp/file");
        container.Run().Good();
        Assert.Equal("here\n", File.ReadAllText($"{container.Rootfs}/tmp/file"));
    }

    [Fact]
    public void A_read_only_root_is_not_written()
    {
        TestContainer container = Container().Script("echo x > /tmp/file || echo x > /etc/x || mkdir /new || grep '^[0-9]* [0-9]* [0-9:]* [^ ]* / ' /proc/self/mountinfo | cut -d' ' -f6 | cut -d, -f1");
        container.Spec["root"]!["readonly"] = true;
        Assert.Equal("ro", container.Output());
        Assert.Empty(Directory.GetFileSystemEntries($"{container.Rootfs}/tmp"));
    }

    [Fact]
    public void An_absolute_rootfs_is_taken_as_it_is()
    {
        TestContainer container = Container().Script("echo in");
        container.Spec["root"]!["path"] = container.Rootfs;
        Assert.Equal("in", container.Output());
    }

    [Fact]
    public void The_hosts_root_is_gone()
    {
        File.WriteAllText($"{Scratch}/canary", "");
        Assert.Equal("none", Container().Script($"ls {Scratch}/canary 2>/dev/null || ls /.. | grep -q bundle || cat /proc/self/mountinfo | grep -c {Scratch} || echo none").Output().Split('\n')[^1]);
    }

    [Fact]
    public void Nothing_that_the_container_mounts_reaches_the_host()
    {
        TestContainer container = Container().Capabilities("CAP_SYS_ADMIN").Script("mount -t tmpfs none /tmp && grep -c ' /tmp ' /proc/self/mountinfo && sleep 1000");
        container.Up();
        Assert.DoesNotContain(Linux.Proc.MountInfo.Read(), mount => mount.Point.StartsWith(container.Folder, StringComparison.Ordinal));
    }

    [Fact]
    public void Proc_sysfs_and_the_rest_are_mounted_with_their_options()
    {
        TestContainer container = Container().Script("cut -d' ' -f5- /proc/self/mountinfo")
            .Mount("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620")
            .Mount("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k")
            .Mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev")
            .Mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro");
        string[] lines = container.Output().Split('\n');
        AssertMount(lines, "/proc", "proc", "rw");
        AssertMount(lines, "/dev", "tmpfs", "rw,nosuid", "size=65536k", "mode=755");
        AssertMount(lines, "/dev/pts", "devpts", "rw,nosuid,noexec", "mode=620", "ptmxmode=666");
        AssertMount(lines, "/dev/shm", "tmpfs", "rw,nosuid,nodev,noexec", "size=65536k");
        AssertMount(lines, "/dev/mqueue", "mqueue", "rw,nosuid,nodev,noexec");
        AssertMount(lines, "/sys", "sysfs", "ro,nosuid,nodev,noexec");
    }

    [Fact]
    public void Dev_has_the_nodes_and_links_of_the_specification()
    {
        string output = Container().Mount("/dev/pts", "devpts", "devpts", "newinstance", "ptmxmode=0666")
            .Script("cd /dev; for n in null zero full random urandom tty; do stat -c '%n %F %t:%T %a' $n; done; for l in fd stdin stdout stderr ptmx; do echo $l $(readlink $l); done").Output();
        Assert.Equal(
            [
                "null character special file 1:3 666", "zero character special file 1:5 666", "full character special file 1:7 666",
                "random character special file 1:8 666", "urandom character special file 1:9 666", "tty character special file 5:0 666",
                "fd /proc/self/fd", "stdin /proc/self/fd/0", "stdout /proc/self/fd/1", "stderr /proc/self/fd/2", "ptmx pts/ptmx",
            ], output.Split('\n'));
    }

    [Fact]
    public void A_device_of_the_spec_is_made_with_its_mode_and_owner()
    {
        TestContainer container = Container().Script("stat -c '%F %t:%T %a %u:%g' /dev/deep/one /dev/pipe");
        container.LinuxPart["devices"] = new JsonArray(
            new JsonObject { ["path"] = "/dev/deep/one", ["type"] = "c", ["major"] = 1, ["minor"] = 5, ["fileMode"] = 0x1A0, ["uid"] = 7, ["gid"] = 8 },
            new JsonObject { ["path"] = "/dev/pipe", ["type"] = "p", ["fileMode"] = 0x180 });
        Assert.Equal(["character special file 1:5 640 7:8", "fifo 0:0 600 0:0"], container.Output().Split('\n'));
    }

    [Fact]
    public void Dev_may_be_read_only_with_its_nodes_in_it()
    {
        TestContainer container = Container().Script("touch /dev/new 2>/dev/null || echo refused; echo x > /dev/null && echo written");
        container.Mounts[1]!["options"] = TestContainer.Texts("ro", "nosuid", "mode=755");
        Assert.Equal(["refused", "written"], container.Output().Split('\n'));
    }

    [Fact]
    public void The_cgroup_mount_shows_the_containers_own_cgroup_as_root()
    {
        TestContainer container = Container().Script("ls /sys/fs/cgroup; cat /proc/self/cgroup; grep -l \"^$$\\$\" /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/cgroup.procs 2>/dev/null | head -1; touch /sys/fs/cgroup/x 2>/dev/null || echo read-only")
            .Mount("/sys", "sysfs", "sysfs", "ro")
            .Mount("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", "ro");
        string[] lines = container.Output().Split('\n');
        Assert.All(lines.Where(line => line.Contains("::", StringComparison.Ordinal) || line.Contains(":/", StringComparison.Ordinal)), line => Assert.EndsWith(":/", line, StringComparison.Ordinal));
        Assert.Contains(lines, line => line.EndsWith("cgroup.procs", StringComparison.Ordinal));
        Assert.Equal("read-only", lines[^1]);
    }

    [Fact]
    public void Without_a_cgroup_namespace_the_cgroup_mount_still_shows_only_the_containers_own()
    {
        TestContainer container = Container().RemoveNamespace("cgroup")
            .Script("grep -l \"^$$\\$\" /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/cgroup.procs 2>/dev/null | head -1")
            .Mount("/sys", "sysfs", "sysfs", "ro")
            .Mount("/sys/fs/cgroup", "cgroup", "cgroup", "ro");
        Assert.EndsWith("cgroup.procs", container.Output(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("proc", "proc")]
    [InlineData("sys", "sysfs")]
    public void A_link_where_proc_or_sys_belongs_is_refused(string name, string type)
    {
        TestContainer container = Container();
        Directory.Delete($"{container.Rootfs}/{name}");
        File.CreateSymbolicLink($"{container.Rootfs}/{name}", "tmp");
        if (name == "sys")
            container.Mount("/sys", type, type, "ro");
        container.Run().Refused(1, name);
        Assert.Empty(Directory.GetFileSystemEntries($"{container.Rootfs}/tmp"));
    }

    [Fact]
    public void A_link_where_dev_belongs_makes_no_node_elsewhere()
    {
        RuntimeProgram.SkipUnlessOurs("runc 1.1 makes the links of /dev elsewhere");
        TestContainer container = Container();
        container.Mounts.RemoveAt(1);
        string canary = Directory.CreateDirectory($"{Scratch}/outside").FullName;
        Directory.Delete($"{container.Rootfs}/dev");
        File.CreateSymbolicLink($"{container.Rootfs}/dev", canary);
        _ = container.Run();
        Assert.Empty(Directory.GetFileSystemEntries(canary));
    }

    [Theory]
    [InlineData("rshared", "shared:")]
    [InlineData("rslave", "")]
    [InlineData("rprivate", "")]
    public void The_roots_propagation_is_what_the_spec_says(string word, string mark)
    {
        RuntimeProgram.SkipUnlessOurs("runc 1.1 does not make the root shared");
        TestContainer container = Container().Script("grep '^[0-9]* [0-9]* [0-9:]* [^ ]* / ' /proc/self/mountinfo");
        container.LinuxPart["rootfsPropagation"] = word;
        string line = container.Output();
        if (mark.Length > 0)
            Assert.Contains(mark, line, StringComparison.Ordinal);
        else
            Assert.DoesNotContain("shared:", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rootfs/")]
    [InlineData("./rootfs")]
    [InlineData("../link")]
    [SpecRow("root.path")]
    public void A_rootfs_may_be_named_in_any_way(string path)
    {
        TestContainer container = Container().Script("ls -d /proc");
        File.CreateSymbolicLink($"{container.Folder}/link", container.Rootfs);
        container.Spec["root"]!["path"] = path;
        Assert.Equal("/proc", container.Output());
    }

    [Fact]
    [SpecRow("root.path", "root.readonly")]
    public void A_rootfs_may_be_a_mount_with_mounts_beneath()
    {
        TestContainer container = Container().Script("ls /mnt/inner; touch /x 2>/dev/null || echo read-only; touch /mnt/inner/y && echo writable");
        using HostMount top = HostMount.Tmpfs($"{Scratch}/top");
        TestRootfs.Make(top.Path);
        using HostMount inner = HostMount.Tmpfs($"{top.Path}/mnt/inner", Syscalls.MS.NOSUID | Syscalls.MS.NODEV);
        File.WriteAllText($"{inner.Path}/file", "");
        container.Spec["root"] = new JsonObject { ["path"] = top.Path, ["readonly"] = true };
        Assert.Equal(["file", "read-only", "writable"], container.Output().Split('\n'));
    }

    [Fact]
    [SpecRow("root.path")]
    public void A_user_namespace_gets_a_rootfs_and_binds_from_folders_that_are_closed_to_it()
    {
        RuntimeProgram.SkipUnlessOurs("runc 1.1 wants the way to the rootfs open to all");
        string closed = Directory.CreateDirectory($"{Scratch}/closed").FullName;
        TestContainer container = Container().UserNamespace().Mount("/m", "none", $"{closed}/data", "bind").Mount("/f", "none", $"{closed}/data/file", "bind").Script("cat /m/file /f; id -u");
        Directory.CreateDirectory($"{closed}/data");
        File.WriteAllText($"{closed}/data/file", "reached\n");
        Directory.Move(container.Rootfs, $"{closed}/rootfs");
        container.Spec["root"]!["path"] = $"{closed}/rootfs";
        File.SetUnixFileMode(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.Equal(["reached", "reached", "0"], container.Output().Split('\n'));
    }

    [Fact]
    public void Without_pivot_root_the_container_sees_its_own_root_and_no_unmasked_proc()
    {
        File.WriteAllText($"{Scratch}/canary", "");
        TestContainer container = Container().Script($"ls {Scratch}/canary 2>/dev/null || echo none; ls /proc/1/exe > /dev/null && echo proc; head -c 1 /proc/kcore 2>/dev/null | wc -c; cat /proc/self/mountinfo | grep -c ' - proc '; touch /tmp/x && echo written");
        container.LinuxPart["maskedPaths"] = TestContainer.Texts("/proc/kcore", "/proc/acpi");
        string[] lines = [.. container.Output("--no-pivot").Split('\n').Select(line => line.Trim())];
        Assert.Equal(["none", "proc", "0", "1", "written"], lines);
        Assert.True(File.Exists($"{container.Rootfs}/tmp/x"));
        Assert.Contains(Linux.Proc.MountInfo.Read(), mount => mount.Point == "/proc");
    }

    [Fact]
    [SpecRow("linux.rootfsPropagation")]
    public void A_mount_of_the_host_comes_into_a_slave_root_and_not_into_a_private_one()
    {
        using HostMount top = HostMount.Tmpfs($"{Scratch}/top", 0, Syscalls.MS.SHARED);
        TestRootfs.Make(top.Path);
        TestContainer slave = Container().Script("sleep 1000"), closed = Container().Script("sleep 1000"), none = Container().Script("sleep 1000");
        foreach (TestContainer container in new[] { slave, closed, none })
            container.Spec["root"] = new JsonObject { ["path"] = top.Path };
        slave.LinuxPart["rootfsPropagation"] = "rslave";
        closed.LinuxPart["rootfsPropagation"] = "rprivate";
        slave.Up();
        closed.Up();
        none.Up();
        using HostMount later = HostMount.Tmpfs($"{top.Path}/tmp/later");
        Assert.Contains(Linux.Proc.MountInfo.Read(slave.Pid()), mount => mount.Point == "/tmp/later");
        Assert.DoesNotContain(Linux.Proc.MountInfo.Read(closed.Pid()), mount => mount.Point == "/tmp/later");
    }

    [Fact]
    [SpecRow("linux.rootfsPropagation")]
    public void An_unbindable_root_is_unbindable()
    {
        RuntimeProgram.SkipUnlessOurs("runc 1.1 does not make the root unbindable");
        TestContainer container = Container().Script("grep '^[0-9]* [0-9]* [0-9:]* [^ ]* / ' /proc/self/mountinfo");
        container.LinuxPart["rootfsPropagation"] = "unbindable";
        Assert.Contains("unbindable", container.Output(), StringComparison.Ordinal);
    }

    private static void AssertMount(string[] lines, string point, string type, string options, params string[] superOptions)
    {
        string line = lines.Last(item => item.StartsWith(point + " ", StringComparison.Ordinal));
        Assert.StartsWith($"{point} {options}", line, StringComparison.Ordinal);
        string[] parts = line.Split(" - ");
        Assert.StartsWith(type + " ", parts[1], StringComparison.Ordinal);
        string[] words = parts[1].Split(' ')[^1].Split(',');
        Assert.All(superOptions, option => Assert.Contains(option, words));
    }
}
