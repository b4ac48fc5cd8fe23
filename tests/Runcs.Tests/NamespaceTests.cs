using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests;

public sealed class NamespaceTests : ContainerTest
{
    private const string ShowAll = "for n in pid net mnt uts ipc user cgroup; do echo $n $(readlink /proc/self/ns/$n); done";

    [Fact]
    public void Listed_namespaces_are_new_and_the_others_are_the_hosts()
    {
        Dictionary<string, string> inside = Parse(Container().Script(ShowAll).Output());
        foreach (string name in new[] { "pid", "net", "mnt", "uts", "ipc", "cgroup" })
            Assert.NotEqual(Own(name), inside[name]);
        Assert.Equal(Own("user"), inside["user"]);
    }

    [Fact]
    public void Only_a_mount_namespace_leaves_all_others_the_hosts()
    {
        TestContainer container = Container().Script(ShowAll);
        foreach (string type in new[] { "pid", "network", "ipc", "uts", "cgroup" })
            container.RemoveNamespace(type);
        Dictionary<string, string> inside = Parse(container.Output());
        foreach (string name in new[] { "pid", "net", "uts", "ipc", "user", "cgroup" })
            Assert.Equal(Own(name), inside[name]);
        Assert.NotEqual(Own("mnt"), inside["mnt"]);
    }

    [Theory]
    [InlineData("network", "net")]
    [InlineData("ipc", "ipc")]
    [InlineData("uts", "uts")]
    [InlineData("pid", "pid")]
    [InlineData("cgroup", "cgroup")]
    public void A_namespace_by_path_is_joined(string type, string name)
    {
        TestContainer first = Container().Script("sleep 1000").Up();
        int pid = first.Pid();
        string theirs = LinkOf($"/proc/{pid}/ns/{name}");
        TestContainer second = Container().Script(ShowAll).Namespace(type, $"/proc/{pid}/ns/{name}");
        Dictionary<string, string> inside = Parse(second.Output());
        Assert.Equal(theirs, inside[name]);
        Assert.NotEqual(LinkOf($"/proc/{pid}/ns/mnt"), inside["mnt"]);
        Assert.Equal("running", first.Status());
    }

    [Fact]
    public void A_program_in_a_new_pid_namespace_is_pid_1_and_sees_nobody_else()
    {
        Assert.Equal("1", Container().Script("echo $$").Output());
        Assert.Equal("1", Container().Script("ls -d /proc/[0-9]* | wc -l; :").Output().Trim() is { } count && int.Parse(count) <= 4 ? "1" : "many");
    }

    [Fact]
    public void A_new_network_namespace_has_nothing_but_loopback() =>
        Assert.Equal(["lo"], Container().Script("tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' ' | grep -v '^\\(sit\\|tunl\\|gre\\|ip\\|erspan\\)'").Output().Split('\n'));

    [Fact]
    public void A_user_namespace_maps_what_the_spec_says()
    {
        TestContainer container = Container().Namespace("user").Script("cat /proc/self/uid_map /proc/self/gid_map; id -u; id -g; touch /tmp/mine");
        UserNamespaces.Map(container);
        UserNamespaces.Chown(container, Scratch);
        string[] lines = [.. container.Output().Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];
        Assert.Equal(["0 100000 1000", "0 200000 1000", "0", "0"], lines);
    }

    [Fact]
    public void Files_made_in_a_user_namespace_belong_to_the_mapped_user_on_the_host()
    {
        TestContainer container = Container().Namespace("user").Script("touch /tmp/mine");
        UserNamespaces.Map(container);
        UserNamespaces.Chown(container, Scratch);
        container.Run().Good();
        using BoundedProcess stat = BoundedProcess.Start($"{Scratch}/stat", ["stat", "-c", "%u:%g", $"{container.Rootfs}/tmp/mine"]);
        Assert.Equal("100000:200000", stat.Wait().Good().Output.Trim());
    }

    [Fact]
    public void A_user_namespace_still_gets_its_devices()
    {
        TestContainer container = Container().Namespace("user").Script("echo x > /dev/null && head -c 3 /dev/zero | od -An -tx1 && ls -l /dev/null | cut -c1");
        UserNamespaces.Map(container);
        UserNamespaces.Chown(container, Scratch);
        Assert.Equal(["00 00 00", "c"], container.Output().Split('\n').Select(line => line.Trim()));
    }

