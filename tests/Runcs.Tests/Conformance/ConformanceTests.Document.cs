namespace Rundlet.Runcs.Tests;

public sealed partial class ConformanceTests
{
    private static readonly (string Row, Action<ConformanceTests> Probe)[] s_document =
    [
        ("ociVersion", t => Assert.Equal("1.0.2", (string?)Created(t.Container()).State()["ociVersion"] is { Length: > 0 } ? "1.0.2" : null)),
        ("document.invalid", t =>
        {
            Refuses(t.With("process.args", "7"));
            TestContainer container = t.Container();
            File.WriteAllText($"{container.Bundle}/config.json", "{");
            Assert.NotEqual(0, container.Runtime("create", "--bundle", container.Bundle, container.Id).Status);
        }),
        ("document.unknown", t => Assert.Equal("on", t.Says("process.novel", """{"a": [1]}""", "echo on"))),
        ("root.path", t =>
        {
            TestContainer container = t.Container().Script("echo on");
            container.Spec["root"]!["path"] = container.Rootfs;
            Assert.Equal("on", container.Output());
            Refuses(t.With("root.path", "\"nosuch\""));
        }),
        ("root.readonly", t => Assert.Equal("refused", t.Says("root.readonly", "true", "touch /x 2>/dev/null || echo refused"))),
        ("hostname", t => Assert.Equal("barrel", t.Says("hostname", "\"barrel\"", "hostname"))),
        ("domainname", t => Assert.Equal("cellar", t.Says("domainname", "\"cellar\"", "cat /proc/sys/kernel/domainname"))),
        ("annotations", t => Assert.Equal("b", (string?)Created(t.With("annotations", """{"a": "b"}""")).State()["annotations"]?["a"])),
    ];

