using Rundlet.Linux.Proc;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Tests;

/// <summary><c>mounts add</c> and <c>mounts remove</c> on containers that live.</summary>
public sealed class LiveMountTests : ContainerTest
{
    public LiveMountTests() => RuntimeProgram.SkipUnlessOurs("runc has no such command, crun 1.8 neither");

    [Fact]
    [SpecRow("cli.mounts")]
    public void A_bind_and_a_tmpfs_come_and_go_while_the_container_runs()
    {
        File.WriteAllText($"{Scratch}/file", "live\n");
        TestContainer container = Container().Script("sleep 1000").Up();
        string list = List($$"""[{"destination":"/live/bind","source":"{{Scratch}}","options":["rbind","ro"]},{"destination":"/live/tmp","type":"tmpfs","source":"tmpfs","options":["size=64k","mode=700"]}]""");
        container.Runtime("mounts", "add", container.Id, list).Good();
        Assert.Equal("live\n", container.Exec("cat", "/live/bind/file").Good().Output);
        Assert.NotEqual(0, container.Exec("touch", "/live/bind/x").Status);
        container.Exec("touch", "/live/tmp/x").Good();
        Assert.DoesNotContain(MountInfo.Read(), mount => mount.Point.Contains("/live/", StringComparison.Ordinal) && mount.Point.StartsWith(container.Folder, StringComparison.Ordinal));
        container.Runtime("mounts", "remove", container.Id, list).Good();
        Assert.DoesNotContain(MountInfo.Read(container.Pid()), mount => mount.Point.StartsWith("/live", StringComparison.Ordinal));
    }

