using System.Diagnostics;
using System.Text.Json;

namespace Rundlet.Cli.Tests;

public sealed class FlagTests
{
    [Fact]
    public void Limits_and_parameters_are_those_that_the_program_sees()
    {
        using Machine machine = new();
        Result result = machine.Run(
            "run", "--rm", "--network", "none", "--ulimit", "nofile=100:200", "--sysctl", "kernel.shmmax=12345", "--shm-size", "8m", "--oom-score-adj", "300", "--domainname", "example.org",
            "--cpuset-cpus", "0", "-u", "ann", "--group-add", "77", "--group-add", "root", "shell", "/bin/sh", "-c",
            "ulimit -Sn; ulimit -Hn; cat /proc/sys/kernel/shmmax /proc/self/oom_score_adj /proc/sys/kernel/domainname; id -G; while read l; do case $l in *shm*) echo $l;; esac; done </proc/mounts; while read k v; do case $k in Cpus_allowed_list:) echo $v;; esac; done </proc/self/status");
        Assert.Equal("", result.Error);
        string[] lines = result.Output.Split('\n');
        Assert.Equal(["100", "200", "12345", "300", "example.org", "0 1000 2000 77"], [.. lines[..5], string.Join(' ', lines[5].Split(' ').Order(StringComparer.Ordinal))]);
        Assert.Contains("size=8192k", lines[6]);
        Assert.Equal("0", lines[7]);
    }

    [Fact]
    public void A_device_is_there_with_the_access_that_was_asked_for()
    {
        string? device = ((string[])["/dev/fuse", "/dev/net/tun", "/dev/loop-control"]).FirstOrDefault(File.Exists);
        if (device is null)
            Assert.Skip("needs a harmless device: fuse, tun or loop-control");
        using Machine machine = new();
        const string Probe = "(: </dev/thing) 2>/dev/null && echo read; (: >/dev/thing) 2>/dev/null && echo write; true";
        Assert.Equal("read\n", machine.Run("run", "--rm", "--network", "none", "--device", $"{device}:/dev/thing:r", "shell", "/bin/sh", "-c", Probe).Output);
        Assert.Equal("read\nwrite\n", machine.Run("run", "--rm", "--network", "none", "--device", $"{device}:/dev/thing", "shell", "/bin/sh", "-c", Probe).Output);
        Result none = machine.Run("run", "--rm", "--network", "none", "--device", "/dev/no-such-device", "shell", "/bin/true");
        Assert.Equal((125, true), (none.Code, none.Error.Contains("'/dev/no-such-device': no such file")));
    }

    [Fact]
    public void Namespaces_of_a_running_container_are_joined_with_its_memory_and_its_names()
    {
        using Machine machine = new();
        machine.Run(
            "run", "-d", "--name", "donor", "--ipc", "shareable", "--network", "none", "--add-host", "other:1.2.3.4", "-h", "donor-host", "shell", "/bin/sh", "-c",
            "echo shared >/dev/shm/x; exec sleep 600");
        const string Look = "for n in ipc pid uts net cgroup; do ls -l /proc/self/ns/$n; done | while read a b c d e f g h i j k; do echo $k; done; cat /dev/shm/x /etc/hosts; echo $HOSTNAME";
        string own = machine.Run("exec", "donor", "/bin/sh", "-c", Look).Output;
        Assert.Contains("shared\n", own);
        Result joined = machine.Run(
            "run", "--rm", "--ipc", "container:donor", "--pid", "container:donor", "--uts", "container:donor", "--network", "container:donor", "--cgroupns", "container:donor", "shell",
            "/bin/sh", "-c", Look);
        Assert.Equal((own, ""), (joined.Output, joined.Error));
        Assert.Contains("other", joined.Output);
        Assert.Contains("donor-host", joined.Output);
    }

    [Fact]
    public void A_namespace_of_a_container_that_keeps_it_or_does_not_run_is_not_joined()
    {
        using Machine machine = new();
        string id = machine.Run("run", "-d", "--name", "donor", "--network", "none", "shell", "/bin/sleep", "600").Output.Trim();
        Refused("--ipc=container:donor", "ipc namespace of container 'donor' is its own", "--ipc=shareable");
        Refused("--pid=container:dono", "no such container 'dono'", "");
        Assert.Equal("", machine.Run("run", "-d", "--name", "joiner", "--network", "none", "--pid", "container:donor", "shell", "/bin/sleep", "600").Error);
        using (JsonDocument document = JsonDocument.Parse(machine.Run("inspect", "joiner").Output))
            Assert.Equal($"container:{id}", document.RootElement[0].GetProperty("HostConfig").GetProperty("PidMode").GetString());
        machine.Run("kill", "donor");
        machine.Run("kill", "joiner");
        Refused("--pid=container:donor", "container 'donor', whose pid namespace is to be shared, is not running", "rundlet start donor");
        Result start = machine.Run("start", "joiner");
        Assert.Contains("is not running", start.Error);
        Assert.Equal("donor\n", machine.Run("start", "donor").Output);
        Assert.Equal("joiner\n", machine.Run("start", "joiner").Output);

        void Refused(string flag, string message, string hint)
        {
            Result result = machine.Run("run", "--rm", "--network", "none", flag, "shell", "/bin/true");
            Assert.Equal(125, result.Code);
            Assert.Contains(message, result.Error);
            Assert.Contains(hint, result.Error);
        }
    }

