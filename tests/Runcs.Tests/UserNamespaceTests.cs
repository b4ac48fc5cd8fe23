namespace Rundlet.Runcs.Tests;

/// <summary>User namespaces, new and by path, beside other namespaces, new and by path.</summary>
public sealed class UserNamespaceTests : ContainerTest
{
    private const string ShowAll = "for n in user pid net uts ipc mnt; do readlink /proc/self/ns/$n; done; echo $$; id -u; mount | grep -c ^proc";
    private static readonly string[] s_names = ["user", "pid", "net", "uts", "ipc", "mnt"];

    [Theory]
    [InlineData("")]
    [InlineData("network")]
    [InlineData("ipc uts")]
    [InlineData("pid")]
    [InlineData("pid network ipc uts")]
    public void A_user_namespace_by_path_goes_with_new_and_joined_namespaces(string joined)
    {
        RuntimeProgram.SkipUnlessOurs("runc wants mappings for a user namespace that it joins");
        int pid = Mapped("sleep 1000").Up().Pid();
        TestContainer second = Container().Namespace("user", $"/proc/{pid}/ns/user").Script(ShowAll);
        HashSet<string> shared = ["user"];
        foreach (string type in joined.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string name = type == "network" ? "net" : type;
            second.Namespace(type, $"/proc/{pid}/ns/{name}");
            shared.Add(name);
        }
        UserNamespaces.Chown(second, Scratch);
        string[] lines = second.Output().Split('\n');
        for (int i = 0; i < s_names.Length; i++)
            Assert.Equal(shared.Contains(s_names[i]), lines[i] == LinkOf(pid, s_names[i]));
        Assert.Equal(shared.Contains("pid"), lines[6] != "1");
        Assert.Equal(["0", "1"], lines[7..]);
    }

    [Fact]
    public void A_new_user_namespace_goes_with_a_network_namespace_of_the_host()
    {
        TestContainer first = Container().Script("sleep 1000").Up();
        int pid = first.Pid();
        TestContainer second = Mapped(ShowAll).Namespace("network", $"/proc/{pid}/ns/net");
        string[] lines = second.Output().Split('\n');
        Assert.Equal(LinkOf(pid, "net"), lines[2]);
        Assert.NotEqual(LinkOf(pid, "user"), lines[0]);
        Assert.Equal("1", lines[6]);
        Assert.Equal("running", first.Status());
    }

    [Fact]
    public void A_user_namespace_by_path_goes_with_a_network_namespace_of_the_host_and_a_new_time_namespace()
    {
        RuntimeProgram.SkipUnlessOurs("runc wants mappings for a user namespace that it joins");
        int owner = Mapped("sleep 1000").Up().Pid();
        int pid = Container().Script("sleep 1000").Up().Pid();
        TestContainer third = Container().Namespace("user", $"/proc/{owner}/ns/user").Namespace("network", $"/proc/{pid}/ns/net").Namespace("time")
            .Script($"{ShowAll}; readlink /proc/self/ns/time");
        UserNamespaces.Chown(third, Scratch);
        string[] lines = third.Output().Split('\n');
        Assert.Equal(LinkOf(owner, "user"), lines[0]);
        Assert.Equal(LinkOf(pid, "net"), lines[2]);
        Assert.NotEqual(LinkOf(pid, "time"), lines[^1]);
    }

    [Fact]
    public void A_container_in_a_joined_user_namespace_lives_as_any_other()
    {
        RuntimeProgram.SkipUnlessOurs("runc wants mappings for a user namespace that it joins");
        int pid = Mapped("sleep 1000").Up().Pid();
        TestContainer second = Container().Namespace("user", $"/proc/{pid}/ns/user").Script("sleep 1000");
        UserNamespaces.Chown(second, Scratch);
        second.Create().Good();
        Assert.Equal("created", second.Status());
        int own = second.Pid();
        second.Start().Good();
        Assert.Equal("running", second.Status());
        Assert.Equal(LinkOf(own, "pid"), second.Exec("readlink", "/proc/self/ns/pid").Good().Output.Trim());
        Assert.Contains(second.Id, File.ReadAllText($"/proc/{own}/cgroup"), StringComparison.Ordinal);
        second.Runtime("kill", second.Id, "KILL").Good();
        second.WaitForEnd(own);
        second.Runtime("delete", second.Id).Good();
    }

