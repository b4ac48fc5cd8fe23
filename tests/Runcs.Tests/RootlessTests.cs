using System.Text.Json.Nodes;
using Rundlet.Linux.Proc;

namespace Rundlet.Runcs.Tests;

/// <summary>The runtime started by a user who has no right at all: an own user namespace has to do.</summary>
[SpecRow("linux.rootless")]
public sealed class RootlessTests : ContainerTest
{
    [Fact]
    public void A_container_of_a_user_has_all_that_needs_no_right()
    {
        TestContainer container = Container().Rootless(Scratch).Script("id -u; cat /proc/self/setgroups; echo x > /dev/null && head -c 2 /dev/zero | od -An -tx1; hostname; touch /tmp/mine; echo $$");
        container.Spec["hostname"] = "mine";
        string[] lines = [.. container.Output().Split('\n').Select(line => line.Trim())];
        Assert.Equal(["0", "deny", "00 00", "mine", "1"], lines);
        using BoundedProcess stat = BoundedProcess.Start($"{Scratch}/stat", ["stat", "-c", "%u:%g", $"{container.Rootfs}/tmp/mine"]);
        Assert.Equal($"{RootlessUser.Id}:{RootlessUser.Id}", stat.Wait().Good().Output.Trim());
    }

    [Fact]
    public void A_user_creates_starts_executes_kills_and_deletes()
    {
        TestContainer container = Container().Rootless(Scratch).Script("sleep 1000");
        container.Create().Good();
        Assert.Equal("created", container.Status());
        int pid = container.Pid();
        container.Start().Good();
        Assert.Equal("running", container.Status());
        Assert.Contains(container.Id, container.Runtime("list", "--quiet").Good().Output, StringComparison.Ordinal);
        string[] executed = container.Exec("/bin/sh", "-c", "for n in user pid mnt; do readlink /proc/self/ns/$n; done; id -u; grep -c sleep /proc/1/cmdline").Good().Lines;
        string[] names = ["user", "pid", "mnt"];
        for (int i = 0; i < names.Length; i++)
            Assert.Equal(new FileInfo($"/proc/{pid}/ns/{names[i]}").LinkTarget, executed[i]);
        Assert.Equal(["0", "1"], executed[3..]);
        container.Exec("/bin/nothing").Refused(255, "/bin/nothing");
        container.Runtime("kill", container.Id, "KILL").Good();
        container.WaitForEnd(pid);
        Assert.Equal("stopped", container.Status());
        container.Runtime("delete", container.Id).Good();
    }

    [Fact]
    public void The_exit_status_and_the_signals_of_executed_processes_come_through()
    {
        RuntimeProgram.SkipUnlessOurs("runc returns before execve, and cannot delete while its caller has not collected the process");
        TestContainer container = Container().Rootless(Scratch).Script("sleep 1000").Up();
        Assert.Equal(7, container.Exec("/bin/sh", "-c", "exit 7").Status);
        Assert.Equal(128 + 9, container.Exec("/bin/sh", "-c", "kill -9 $$").Status);
        container.Runtime("exec", "--detach", "--pid-file", $"{container.Bundle}/pid", container.Id, "sleep", "1000").Good();
        int pid = int.Parse(File.ReadAllText($"{container.Bundle}/pid"));
        Assert.Equal("sleep\0" + "1000\0", File.ReadAllText($"/proc/{pid}/cmdline"));
    }

    [Fact]
    public void The_spec_that_the_runtime_writes_for_users_runs()
    {
        TestContainer container = Container().Rootless(Scratch);
        container.Runtime("spec", "--rootless", "--bundle", container.Bundle).Good();
        JsonObject spec = JsonNode.Parse(File.ReadAllText($"{container.Bundle}/config.json"))!.AsObject();
        spec["process"]!["terminal"] = false;
        spec["process"]!["args"] = TestContainer.Texts("/bin/sh", "-c", "id -u; ls /sys/kernel > /dev/null && echo sys");
        File.WriteAllText($"{container.Bundle}/config.json", spec.ToJsonString());
        Assert.Equal(["0", "sys"], container.Runtime("run", "--bundle", container.Bundle, container.Id).Good().Lines);
    }