    [Fact]
    public void Namespaces_of_the_host_are_the_hosts()
    {
        using Machine machine = new();
        const string Look = "for n in ipc pid uts cgroup; do ls -l /proc/self/ns/$n; done | while read a b c d e f g h i j k; do echo $k; done";
        using Process host = Process.Start(machine.StartInfo("/bin/sh", "-c", Look))!;
        Result result = machine.Run("run", "--rm", "--network", "none", "--ipc", "host", "--pid", "host", "--uts", "host", "--cgroupns", "host", "shell", "/bin/sh", "-c", Look);
        Assert.Equal(Machine.Finish(host).Output, result.Output);
        Assert.Equal("no memory\n", machine.Run("run", "--rm", "--network", "none", "--ipc", "none", "shell", "/bin/sh", "-c", "ls /dev/shm 2>/dev/null || echo no memory").Output);
    }

    [Fact]
    public void Paths_are_hidden_and_shown()
    {
        using Machine machine = new();
        const string Look = "cat /proc/version | while read l; do echo shown; done; : >>/proc/sys/net/ipv4/ip_forward && echo writable";
        Assert.Equal("shown\n", machine.Run("run", "--rm", "--network", "none", "shell", "/bin/sh", "-c", Look).Output);
        Assert.Equal(
            "writable\n",
            machine.Run("run", "--rm", "--network", "none", "--security-opt", "mask=/proc/version", "--security-opt", "unmask=/proc/sys", "shell", "/bin/sh", "-c", Look).Output);
    }

    [Fact]
    public void Names_are_found_as_the_flags_say()
    {
        using Machine machine = new();
        Result result = machine.Run(
            "run", "--rm", "--network", "none", "--dns", "9.9.9.9", "--dns-search", "example.org", "--dns-option", "ndots:3", "--add-host", "a:1.2.3.4", "--add-host", "b=::1", "-h", "box",
            "--domainname", "example.org", "shell", "/bin/cat", "/etc/resolv.conf", "/etc/hosts");
        Assert.Contains("nameserver 9.9.9.9\nsearch example.org\noptions ndots:3\n", result.Output);
        Assert.EndsWith("1.2.3.4\ta\n::1\tb\n127.0.0.1\tbox.example.org box\n", result.Output);
    }