    [Fact]
    [SpecRow("cli.mounts")]
    public void A_user_namespace_gets_an_id_mapped_bind_of_a_closed_folder()
    {
        string closed = Directory.CreateDirectory($"{Scratch}/closed/data").FullName;
        File.WriteAllText($"{closed}/file", "reached\n");
        File.SetUnixFileMode($"{Scratch}/closed", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        TestContainer container = Container().UserNamespace().Script("sleep 1000").Up();
        container.Runtime("mounts", "add", container.Id, List($$"""[{"destination":"/m","source":"{{closed}}","options":["bind","idmap"]},{"destination":"/p","type":"proc","source":"proc"}]""")).Good();
        Assert.Equal("0:0\n", container.Exec("stat", "-c", "%u:%g", "/m/file").Good().Output);
        Assert.Equal("sleep 1000", container.Exec("cat", "/p/1/cmdline").Good().Output.Replace('\0', ' ').Trim());
    }

    [Fact]
    [SpecRow("cli.mounts")]
    public void Where_one_fails_those_before_it_are_taken_back()
    {
        TestContainer container = Container().Script("sleep 1000").Up();
        string before = Mounts(container);
        container.Runtime("mounts", "add", container.Id, List("""[{"destination":"/a","type":"tmpfs"},{"destination":"/a/b","type":"tmpfs"},{"destination":"/c","type":"tmpfs","options":["colour=red"]}]""")).Refused(1, "colour=red");
        Assert.Equal(before, Mounts(container));
        container.Runtime("mounts", "add", container.Id, List("""[{"destination":"/a","type":"tmpfs"},{"destination":"/b","source":"/no/such/source","options":["bind"]}]""")).Refused(1, "/no/such/source");
        Assert.Equal(before, Mounts(container));
    }

    [Fact]
    [SpecRow("cli.mounts")]
    public void A_link_in_the_container_leads_to_the_container()
    {
        string canary = Directory.CreateDirectory($"{Scratch}/canary").FullName;
        TestContainer container = Container().Script("sleep 1000");
        File.CreateSymbolicLink($"{container.Rootfs}/link", canary);
        File.CreateSymbolicLink($"{container.Rootfs}/magic", "/proc/1/root");
        container.Up();
        string list = List("""[{"destination":"/link/made","type":"tmpfs"}]""");
        container.Runtime("mounts", "add", container.Id, list).Good();
        Assert.Contains(MountInfo.Read(container.Pid()), mount => mount.Point == $"{canary}/made");
        Assert.Empty(Directory.GetFileSystemEntries(canary));
        container.Runtime("mounts", "remove", container.Id, list).Good();
        container.Runtime("mounts", "add", container.Id, List("""[{"destination":"/magic/made","type":"tmpfs"}]""")).Refused(1, "/magic/made");
    }

    [Fact]
    [SpecRow("cli.mounts")]
    public void What_cannot_be_is_refused()
    {
        TestContainer container = Container().Script("sleep 1000").Up();
        container.Runtime("mounts", "remove", container.Id, List("""[{"destination":"/tmp"}]""")).Refused(1, "unmount '/tmp'");
        container.Runtime("mounts", "add", container.Id, List("""[{"destination":"/","type":"tmpfs"}]""")).Refused(1, "root.path");
        container.Runtime("mounts", "add", container.Id, List("""[{"destination":"/x","type":"cgroup"}]""")).Refused(1, "cgroup");
        container.Runtime("mounts", "add", container.Id, List("""{"destination":"/x"}""")).Refused(1, "array");
        container.Runtime("mounts", "add", "nobody", List("[]")).Refused(1, "does not exist");
        container.Runtime("mounts", "change", container.Id, List("[]")).Refused(1, "change");
        container.Runtime("mounts", "add", container.Id).Refused(1, "three arguments");
    }

    [Fact]
    [SpecRow("cli.mounts")]
    public void A_container_that_is_only_created_takes_mounts_and_a_stopped_one_none()
    {
        TestContainer container = Container().Script("ls /m");
        container.Create().Good();
        File.WriteAllText($"{Scratch}/file", "");
        string list = List($$"""[{"destination":"/m","source":"{{Scratch}}","options":["bind"]}]""");
        container.Runtime("mounts", "add", container.Id, list).Good();
        Assert.Contains("file", container.StartAndWait(), StringComparison.Ordinal);
        container.Runtime("mounts", "add", container.Id, list).Refused(1, "container not running");
    }

    [Fact]
    [SpecRow("cli.mounts")]
    public void Who_mounts_is_not_seen_in_the_container_which_may_trace()
    {
        const string Strace = "/usr/bin/strace";
        if (!File.Exists(Strace))
            Assert.Skip("needs the Debian package strace");
        TestContainer container = Container().Capabilities("CAP_SYS_PTRACE", "CAP_DAC_OVERRIDE")
            .Script("while :; do for f in /proc/[0-9]*/fd/[0-9]*; do l=$(readlink $f) && case $l in /|/bin/busybox|/dev/null|pipe:*|/proc*|*.out|*.err|/tmp/*) ;; *) echo \"$f $l\" >> /tmp/seen;; esac; done; "
                + "for f in /proc/[0-9]*/comm; do read c < $f && case $c in runcs*|strace) echo \"$f $c\" >> /tmp/seen;; esac; done; echo x >> /tmp/rounds; done 2>/dev/null").Up();
        container.AwaitText($"{container.Rootfs}/tmp/rounds", "x");
        string list = List($$"""[{"destination":"/m","source":"{{Scratch}}","options":["bind"]},{"destination":"/t","type":"tmpfs"}]""");
        using BoundedProcess mounts = BoundedProcess.Start($"{Scratch}/mounts",
            [Strace, "-f", "-o", "/dev/null", "-e", "trace=move_mount", "-e", "inject=move_mount:delay_enter=300000", RuntimeProgram.Path, "--root", container.StateRoot, "mounts", "add", container.Id, list]);
        mounts.Wait().Good();
        Assert.Equal("", File.Exists($"{container.Rootfs}/tmp/seen") ? File.ReadAllText($"{container.Rootfs}/tmp/seen") : "");
    }

    private string List(string json)
    {
        string path = $"{Scratch}/mounts-{Guid.NewGuid():N}.json";
        File.WriteAllText(path, json);
        return path;
    }

    private static string Mounts(TestContainer container) => string.Join('\n', MountInfo.Read(container.Pid()).Select(mount => mount.Point));
}