    private static readonly (string Row, Action<ConformanceTests> Probe)[] s_mounts =
    [
        ("mounts.order", t =>
        {
            File.WriteAllText($"{t.Scratch}/file", "later");
            Assert.Equal("later", t.Container().Mount("/m", "tmpfs", "tmpfs").Mount("/m/file", "bind", $"{t.Scratch}/file", "bind").Script("cat /m/file").Output());
        }),
        ("mounts.destination", t => Assert.Equal("/new/deep/m", MountLine(t.Container().Mount("/new/deep/m", "tmpfs", "tmpfs"), "/new/deep/m")[4])),
        ("mounts.source", t =>
        {
            TestContainer container = t.Container().Mount("/m", "bind", "data", "bind").Script("cat /m/file");
            File.WriteAllText($"{Directory.CreateDirectory($"{container.Bundle}/data")}/file", "beside");
            Assert.Equal("beside", container.Output());
        }),
        ("mounts.type", t => Assert.Equal("devpts mqueue sysfs tmpfs", t.Container().Mount("/1", "tmpfs", "tmpfs").Mount("/2", "devpts", "devpts", "newinstance").Mount("/3", "mqueue", "mqueue").Mount("/4", "sysfs", "sysfs")
            .Script("grep ' /[1-4] ' /proc/self/mounts | cut -d' ' -f3 | sort | tr '\\n' ' '").Output().TrimEnd())),
        ("mounts.cgroup", t => Assert.NotEqual("0", t.Container().Mount("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", "ro").Script("ls /sys/fs/cgroup | wc -l").Output())),
        ("mounts.options.data", t => Assert.Contains("size=1024k", t.Super("size=1m"))),
        ("mounts.options.bind", t => Assert.Equal("0 1", t.Container().Mount("/m", "none", "/dev", "rbind").Mount("/n", "none", "/dev", "bind")
            .Script("grep -q ' /m/pts ' /proc/self/mounts; a=$?; grep -q ' /n/pts ' /proc/self/mounts; echo $a $?").Output())),
        ("mounts.options.defaults", t => Assert.Contains("rw", t.Attributes("defaults"))),
        ("mounts.options.ro", t => Switch(t, "ro", "rw", "ro")),
        ("mounts.options.nosuid", t => Switch(t, "nosuid", "suid", "nosuid")),
        ("mounts.options.nodev", t => Switch(t, "nodev", "dev", "nodev")),
        ("mounts.options.noexec", t => Switch(t, "noexec", "exec", "noexec")),
        ("mounts.options.noatime", t => Switch(t, "noatime", "atime", "noatime")),
        ("mounts.options.relatime", t => Assert.Contains("relatime", t.Attributes("relatime"))),
        ("mounts.options.strictatime", t => Assert.DoesNotContain("relatime", t.Attributes("strictatime"))),
        ("mounts.options.nodiratime", t => Switch(t, "nodiratime", "diratime", "nodiratime")),
        ("mounts.options.nosymfollow", t => Switch(t, "nosymfollow", "symfollow", "nosymfollow")),
        ("mounts.options.lazytime", t => Assert.Contains("lazytime", t.Super("lazytime"))),
        ("mounts.options.sync", t => Assert.Contains("sync", t.Super("sync"))),
        ("mounts.options.dirsync", t => Assert.Contains("dirsync", t.Super("dirsync"))),
        ("mounts.options.mand", t => Assert.Contains("rw", t.Attributes("nomand"))),
        ("mounts.options.iversion", t => Assert.Contains("rw", t.Attributes("noiversion"))),
        ("mounts.options.silent", t => Assert.Contains("rw", t.Attributes("silent"))),
        ("mounts.options.remount", t => Assert.Contains("ro", MountLine(t.Container().Mount("/m", "tmpfs", "tmpfs").Mount("/m", "tmpfs", "tmpfs", "remount", "ro"), "/m")[5].Split(','))),
        ("mounts.options.rro", t => t.Recursive("rro", "rrw", "ro")),
        ("mounts.options.rnosuid", t => t.Recursive("rnosuid", "rsuid", "nosuid")),
        ("mounts.options.rnodev", t => t.Recursive("rnodev", "rdev", "nodev")),
        ("mounts.options.rnoexec", t => t.Recursive("rnoexec", "rexec", "noexec")),
        ("mounts.options.rnoatime", t => t.Recursive("rnoatime", "ratime", "noatime")),
        ("mounts.options.rrelatime", t => t.Recursive("rrelatime", "rnoatime", "relatime")),
        ("mounts.options.rstrictatime", t => t.Recursive("rnoatime", "rstrictatime", "noatime")),
        ("mounts.options.rnodiratime", t => t.Recursive("rnodiratime", "rdiratime", "nodiratime")),
        ("mounts.options.rnosymfollow", t => t.Recursive("rnosymfollow", "rsymfollow", "nosymfollow")),
        ("mounts.options.private", t => Assert.Equal("", t.Propagation("rprivate", "private"))),
        ("mounts.options.shared", t => Assert.Contains("shared:", t.Propagation("rshared", "shared"), StringComparison.Ordinal)),
        ("mounts.options.slave", t => Assert.StartsWith("master:", t.Propagation("rslave", "slave"), StringComparison.Ordinal)),
        ("mounts.options.unbindable", t => Assert.Equal("unbindable", t.Propagation("unbindable", "slave"))),
        ("mounts.options.tmpcopyup", t =>
        {
            TestContainer container = t.Container().Mount("/etc", "tmpfs", "tmpfs", "tmpcopyup").Script("cat /etc/file");
            File.WriteAllText($"{container.Rootfs}/etc/file", "copied");
            Assert.Equal("copied", container.Output());
        }),
        ("mounts.options.idmap", t => Assert.Equal("5", t.MappedOwner("bind", "idmap"))),
        ("mounts.options.ridmap", t => Assert.Equal("5", t.MappedOwner("rbind", "ridmap"))),
        ("mounts.uidMappings", t => Assert.Equal("5", t.MappedOwner("bind"))),
        ("mounts.gidMappings", t => Assert.Equal("5", t.MappedOwner("bind"))),
    ];

    private static void Switch(ConformanceTests t, string set, string clear, string shown)
    {
        Assert.Contains(shown, t.Attributes(set));
        Assert.DoesNotContain(shown, t.Attributes(clear));
    }

    // The owner that a file of root has in a mount that maps 0 to 5.
    private string MappedOwner(params string[] options)
    {
        string source = Directory.CreateDirectory($"{Scratch}/mapped").FullName;
        File.WriteAllText($"{source}/file", "");
        TestContainer container = Container().Mount("/m", "bind", source, options).Script("stat -c %u /m/file");
        container.Mounts[^1]!["uidMappings"] = Json("""[{"containerID": 0, "hostID": 5, "size": 1}]""");
        container.Mounts[^1]!["gidMappings"] = Json("""[{"containerID": 0, "hostID": 5, "size": 1}]""");
        return container.Output();
    }

    private static TestContainer Created(TestContainer container)
    {
        container.Create().Good();
        return container;
    }
}
