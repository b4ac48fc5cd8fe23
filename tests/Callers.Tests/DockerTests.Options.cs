using Rundlet.Runcs.Tests;

namespace Rundlet.Callers.Tests;

public sealed partial class DockerTests
{
    [Fact]
    public void A_read_only_container_writes_to_its_temporary_folders_only() =>
        Assert.Equal("refused\nwritten\n1\n", _docker.Run("--read-only", "--tmpfs", "/small:size=1m,mode=700", TestImage.Name, "sh", "-c",
            "touch /x 2>/dev/null || echo refused; touch /small/x && echo written; grep -c ' /small tmpfs .*size=1024k,mode=700' /proc/self/mounts").Good().Output);

    [Fact]
    public void Capabilities_are_added_and_dropped()
    {
        Assert.Equal("CapEff:\t0000000000000000\n", _docker.Run("--cap-drop", "all", TestImage.Name, "grep", "CapEff", "/proc/self/status").Good().Output);
        Assert.Equal("CapEff:\t0000000000000401\n", _docker.Run("--cap-drop", "all", "--cap-add", "chown", "--cap-add", "net_bind_service", TestImage.Name, "grep", "CapEff", "/proc/self/status").Good().Output);
    }

    [Fact]
    public void Limits_are_set()
    {
        string read = CgroupMounts.IsLegacy("pids")
            ? "cd /sys/fs/cgroup; cat pids/pids.max memory/memory.limit_in_bytes cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us cpuset/cpuset.cpus"
            : "cd /sys/fs/cgroup; cat pids.max memory.max; tr ' ' '\\n' <cpu.max; cat cpuset.cpus";
        Finished run = _docker.Run("--pids-limit", "7", "--memory", "32m", "--cpus", "0.5", "--cpuset-cpus", "0", "--ulimit", "nofile=100:200", TestImage.Name, "sh", "-c", $"{read}; ulimit -n; ulimit -Hn");
        Assert.Equal(["7", "33554432", "50000", "100000", "0", "100", "200"], run.Good().Lines);
    }

    [Fact]
    public void A_container_over_its_memory_limit_is_killed_and_said_to_be()
    {
        // containerd begins to look for the kernel's word of it after the start, and hears nothing of what came before.
        string id = Detached("--memory", "8m", "--memory-swap", "8m", TestImage.Name, "sh", "-c", "sleep 1; exec dd if=/dev/zero of=/dev/shm/x bs=1M count=30");
        Assert.Equal("137", _docker.Docker("wait", id).Good().Output.Trim());
        Assert.Equal("true", Inspect(id, "State.OOMKilled"));
        Remove(id);
    }

    [Fact]
    public void Seccomp_is_the_default_a_profile_or_none()
    {
        string profile = $"{_docker.Home.Folder}/profile.json";
        File.WriteAllText(profile, """{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO","errnoRet":28}]}""");
        Assert.Equal("Seccomp:\t2\n", _docker.Run(TestImage.Name, "grep", "Seccomp:", "/proc/self/status").Good().Output);
        Assert.Equal("Seccomp:\t0\n", _docker.Run("--security-opt", "seccomp=unconfined", TestImage.Name, "grep", "Seccomp:", "/proc/self/status").Good().Output);
        Assert.Contains("No space left", _docker.Run("--security-opt", $"seccomp={profile}", TestImage.Name, "mkdir", "/x").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Privileged_may_do_what_others_may_not()
    {
        Finished run = _docker.Run("--privileged", TestImage.Name, "sh", "-c", "grep Seccomp: /proc/self/status; mkdir /m && mount -t tmpfs tmpfs /m && echo mounted; ls /dev/fuse");
        Assert.Equal(["Seccomp:\t0", "mounted", "/dev/fuse"], run.Good().Lines);
    }

    [Fact]
    public void Init_is_the_first_process()
    {
        if (InstalledProgram.Find("docker-init") is null)
        {
            Assert.Skip("needs the Debian package tini");
            return;
        }
        Assert.Contains("-- ps", _docker.Run("--init", TestImage.Name, "ps").Good().Lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Names_ids_folders_and_settings_are_those_of_the_options()
    {
        Finished run = _docker.Run(
            "--hostname", "barrel", "--user", "1000:1000", "--group-add", "7", "--workdir", "/new/folder", "--oom-score-adj", "123", "--security-opt", "no-new-privileges",
            "--sysctl", "net.ipv4.ip_default_ttl=77", "--device", "/dev/fuse",
            TestImage.Name, "sh", "-c", "hostname; id -u; id -G; pwd; cat /proc/self/oom_score_adj; grep NoNewPrivs /proc/self/status; cat /proc/sys/net/ipv4/ip_default_ttl; stat -c %t:%T /dev/fuse");
        Assert.Equal(["barrel", "1000", "1000 7", "/new/folder", "123", "NoNewPrivs:\t1", "77", "a:e5"], run.Good().Lines);
    }

    [Fact]
    public void Containers_share_namespaces_with_each_other_and_with_the_host()
    {
        string id = Detached("--ipc", "shareable", TestImage.Name, "sleep", "1000");
        string[] own = _docker.Docker("exec", id, "sh", "-c", "for n in net ipc pid; do readlink /proc/self/ns/$n; done").Good().Lines;
        Finished other = _docker.Docker("run", "--rm", "--network", $"container:{id}", "--ipc", $"container:{id}", "--pid", $"container:{id}", TestImage.Name, "sh", "-c", "for n in net ipc pid; do readlink /proc/self/ns/$n; done");
        Assert.Equal(own, other.Good().Lines);
        Remove(id);
        Finished host = _docker.Docker("run", "--rm", "--network", "host", "--pid", "host", "--ipc", "host", "--uts", "host", TestImage.Name, "sh", "-c", "for n in pid ipc uts; do readlink /proc/self/ns/$n; done");
        Assert.Equal(((string[])["pid", "ipc", "uts"]).Select(name => new FileInfo($"/proc/self/ns/{name}").LinkTarget!), host.Good().Lines);
    }

    [Fact]
    public void Volumes_are_mounted_and_keep_what_is_written()
    {
        string shared = Directory.CreateDirectory($"{_docker.Home.Folder}/shared").FullName;
        File.WriteAllText($"{shared}/file", "content\n");
        string[] mounts = ["--volume", $"{shared}:/shared:ro", "--volume", $"{shared}/file:/one/file", "--volume", "named:/etc"];
        Finished run = _docker.Run([.. mounts, TestImage.Name, "sh", "-c", "cat /shared/file /one/file; touch /shared/x 2>/dev/null || echo refused; head -1 /etc/group; echo kept >/etc/kept"]);
        Assert.Equal(["content", "content", "refused", "root:x:0:"], run.Good().Lines);
        Assert.Equal("kept\n", _docker.Run([.. mounts, TestImage.Name, "cat", "/etc/kept"]).Good().Output);
        _docker.Docker("volume", "rm", "named").Good();
    }
}