    [Fact]
    public void Without_a_root_flag_the_state_is_in_the_runtime_folder_of_the_user()
    {
        TestContainer container = Container().Rootless(Scratch).Script("true");
        string folder = Directory.CreateDirectory($"{container.Folder}/user").FullName;
        using (BoundedProcess chown = BoundedProcess.Start($"{Scratch}/chown", ["chown", $"{RootlessUser.Id}", folder]))
            chown.Wait().Good();
        container.Save();
        string[] program = [.. container.Launcher[..^1], $"XDG_RUNTIME_DIR={folder}", container.Launcher[^1]];
        using (BoundedProcess run = BoundedProcess.Start($"{Scratch}/run", [.. program, "run", "--keep", "--bundle", container.Bundle, container.Id]))
            run.Wait().Good();
        Assert.Contains(container.Id, Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetFileName(path)));
        using BoundedProcess delete = BoundedProcess.Start($"{Scratch}/delete", [.. program, "delete", container.Id]);
        delete.Wait().Good();
    }

    [Fact]
    public void A_limit_without_a_cgroup_is_refused_and_device_rules_are_not()
    {
        RuntimeProgram.SkipUnlessOurs("runc says it in other words");
        TestContainer container = Container().Rootless(Scratch).Script("true");
        container.LinuxPart["resources"] = new JsonObject { ["devices"] = new JsonArray(new JsonObject { ["allow"] = false, ["access"] = "rwm" }) };
        container.Run().Good();
        container.LinuxPart["resources"] = new JsonObject { ["hugepageLimits"] = new JsonArray(new JsonObject { ["pageSize"] = "2MB", ["limit"] = 0 }) };
        container.Run().Refused(1, "linux.resources needs a cgroup");
        container.LinuxPart.Remove("resources");
        container.Save();
        container.Runtime("--rootless=false", "run", "--bundle", container.Bundle, container.Id).Refused(1, "create cgroup");
        container.Runtime("--rootless=maybe", "run", "--bundle", container.Bundle, container.Id).Refused(1, "maybe");
    }

    [Fact]
    public void A_cgroup_that_was_delegated_to_the_user_is_used()
    {
        RuntimeProgram.SkipUnlessOurs("runc and crun refuse hybrid hosts here");
        using UserCgroup own = UserCgroup.Make(Scratch);
        TestContainer container = Container().Rootless(Scratch).Script("sleep 1000");
        string[] outside = container.Launcher;
        container.InCgroup(own.Path).Up();
        Assert.Contains($"0::/{Path.GetFileName(own.Path)}/{container.Id}", File.ReadAllLines($"/proc/{container.Pid()}/cgroup"));
        Assert.Equal("domain\n", File.ReadAllText($"{own.Path}/{container.Id}/cgroup.type"));
        container.Exec("/bin/true").Good();
        container.Runtime("ps", "--format", "json", container.Id).Good();
        container.Runtime("delete", "--force", container.Id).Good();
        Assert.False(Directory.Exists($"{own.Path}/{container.Id}"));
        container.Launcher = outside;
    }

    [Fact]
    public void Limits_need_a_delegated_cgroup_without_processes()
    {
        RuntimeProgram.SkipUnlessOurs("each runtime has its own words");
        if (CgroupMounts.IsLegacy("pids"))
            Assert.Skip("cgroup v1 is mounted; ./dev vm itest runs it");
        using UserCgroup own = UserCgroup.Make(Scratch);
        TestContainer container = Container().Rootless(Scratch).Script("sleep 1000");
        container.LinuxPart["resources"] = new JsonObject { ["pids"] = new JsonObject { ["limit"] = 77 } };
        string[] outside = container.Launcher;
        container.InCgroup(own.Path).Run().Refused(1, "a cgroup with processes of its own cannot hand controllers on");
        Assert.Equal("domain\n", File.ReadAllText($"{own.Path}/cgroup.type"));
        Assert.False(Directory.Exists($"{own.Path}/{container.Id}"));

        // As a scope beneath the user's own systemd: the caller is in a cgroup beside the container's.
        using UserCgroup session = UserCgroup.Make(Scratch, own.Path);
        container.Launcher = outside;
        container.InCgroup(session.Path).Up();
        Assert.Equal("77\n", File.ReadAllText($"{own.Path}/{container.Id}/pids.max"));
        container.Runtime("delete", "--force", container.Id).Good();
        container.Launcher = outside;
    }

    [Fact]
    public void A_cgroup_out_of_the_users_reach_is_named_with_the_cure()
    {
        RuntimeProgram.SkipUnlessOurs("each runtime has its own words");
        using UserCgroup own = UserCgroup.Make(Scratch);
        TestContainer container = Container().Rootless(Scratch).Script("true");
        container.LinuxPart["cgroupsPath"] = $"/{Path.GetFileName(own.Path)}/{container.Id}";
        Assert.Contains("Delegate=yes", container.Run().Refused(1, "the caller may not move processes there").Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists($"{own.Path}/{container.Id}"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_cgroup_mount_shows_nothing_of_the_hosts_where_the_user_has_no_cgroup(bool withNamespace)
    {
        RuntimeProgram.SkipUnlessOurs("runc and crun refuse hybrid hosts here");
        TestContainer container = Container().Rootless(Scratch).Mount("/sys/fs/cgroup", "cgroup", "cgroup", "ro")
            .Script("ls /sys/fs/cgroup | wc -l; touch /sys/fs/cgroup/x 2>/dev/null || echo refused");
        if (!withNamespace)
            container.RemoveNamespace("cgroup");
        string[] lines = container.Output().Split('\n');
        Assert.Equal("refused", lines[1]);
        if (!withNamespace || CgroupMounts.Points.Count() > 1)
            Assert.Equal("0", lines[0].Trim());
    }

    [Fact]
    public void A_cgroup_mount_shows_the_cgroup_that_was_delegated()
    {
        RuntimeProgram.SkipUnlessOurs("runc and crun refuse hybrid hosts here");
        using UserCgroup own = UserCgroup.Make(Scratch);
        string file = CgroupMounts.Points.Count() > 1 ? "/sys/fs/cgroup/unified/cgroup.procs" : "/sys/fs/cgroup/cgroup.procs";
        TestContainer container = Container().Rootless(Scratch).RemoveNamespace("cgroup").Mount("/sys/fs/cgroup", "cgroup", "cgroup", "ro").Script($"exec cat {file}");
        string[] outside = container.Launcher;
        Assert.Equal("1", container.InCgroup(own.Path).Output());
        container.Launcher = outside;
    }

    [Fact]
    public void Without_a_cgroup_processes_are_listed_by_their_pid_namespace()
    {
        RuntimeProgram.SkipUnlessOurs("runc and crun list cgroups alone");
        TestContainer container = Container().Rootless(Scratch).Script("sleep 1000 & echo up; wait").Up();
        container.AwaitText(container.OutputFile, "up");
        int pid = container.Pid();
        container.Runtime("exec", "--detach", "--pid-file", $"{container.Bundle}/pid", container.Id, "sleep", "1000").Good();
        int[] pids = JsonNode.Parse(container.Runtime("ps", "--format", "json", container.Id).Good().Output)!.AsArray().GetValues<int>().ToArray();
        Assert.Equal(3, pids.Length);
        Assert.Contains(pid, pids);
        Assert.Contains(int.Parse(File.ReadAllText($"{container.Bundle}/pid")), pids);
        Assert.Equal(4, container.Runtime("ps", container.Id).Good().Lines.Length);
    }

    [Fact]
    public void Subordinate_ids_are_mapped_by_the_helpers_and_groups_can_be_set()
    {
        RuntimeProgram.SkipUnlessOurs("runc 1.1 sets no groups for users who are not root, even where they may");
        if (!File.Exists("/usr/bin/newuidmap"))
            Assert.Skip("needs the Debian package uidmap");
        TestContainer container = Container().Rootless(Scratch).WithSubordinateIds(Scratch).Script("id -u; id -g; id -G; cat /proc/self/setgroups");
        container.Process["user"] = new JsonObject { ["uid"] = 1000, ["gid"] = 1001, ["additionalGids"] = new JsonArray(5, 65536) };
        Assert.Equal(["1000", "1001", "1001 5 65536", "allow"], container.Output().Split('\n'));
    }

    [Fact]
    public void Ids_that_the_user_was_not_given_are_refused_in_the_helpers_own_words()
    {
        RuntimeProgram.SkipUnlessOurs("runc does not show what newgidmap said");
        if (!File.Exists("/usr/bin/newuidmap"))
            Assert.Skip("needs the Debian package uidmap");
        TestContainer container = Container().Rootless(Scratch).WithSubordinateIds(Scratch).Script("true");
        UserNamespaces.Map(container, new Range(0, RootlessUser.Id, 1), new Range(1, 1, 1000));
        container.Run().Refused(1, "newgidmap");
        Assert.Empty(Directory.EnumerateFileSystemEntries(container.StateRoot));
    }

    [Fact]
    public void The_oom_score_is_what_it_may_be()
    {
        RuntimeProgram.SkipUnlessOurs("runc before 1.2 gives up where the score may not be lowered");
        TestContainer container = Container().Rootless(Scratch).Script("cat /proc/self/oom_score_adj");
        string own = File.ReadAllText("/proc/self/oom_score_adj").Trim();
        container.Process["oomScoreAdj"] = 555;
        Assert.Equal("555", container.Output());
        container.Process["oomScoreAdj"] = -1000;
        Assert.Equal(own, container.Output());
    }

    [Fact]
    public void A_time_namespace_and_a_scheduler_need_no_right_either()
    {
        RuntimeProgram.SkipUnlessOurs("runc before 1.2 and crun 1.8.1 know neither");
        TestContainer container = Container().Rootless(Scratch).Namespace("time").Script("cut -d. -f1 /proc/uptime; cut -d' ' -f41 /proc/self/stat");
        container.LinuxPart["timeOffsets"] = new JsonObject { ["boottime"] = new JsonObject { ["secs"] = 1_000_000_000 } };
        container.Process["scheduler"] = new JsonObject { ["policy"] = "SCHED_IDLE" };
        string[] lines = container.Output().Split('\n');
        Assert.True(long.Parse(lines[0]) > 1_000_000_000);
        Assert.Equal("5", lines[1]);
    }

    [Fact]
    public void What_the_user_may_not_do_is_said_in_one_line()
    {
        RuntimeProgram.SkipUnlessOurs("each runtime has its own words");
        TestContainer container = Container().Rootless(Scratch).Script("true");
        container.Process["scheduler"] = new JsonObject { ["policy"] = "SCHED_FIFO", ["priority"] = 50 };
        container.Run().Refused(1, "SCHED_FIFO");
        container.Process.Remove("scheduler");
        container.RemoveNamespace("user");
        container.LinuxPart.Remove("uidMappings");
        container.LinuxPart.Remove("gidMappings");
        container.Run().Refused(1, "EPERM");
        Assert.DoesNotContain(MountInfo.Read(), mount => mount.Point.StartsWith(container.Rootfs, StringComparison.Ordinal));
    }
}