    [Fact]
    public void A_user_namespace_by_path_is_joined_together_with_its_pid_namespace()
    {
        RuntimeProgram.SkipUnlessOurs("runc wants mappings for a user namespace that it joins");
        TestContainer first = Container().Namespace("user").Script("sleep 1000");
        UserNamespaces.Map(first);
        UserNamespaces.Chown(first, Scratch);
        first.Up();
        int pid = first.Pid();
        TestContainer second = Container().Namespace("user", $"/proc/{pid}/ns/user").Namespace("pid", $"/proc/{pid}/ns/pid").Script("readlink /proc/self/ns/user; readlink /proc/self/ns/pid");
        UserNamespaces.Chown(second, Scratch);
        Assert.Equal([LinkOf($"/proc/{pid}/ns/user"), LinkOf($"/proc/{pid}/ns/pid")], second.Output().Split('\n'));
    }

    [Fact]
    public void The_hostname_is_set_in_the_containers_own_uts_namespace()
    {
        string before = File.ReadAllText("/proc/sys/kernel/hostname");
        TestContainer container = Container().Script("hostname; cat /proc/sys/kernel/domainname");
        container.Spec["hostname"] = "rundlet-host";
        if (RuntimeProgram.IsOurs)
            container.Spec["domainname"] = "rundlet.test";
        string[] lines = container.Output().Split('\n');
        Assert.Equal("rundlet-host", lines[0]);
        if (RuntimeProgram.IsOurs)
            Assert.Equal("rundlet.test", lines[1]);
        Assert.Equal(before, File.ReadAllText("/proc/sys/kernel/hostname"));
    }

    [Fact]
    public void A_sysctl_is_set_in_the_container_only()
    {
        string before = File.ReadAllText("/proc/sys/kernel/shmmni");
        TestContainer container = Container().Script("cat /proc/sys/kernel/shmmni /proc/sys/fs/mqueue/msg_max");
        container.LinuxPart["sysctl"] = new JsonObject { ["kernel.shmmni"] = "777", ["fs.mqueue.msg_max"] = "77" };
        Assert.Equal(["777", "77"], container.Output().Split('\n'));
        Assert.Equal(before, File.ReadAllText("/proc/sys/kernel/shmmni"));
    }

    [Theory]
    [InlineData("network", "net", "net.ipv4.conf.lo.route_localnet", "/proc/sys/net/ipv4/conf/lo/route_localnet")]
    [InlineData("ipc", "ipc", "kernel.shmmni", "/proc/sys/kernel/shmmni")]
    public void A_sysctl_never_changes_the_host_by_way_of_a_joined_namespace(string type, string name, string key, string file)
    {
        if (!RuntimeProgram.IsOurs && type == "ipc")
            RuntimeProgram.SkipUnlessOurs();
        string before = File.ReadAllText(file).Trim();
        TestContainer container = Container().Namespace(type, $"/proc/{Environment.ProcessId}/ns/{name}");
        container.LinuxPart["sysctl"] = new JsonObject { [key] = before };
        container.Run().Refused(1, key);
        Assert.Equal(before, File.ReadAllText(file).Trim());
    }

    [Fact]
    public void The_hosts_own_name_is_not_set_by_way_of_a_joined_namespace()
    {
        RuntimeProgram.SkipUnlessOurs();
        string before = File.ReadAllText("/proc/sys/kernel/hostname").Trim();
        TestContainer container = Container().Namespace("uts", $"/proc/{Environment.ProcessId}/ns/uts");
        container.Spec["hostname"] = before; // no harm where the test fails
        container.Run().Refused(1, "hostname");
    }

    private static string Own(string name) => LinkOf($"/proc/self/ns/{name}");

    private static string LinkOf(string path) => new FileInfo(path).LinkTarget!;

    private static Dictionary<string, string> Parse(string output) => output.Split('\n').Select(line => line.Split(' ')).ToDictionary(parts => parts[0], parts => parts[1]);
}
