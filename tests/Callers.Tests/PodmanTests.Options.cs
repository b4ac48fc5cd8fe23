using System.Text.Json.Nodes;
using Rundlet.Runcs.Tests;

namespace Rundlet.Callers.Tests;

public sealed partial class PodmanTests
{
    [Fact]
    public void A_read_only_container_writes_to_its_temporary_folders_only() =>
        Assert.Equal("refused\nwritten\n", _podman.Run("--read-only", TestImage.Name, "sh", "-c", "touch /x 2>/dev/null || echo refused; touch /tmp/x && echo written").Good().Output);

    [Fact]
    public void Capabilities_are_added_and_dropped()
    {
        Assert.Equal("CapEff:\t0000000000000000\n", _podman.Run("--cap-drop", "all", TestImage.Name, "grep", "CapEff", "/proc/self/status").Good().Output);
        Assert.Equal("CapEff:\t0000000000000401\n", _podman.Run("--cap-drop", "all", "--cap-add", "chown,net_bind_service", TestImage.Name, "grep", "CapEff", "/proc/self/status").Good().Output);
    }

    [Fact]
    public void Limits_are_set()
    {
        string read = CgroupMounts.IsLegacy("pids")
            ? "cd /sys/fs/cgroup; cat pids/pids.max memory/memory.limit_in_bytes cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us cpuset/cpuset.cpus"
            : "cd /sys/fs/cgroup; cat pids.max memory.max; tr ' ' '\\n' <cpu.max; cat cpuset.cpus";
        Finished run = _podman.Run("--pids-limit", "7", "--memory", "32m", "--cpus", "0.5", "--cpuset-cpus", "0", "--ulimit", "nofile=100:200", TestImage.Name, "sh", "-c", $"{read}; ulimit -n; ulimit -Hn");
        Assert.Equal(["7", "33554432", "50000", "100000", "0", "100", "200"], run.Good().Lines);
    }

    [Fact]
    public void A_container_over_its_memory_limit_is_killed()
    {
        string id = Detached("--memory", "8m", "--memory-swap", "8m", TestImage.Name, "sh", "-c", "dd if=/dev/zero of=/dev/shm/x bs=1M count=30");
        Assert.Equal("137", _podman.Podman("wait", id).Good().Output.Trim());
        Remove(id);
    }

    [Fact]
    public void A_user_namespace_maps_its_users()
    {
        Finished run = _podman.Run("--uidmap", "0:100000:65536", "--gidmap", "0:100000:65536", TestImage.Name, "sh", "-c", "id -u; tr -s ' ' </proc/self/uid_map; stat -c %u /bin/busybox; touch /tmp/x; stat -c %u /tmp/x");
        Assert.Equal(["0", " 0 100000 65536", "0", "0"], run.Good().Lines);
    }