    [Fact]
    public void Exposed_ports_are_published_at_free_ones_and_an_address_can_be_chosen()
    {
        using Machine machine = new();
        Result first = machine.Run("run", "-d", "--name", "first", "-P", "--expose", "81", "--expose", "53/udp", "-p", "9:82", "--add-host", "up:host-gateway", "shell", "/bin/sleep", "600");
        if (first.Code != 0)
            Assert.Skip($"needs a bridge network: {first.Error}");
        using JsonDocument document = JsonDocument.Parse(machine.Run("inspect", "first").Output);
        JsonElement network = document.RootElement[0].GetProperty("NetworkSettings");
        Assert.Equal(["53/udp", "81/tcp", "82/tcp"], network.GetProperty("Ports").EnumerateObject().Select(port => port.Name).Order(StringComparer.Ordinal));
        string gateway = network.GetProperty("Gateway").GetString()!;
        Assert.Contains($"{gateway}\tup\n", machine.Run("exec", "first", "/bin/cat", "/etc/hosts").Output);
        string wanted = gateway[..(gateway.LastIndexOf('.') + 1)] + "77";
        Result range = machine.Run("run", "-d", "--name", "range", "-P", "--expose", "7000-7002", "--expose", "7002-7003/udp", "shell", "/bin/sleep", "600");
        Assert.True(range.Code == 0, range.Error);
        const string Range = "7000/tcp 7001/tcp 7002/tcp 7002/udp 7003/udp";
        using JsonDocument ranges = JsonDocument.Parse(machine.Run("inspect", "range").Output);
        foreach (JsonElement ports in (JsonElement[])[ranges.RootElement[0].GetProperty("NetworkSettings").GetProperty("Ports"), ranges.RootElement[0].GetProperty("Config").GetProperty("ExposedPorts")])
            Assert.Equal(Range, string.Join(' ', ports.EnumerateObject().Select(port => port.Name).Order(StringComparer.Ordinal)));
        Assert.Equal(5, machine.Run("port", "range").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(" -> ")[0]).Distinct().Count());
        Result second = machine.Run("run", "--rm", "--ip", wanted, "--mac-address", "02:11:22:33:44:55", "shell", "/bin/cat", "/etc/hosts", "/sys/class/net/eth0/address");
        Assert.Contains(wanted, second.Output);
        Assert.EndsWith("02:11:22:33:44:55\n", second.Output);
    }

    [Fact]
    public void The_profile_that_debian_ships_for_podman_is_read_and_lets_programs_run()
    {
        const string Profile = "/usr/share/containers/seccomp.json";
        if (!File.Exists(Profile))
            Assert.Skip("needs the package golang-github-containers-common");
        using Machine machine = new();
        Result plain = machine.Run("run", "--rm", "--network", "none", "--security-opt", $"seccomp={Profile}", "shell", "/bin/sh", "-c", "mkdir /new && ls / | cat; id; env");
        Assert.True(plain.Code == 0, plain.Error);
        Assert.Contains("new\n", plain.Output);
        // Rules that name a capability count where the container has it.
        string[] mounts = ["run", "--rm", "--network", "none", "--security-opt", $"seccomp={Profile}", "--security-opt", "apparmor=unconfined", "-v", "/bin/mount:/bin/mount:ro", "-v", "/lib:/lib:ro", "-v", "/usr/lib:/usr/lib:ro"];
        Assert.NotEqual(0, machine.Run([.. mounts, "shell", "/bin/mount", "-t", "tmpfs", "none", "/tmp"]).Code);
        Result mounted = machine.Run([.. mounts, "--cap-add", "SYS_ADMIN", "shell", "/bin/mount", "-t", "tmpfs", "none", "/tmp"]);
        Assert.True(mounted.Code == 0, mounted.Error);
    }

    [Fact]
    public void The_id_is_in_its_file_for_a_container_that_was_made()
    {
        using Machine machine = new();
        string file = $"{machine.Folder}/cid";
        Assert.Equal(125, machine.Run("run", "--rm", "--network", "none", "--cidfile", file, "-u", "nobody", "shell", "/bin/true").Code);
        Assert.False(File.Exists(file));
        Assert.Equal(0, machine.Run("run", "--rm", "--network", "none", "--cidfile", file, "shell", "/bin/true").Code);
        Assert.Matches("^[0-9a-f]{64}$", File.ReadAllText(file));
        Result taken = machine.Run("run", "--rm", "--network", "none", "--cidfile", file, "shell", "/bin/true");
        Assert.Equal((125, true), (taken.Code, taken.Error.Contains("exists")));
    }

    [Fact]
    public void Only_the_streams_that_were_asked_for_are_shown()
    {
        using Machine machine = new();
        Result result = machine.Run("run", "--rm", "--network", "none", "-a", "stderr", "shell", "/bin/sh", "-c", "echo out; echo err >&2");
        Assert.Equal(new Result(0, "", "err\n"), result);
    }

    [Fact]
    public void A_signal_that_is_not_passed_on_ends_the_command_alone()
    {
        using Machine machine = new();
        using Process run = machine.Start("run", "--sig-proxy=false", "--name", "deaf", "--network", "none", "shell", "/bin/sh", "-c", "trap 'echo got it' TERM; echo ready; while :; do sleep 0.05; done");
        Assert.Equal("ready", run.StandardOutput.ReadLine());
        using (Process kill = Process.Start("kill", ["-s", "TERM", run.Id.ToString()]))
            kill.WaitForExit();
        Machine.Finish(run);
        Assert.Contains("deaf", machine.Run("ps").Output);
        Assert.Equal("ready\n", machine.Run("logs", "deaf").Output);
    }

    [Fact]
    public void Inspect_shows_what_was_asked_of_the_host()
    {
        using Machine machine = new();
        machine.Run(
            "run", "--name", "box", "--network", "none", "--ulimit", "core=0", "--cpuset-cpus", "0", "--memory-reservation", "10m", "--device", "/dev/null:/dev/x:r", "--security-opt", "mask=/proc/version",
            "--pid", "host", "--shm-size", "1m", "-l", "own=1", "--annotation", "note=2", "--expose", "80", "shell", "/bin/true");
        using JsonDocument document = JsonDocument.Parse(machine.Run("inspect", "box").Output);
        JsonElement host = document.RootElement[0].GetProperty("HostConfig"), config = document.RootElement[0].GetProperty("Config");
        Assert.Equal("""[{"Name":"core","Hard":0,"Soft":0}]""", Compact(host.GetProperty("Ulimits")));
        Assert.Equal("""[{"PathOnHost":"/dev/null","PathInContainer":"/dev/x","CgroupPermissions":"r"}]""", Compact(host.GetProperty("Devices")));
        Assert.Equal(("0", 10L << 20, "host", 1L << 20), (host.GetProperty("CpusetCpus").GetString(), host.GetProperty("MemoryReservation").GetInt64(), host.GetProperty("PidMode").GetString(), host.GetProperty("ShmSize").GetInt64()));
        Assert.Contains("/proc/version", Compact(host.GetProperty("MaskedPaths")));
        Assert.Equal("""{"note":"2"}""", Compact(host.GetProperty("Annotations")));
        Assert.Equal(("""{"80/tcp":{}}""", "1"), (Compact(config.GetProperty("ExposedPorts")), config.GetProperty("Labels").GetProperty("own").GetString()));
    }

    private static string Compact(JsonElement element)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
            element.WriteTo(writer);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
