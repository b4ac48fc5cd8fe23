using System.Globalization;
using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests;

public sealed class CgroupTests : ContainerTest
{
    [Fact]
    public void The_memory_limit_is_in_the_cgroup_and_kills()
    {
        bool legacy = CgroupMounts.IsLegacy("memory");
        TestContainer container = Limited("memory", new JsonObject { ["limit"] = 33554432, ["swap"] = 33554432 });
        container.Script("head -c 200000000 /dev/zero | tail; echo after: $?").Create().Good();
        Assert.Equal("33554432", Read(container, "memory", legacy ? "memory.limit_in_bytes" : "memory.max"));
        Assert.Equal("after: 137", container.StartAndWait()); // tail holds all of its input, for want of a line
    }

    [Fact]
    public void The_pids_limit_stops_a_fork_bomb()
    {
        CgroupMounts.IsLegacy("pids");
        TestContainer container = Limited("pids", new JsonObject { ["limit"] = 8 });
        container.Script("for i in $(seq 20); do sleep 1000 & done; ls /proc | grep -c '^[0-9]'").Create().Good();
        Assert.Equal("8", Read(container, "pids", "pids.max"));
        int pid = container.Pid();
        container.Start().Good();
        container.WaitForEnd(pid);
        Assert.Contains("can't fork", File.ReadAllText(container.ErrorFile), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Cpu_shares_quota_and_period_are_in_the_cgroup()
    {
        bool legacy = CgroupMounts.IsLegacy("cpu");
        TestContainer container = Limited("cpu", new JsonObject { ["shares"] = 512, ["quota"] = 25000, ["period"] = 50000 });
        container.Create().Good();
        if (legacy)
        {
            Assert.Equal("512", Read(container, "cpu", "cpu.shares"));
            Assert.Equal("25000", Read(container, "cpu", "cpu.cfs_quota_us"));
            Assert.Equal("50000", Read(container, "cpu", "cpu.cfs_period_us"));
        }
        else
        {
            Assert.Equal("25000 50000", Read(container, "cpu", "cpu.max"));
            Assert.InRange(int.Parse(Read(container, "cpu", "cpu.weight"), CultureInfo.InvariantCulture), 10, 70);
        }
    }

    [Fact]
    public void A_cpuset_is_in_the_cgroup()
    {
        CgroupMounts.IsLegacy("cpuset");
        TestContainer container = Limited("cpu", new JsonObject { ["cpus"] = "0", ["mems"] = "0" });
        container.Script("grep Cpus_allowed_list /proc/self/status | tr -d '\\t'");
        Assert.Equal("Cpus_allowed_list:0", container.Output());
    }

    [Fact]
    public void Device_rules_decide_what_may_be_opened()
    {
        TestContainer container = Container().Capabilities("CAP_MKNOD", "CAP_SYSLOG").Script("mknod /tmp/kmsg c 1 11 && head -c 1 /tmp/kmsg > /tmp/out 2>/dev/null || echo refused; head -c 1 /dev/zero | wc -c; mknod /tmp/z c 1 5; head -c 1 /tmp/z | wc -c");
        container.LinuxPart["resources"] = new JsonObject { ["devices"] = new JsonArray(new JsonObject { ["allow"] = false, ["access"] = "rwm" }) };
        Assert.Equal(["refused", "1", "1"], container.Output().Split('\n').Select(line => line.Trim()));
    }

    [Fact]
    public void A_relative_cgroup_path_lies_beneath_the_callers_own()
    {
        TestContainer container = Container();
        container.LinuxPart["cgroupsPath"] = $"rundlet-test-{container.Id}";
        container.Create().Good();
        string own = File.ReadAllLines("/proc/self/cgroup").Select(line => line.Split(':', 3)).First(parts => parts[1] is "memory" or "")[2];
        string theirs = File.ReadAllLines($"/proc/{container.Pid()}/cgroup").Select(line => line.Split(':', 3)).First(parts => parts[1] is "memory" or "")[2];
        if (CgroupMounts.Find("memory") is null)
            own = own[..own.LastIndexOf('/')]; // of v2: the caller's own has a process, the caller, and hands nothing on
        if (RuntimeProgram.IsOurs)
            Assert.Equal($"{(own == "/" ? "" : own)}/rundlet-test-{container.Id}", theirs);
        else
            Assert.EndsWith($"/rundlet-test-{container.Id}", theirs, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_cgroup_path_the_id_is_the_name()
    {
        TestContainer container = Container();
        container.LinuxPart.Remove("cgroupsPath");
        container.Create().Good();
        Assert.Contains(File.ReadAllLines($"/proc/{container.Pid()}/cgroup"), line => line.EndsWith($"/{container.Id}", StringComparison.Ordinal));
    }

    [Fact]
    public void A_cgroup_path_that_leaves_its_parent_is_refused()
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Container();
        container.LinuxPart["cgroupsPath"] = "/a/../../b";
        container.Run().Refused(1, "/a/../../b");
    }

    [Fact]
    public void A_cgroup_that_is_in_use_is_refused_and_its_processes_live_on()
    {
        RuntimeProgram.SkipUnlessOurs("other runtimes put both into it");
        TestContainer container = Container().Script("sleep 1000").Up();
        TestContainer other = Container().Script("true");
        other.LinuxPart["cgroupsPath"] = (string?)container.LinuxPart["cgroupsPath"];
        other.Create().Refused(1, "is in use by 1 process");
        other.Run().Refused(1, "is in use by 1 process");
        Assert.Equal("running", container.Status());
        container.Exec("/bin/true").Good();
    }

    [Fact]
    public void Systemd_is_asked_for_by_name_where_it_is_not_there()
    {
        if (File.Exists("/run/systemd/private"))
            Assert.Skip("systemd is the first process here");
        TestContainer container = Container().Script("true");
        container.LinuxPart["cgroupsPath"] = $"system.slice:t:{container.Id}";
        container.Save();
        container.Runtime("--systemd-cgroup", "run", "--bundle", container.Bundle, container.Id).Refused(1, "systemd");
        if (RuntimeProgram.IsOurs)
            container.Runtime("--cgroup-manager", "systemctl", "run", "--bundle", container.Bundle, container.Id).Refused(1, "systemctl");
    }

    [Fact]
    [SpecRow("cli.cgroupManager.disabled")]
    public void Without_a_cgroup_manager_the_container_stays_in_the_callers_cgroup_and_limits_are_refused()
    {
        RuntimeProgram.SkipUnlessOurs("runc has no such flag");
        TestContainer container = Container().RemoveNamespace("cgroup").Script("cat /proc/self/cgroup; sleep 1000");
        container.LinuxPart["resources"] = new JsonObject { ["devices"] = new JsonArray(new JsonObject { ["allow"] = false, ["access"] = "rwm" }) };
        container.Save();
        container.Runtime("--cgroup-manager", "disabled", "create", "--bundle", container.Bundle, container.Id).Good();
        int pid = container.Pid();
        Assert.Equal(File.ReadAllText("/proc/self/cgroup"), File.ReadAllText($"/proc/{pid}/cgroup"));
        container.Start().Good();
        container.Exec("/bin/true").Good();
        container.Runtime("pause", container.Id).Refused(1, "freeze");
        Assert.Equal($"[{pid}]", container.Runtime("ps", "--format", "json", container.Id).Good().Output.Trim());
        container.Runtime("kill", "--all", container.Id, "KILL").Good();
        container.WaitForEnd(pid);
        container.Runtime("delete", container.Id).Good();

        container.LinuxPart["resources"] = new JsonObject { ["memory"] = new JsonObject { ["limit"] = 33554432 } };
        container.Save();
        container.Runtime("--cgroup-manager", "disabled", "run", "--bundle", container.Bundle, container.Id).Refused(1, "memory limit");
    }

    [Fact]
    public void Processes_that_outlive_the_first_one_are_gone_with_the_container()
    {
        TestContainer container = Container().RemoveNamespace("pid").Script("sleep 1000 & sleep 1000 & true");
        container.Create().Good();
        int pid = container.Pid();
        string procs = TestContainer.CgroupFile(pid, "pids", "cgroup.procs");
        container.Start().Good();
        container.WaitForEnd(pid);
        string[] left = [.. File.ReadAllLines(procs).Where(line => line != $"{pid}")];
        Assert.Equal(2, left.Length);
        container.Runtime(RuntimeProgram.IsOurs ? ["delete", container.Id] : ["delete", "--force", container.Id]).Good();
        foreach (string line in left)
            Assert.NotEqual(true, Linux.Proc.ProcStat.TryRead(int.Parse(line, CultureInfo.InvariantCulture))?.IsAlive);
    }

    private TestContainer Limited(string member, JsonObject value)
    {
        TestContainer container = Container();
        container.LinuxPart["resources"] = new JsonObject { [member] = value };
        return container;
    }

    private static string Read(TestContainer container, string controller, string file) =>
        File.ReadAllText(TestContainer.CgroupFile(container.Pid(), controller, file)).Trim();
}