    [Fact]
    public void Seccomp_is_the_default_a_profile_or_none()
    {
        string profile = $"{_podman.Home.Folder}/profile.json";
        File.WriteAllText(profile, """{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO","errnoRet":28}]}""");
        Assert.Equal("Seccomp:\t2\n", _podman.Run(TestImage.Name, "grep", "Seccomp:", "/proc/self/status").Good().Output);
        Assert.Equal("Seccomp:\t0\n", _podman.Run("--security-opt", "seccomp=unconfined", TestImage.Name, "grep", "Seccomp:", "/proc/self/status").Good().Output);
        Assert.Contains("No space left", _podman.Run("--security-opt", $"seccomp={profile}", TestImage.Name, "mkdir", "/x").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Privileged_has_all_that_the_caller_has()
    {
        string own = File.ReadLines("/proc/self/status").First(line => line.StartsWith("CapBnd", StringComparison.Ordinal)).Split('\t')[1];
        Finished run = _podman.Run("--privileged", TestImage.Name, "sh", "-c", "grep CapEff /proc/self/status; grep Seccomp: /proc/self/status; touch /sys/fs/cgroup/x 2>&1 | grep -c Read-only");
        Assert.Equal([$"CapEff:\t{own}", "Seccomp:\t0", "0"], run.Lines);
    }

    [Fact]
    public void Init_is_the_first_process()
    {
        if (InstalledProgram.Find("catatonit") is not { } init)
        {
            Assert.Skip("needs the Debian package catatonit");
            return;
        }
        Assert.Contains("-- ps", _podman.Run("--init", "--init-path", init, TestImage.Name, "ps").Good().Lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Names_ids_folders_and_settings_are_those_of_the_options()
    {
        Finished run = _podman.Run(
            "--hostname", "barrel", "--user", "1000:1000", "--group-add", "7", "--workdir", "/tmp", "--umask", "027", "--oom-score-adj", "123", "--security-opt", "no-new-privileges",
            TestImage.Name, "sh", "-c", "hostname; id -u; id -G; pwd; umask; cat /proc/self/oom_score_adj; grep NoNewPrivs /proc/self/status");
        Assert.Equal(["barrel", "1000", "1000 7", "/tmp", "0027", "123", "NoNewPrivs:\t1"], run.Good().Lines);
    }

    [Fact]
    public void Namespaces_are_the_hosts_where_that_is_asked_for()
    {
        Finished run = _podman.Run("--network", "host", "--pid", "host", "--ipc", "host", "--uts", "host", "--cgroupns", "host", TestImage.Name, "sh", "-c", "for n in net pid ipc uts cgroup; do readlink /proc/self/ns/$n; done");
        Assert.Equal(((string[])["net", "pid", "ipc", "uts", "cgroup"]).Select(name => new FileInfo($"/proc/self/ns/{name}").LinkTarget!), run.Good().Lines);
    }

    [Fact]
    public void Volumes_and_temporary_file_systems_are_mounted()
    {
        string shared = Directory.CreateDirectory($"{_podman.Home.Folder}/shared").FullName;
        File.WriteAllText($"{shared}/file", "content\n");
        Finished run = _podman.Run(
            "--volume", $"{shared}:/shared:ro,rslave", "--volume", $"{shared}/file:/one/file", "--tmpfs", "/small:size=1m,mode=700", "--mount", "type=volume,source=named,target=/etc",
            TestImage.Name, "sh", "-c", "cat /shared/file /one/file; touch /shared/x 2>/dev/null || echo refused; grep -c ' /small tmpfs .*size=1024k,mode=700' /proc/self/mounts; cat /etc/group | head -1");
        Assert.Equal(["content", "content", "refused", "1", "root:x:0:"], run.Good().Lines);
        _podman.Podman("volume", "rm", "named").Good();
    }

    [Fact]
    public void A_temporary_file_system_over_a_folder_has_its_files() =>
        Assert.Equal("root:x:0:\n", _podman.Run("--tmpfs", "/etc", TestImage.Name, "head", "-1", "/etc/group").Good().Output);

    [Fact]
    public void Devices_and_sysctls_are_set()
    {
        Finished run = _podman.Run("--device", "/dev/fuse", "--device", "/dev/zero:/dev/nought:r", "--sysctl", "net.ipv4.ip_default_ttl=77", TestImage.Name, "sh", "-c", "stat -c %t:%T /dev/fuse /dev/nought; cat /proc/sys/net/ipv4/ip_default_ttl");
        Assert.Equal(["a:e5", "1:5", "77"], run.Good().Lines);
    }

    [Fact]
    public void Without_cgroups_it_stays_where_podman_is()
    {
        Finished run = _podman.Home.Run(_podman.Command("run", "--rm", "--cgroups", "disabled", TestImage.Name, "sh", "-c", "cat /proc/self/cgroup"));
        Assert.DoesNotContain("libpod-", run.Good().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Containers_of_a_pod_share_its_namespaces()
    {
        _podman.Podman("pod", "create", "--name", "pod", "--network", "none", "--cgroup-parent", _podman.Home.CgroupParent, "--infra-image", TestImage.Name, "--infra-command", "/bin/sleep 1000").Good();
        string first = _podman.Home.Run(_podman.Command("run", "--detach", "--pod", "pod", TestImage.Name, "sleep", "1000")).Good().Output.Trim();
        Finished second = _podman.Home.Run(_podman.Command("run", "--rm", "--pod", "pod", TestImage.Name, "sh", "-c", "for n in net ipc uts; do readlink /proc/self/ns/$n; done"));
        Finished seen = _podman.Podman("exec", first, "sh", "-c", "for n in net ipc uts; do readlink /proc/self/ns/$n; done");
        Assert.Equal(seen.Good().Lines, second.Good().Lines);
        _podman.Podman("pod", "stop", "--time", "0", "pod").Good();
        _podman.Podman("pod", "rm", "--force", "pod").Good();
    }

    [Fact]
    public void Hooks_of_the_host_run()
    {
        string script = $"{_podman.Home.Folder}/hook";
        TestRootfs.WriteScript(script, $"#!/bin/sh\ncat >{_podman.Home.Folder}/hook.state\n");
        string hook = $"{_podman.Home.Folder}/hooks/one.json";
        File.WriteAllText(hook, new JsonObject
        {
            ["version"] = "1.0.0",
            ["hook"] = new JsonObject { ["path"] = script },
            ["when"] = new JsonObject { ["annotations"] = new JsonObject { ["^hooked$"] = "yes" } },
            ["stages"] = new JsonArray("createRuntime"),
        }.ToJsonString());
        _podman.Run("--annotation", "hooked=yes", TestImage.Name, "true").Good();
        Assert.Equal("yes", (string)JsonNode.Parse(File.ReadAllText($"{_podman.Home.Folder}/hook.state"))!["annotations"]!["hooked"]!);
        File.Delete(hook);
    }

    [Fact]
    public void Descriptors_are_preserved()
    {
        using BoundedProcess run = _podman.Home.Begin("3</etc/hostname", _podman.RunCommand("--rm", "--preserve-fds", "1", TestImage.Name, "sh", "-c", "cat <&3"));
        Assert.Equal(File.ReadAllText("/etc/hostname"), run.Wait().Good().Output);
    }
}