    [Fact]
    public void A_failure_behind_the_second_clone_is_told_by_name_and_nothing_is_left()
    {
        RuntimeProgram.SkipUnlessOurs("runc wants mappings for a user namespace that it joins");
        int pid = Mapped("sleep 1000").Up().Pid();
        TestContainer second = Container().Namespace("user", $"/proc/{pid}/ns/user").Args("/bin/nothing");
        UserNamespaces.Chown(second, Scratch);
        second.Run().Refused(1, "/bin/nothing");
        Assert.False(Directory.Exists($"{second.StateRoot}/{second.Id}"));
    }

    [Fact]
    public void A_path_to_a_namespace_of_another_kind_is_refused()
    {
        TestContainer container = Container().Namespace("user", $"/proc/{Environment.ProcessId}/ns/net").Script("true");
        if (!RuntimeProgram.IsOurs)
            UserNamespaces.Map(container);
        container.Run().Refused(1, "user");
    }

    [Fact]
    public void The_runtimes_own_user_namespace_by_path_is_none()
    {
        RuntimeProgram.SkipUnlessOurs("runc wants mappings for a user namespace that it joins");
        Assert.Equal("0", Container().Namespace("user", "/proc/self/ns/user").Script("id -u").Output());
    }

    [Theory]
    [InlineData("uid", 1000)]
    [InlineData("gid", 1000)]
    public void A_user_that_the_map_does_not_have_is_refused(string member, int id)
    {
        TestContainer container = Mapped("true");
        container.Process["user"]!.AsObject()[member] = id;
        container.Run().Refused(1, RuntimeProgram.IsOurs ? $"process.user.{member} {id}" : "");
    }

    [Fact]
    public void Additional_groups_are_mapped()
    {
        TestContainer container = Mapped("id -G; sleep 1000");
        container.Process["user"]!.AsObject()["additionalGids"] = new System.Text.Json.Nodes.JsonArray(7, 999);
        int pid = container.Up().Pid();
        container.AwaitText(container.OutputFile, "999");
        Assert.Equal("0 7 999", container.ContainerOutput.Trim());
        Assert.Contains("200007 200999", File.ReadAllText($"/proc/{pid}/status"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_made_with_a_user_namespace_belongs_to_its_root()
    {
        TestContainer container = Mapped("stat -c '%n %u:%g' /proc/sys/net/ipv4/ip_forward /sys/class/net/lo/mtu /dev /dev/shm /dev/mqueue /dev/pts /proc/1/status");
        container.Mount("/sys", "sysfs", "sysfs", "ro").Mount("/dev/shm", "tmpfs", "shm", "mode=1777")
            .Mount("/dev/mqueue", "mqueue", "mqueue").Mount("/dev/pts", "devpts", "devpts", "newinstance", "ptmxmode=0666");
        Assert.All(container.Output().Split('\n'), line => Assert.EndsWith(" 0:0", line));
    }

    [Fact]
    public void A_container_with_a_user_namespace_of_its_own_is_in_its_cgroups()
    {
        TestContainer container = Mapped("sleep 1000").Up();
        string[] lines = File.ReadAllLines($"/proc/{container.Pid()}/cgroup");
        Assert.All(lines.Where(line => CgroupMounts.Find(line.Split(':')[1].Split(',')[0]) is not null), line => Assert.EndsWith($"/rundlet-test-{container.Id}", line));
    }

    private TestContainer Mapped(string script)
    {
        TestContainer container = Container().Namespace("user").Script(script);
        UserNamespaces.Map(container);
        UserNamespaces.Chown(container, Scratch);
        return container;
    }

    private static string LinkOf(int pid, string name) => new FileInfo($"/proc/{pid}/ns/{name}").LinkTarget!;
}
