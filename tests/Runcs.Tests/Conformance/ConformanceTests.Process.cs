using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests;

public sealed partial class ConformanceTests
{
    private static readonly (string Row, Action<ConformanceTests> Probe)[] s_process =
    [
        ("process.terminal", t => Assert.Contains("/dev/pts/0", t.OnTerminal("tty"), StringComparison.Ordinal)),
        ("process.consoleSize", t => Assert.Contains("33 77", t.OnTerminal("stty size", """{"height": 33, "width": 77}"""), StringComparison.Ordinal)),
        ("process.cwd", t => Assert.Equal("/etc", t.Says("process.cwd", "\"/etc\"", "pwd"))),
        ("process.env", t => Assert.Equal("b=c", t.Says("process.env", """["PATH=/bin", "A=b=c"]""", "echo $A"))),
        ("process.args", t =>
        {
            Assert.Equal("a  b", t.Container().Args("echo", "a  b").Output());
            Refuses(t.With("process.args", "[]"));
        }),
        ("process.user.uid", t => Assert.Equal("1234", t.Says("process.user.uid", "1234", "id -u"))),
        ("process.user.gid", t => Assert.Equal("1234", t.Says("process.user.gid", "1234", "id -g"))),
        ("process.user.umask", t => Assert.Equal("0027", t.Says("process.user.umask", "23", "umask"))),
        ("process.user.additionalGids", t => Assert.Equal("0 7 9", t.Says("process.user.additionalGids", "[7, 9]", "id -G"))),
        ("process.rlimits", t => Assert.Equal("100 200", t.Says("process.rlimits", """[{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200}]""", "echo $(ulimit -n) $(ulimit -Hn)"))),
        ("process.rlimits.invalid", t =>
        {
            Refuses(t.With("process.rlimits", """[{"type": "RLIMIT_NOSUCH", "soft": 1, "hard": 1}]"""));
            Refuses(t.With("process.rlimits", """[{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 100}, {"type": "RLIMIT_NOFILE", "soft": 99, "hard": 99}]"""));
        }),
        ("process.capabilities.bounding", t => Assert.Equal("0000000000000021", t.Capability("CapBnd", bounding: ["CAP_CHOWN", "CAP_KILL"]))),
        ("process.capabilities.effective", t => Assert.Equal("0000000000000020", t.Capability("CapEff", bounding: ["CAP_KILL"], permitted: ["CAP_KILL"], effective: ["CAP_KILL"]))),
        ("process.capabilities.permitted", t => Assert.Equal("0000000000000020", t.Capability("CapPrm", bounding: ["CAP_KILL"], permitted: ["CAP_KILL"]))),
        ("process.capabilities.inheritable", t => Assert.Equal("0000000000000020", t.Capability("CapInh", bounding: ["CAP_KILL"], permitted: ["CAP_KILL"], inheritable: ["CAP_KILL"]))),
        ("process.capabilities.ambient", t => Assert.Equal("0000000000000020", t.Capability("CapAmb", user: 1000, bounding: ["CAP_KILL"], permitted: ["CAP_KILL"], inheritable: ["CAP_KILL"], ambient: ["CAP_KILL"]))),
        ("process.noNewPrivileges", t => Assert.Equal("1", t.Says("process.noNewPrivileges", "true", "grep NoNewPrivs /proc/self/status | cut -f2"))),
        ("process.oomScoreAdj", t => Assert.Equal("123", t.Says("process.oomScoreAdj", "123", "cat /proc/self/oom_score_adj"))),
        ("process.apparmorProfile", t => t.Confined("apparmor", "apparmorProfile", "unconfined")),
        ("process.selinuxLabel", t => t.Confined("selinux", "selinuxLabel", "system_u:system_r:kernel_t:s0")),
        ("process.scheduler.policy", t => Assert.Equal("3", t.Scheduled("""{"policy": "SCHED_BATCH"}""", 41))),
        ("process.scheduler.nice", t => Assert.Equal("7", t.Scheduled("""{"policy": "SCHED_OTHER", "nice": 7}""", 19))),
        ("process.scheduler.priority", t => Assert.Equal("5", t.Scheduled("""{"policy": "SCHED_FIFO", "priority": 5}""", 40))),
        ("process.scheduler.flags", t => Assert.Equal("1", t.Scheduled("""{"policy": "SCHED_FIFO", "priority": 5, "flags": ["SCHED_FLAG_RESET_ON_FORK"]}""", 41))),
        ("process.scheduler.deadline", t => Assert.Equal("6", t.Scheduled("""{"policy": "SCHED_DEADLINE", "runtime": 1000000, "deadline": 10000000, "period": 10000000}""", 41))),
        ("process.ioPriority", t => Assert.Contains("best-effort: prio 6", t.OfRunning("process.ioPriority", """{"class": "IOPRIO_CLASS_BE", "priority": 6}""", "ionice", "-p"), StringComparison.Ordinal)),
        ("process.execCPUAffinity.initial", t => Assert.Equal("0", t.Affinity("""{"initial": "0"}"""))),
        ("process.execCPUAffinity.final", t => Assert.Equal("0", t.Affinity("""{"final": "0"}"""))),
    ];

    private static readonly (string Row, Action<ConformanceTests> Probe)[] s_hooks =
    [
        ("hooks.prestart", t => Assert.Equal("created", t.Hooked("prestart", "create"))),
        ("hooks.createRuntime", t => Assert.Equal("created", t.Hooked("createRuntime", "create"))),
        ("hooks.createContainer", t => Assert.Equal("created", t.Hooked("createContainer", "create"))),
        ("hooks.startContainer", t => Assert.Equal("started", t.Container().Hook("startContainer", "/bin/sh", "sh", "-c", "echo started >/tmp/hook").Script("cat /tmp/hook").Output())),
        ("hooks.poststart", t => Assert.Equal("created", t.Hooked("poststart", "start"))),
        ("hooks.poststop", t => Assert.Equal("created", t.Hooked("poststop", "delete"))),
        ("hooks.state", t =>
        {
            TestContainer container = t.Container();
            container.Hook("createRuntime", "/bin/sh", "sh", "-c", $"cat >{t.Scratch}/state").Create().Good();
            JsonNode state = Json(File.ReadAllText($"{t.Scratch}/state"));
            Assert.Equal((container.Id, container.Bundle, container.Pid()), ((string?)state["id"], (string?)state["bundle"], (int?)state["pid"]));
            Assert.Contains((string?)state["status"], (string[])["creating", "created"]); // the text says the one, and the runtimes the other
        }),
        ("hooks.args", t =>
        {
            TestContainer container = t.Container().Hook("createRuntime", "/bin/sh", "zero", "-c", $"echo $0 $1 $A >{t.Scratch}/words", "one", "two");
            container.Spec["hooks"]!["createRuntime"]![0]!["env"] = Json("""["A=b"]""");
            container.Create().Good();
            Assert.Equal("one two b\n", File.ReadAllText($"{t.Scratch}/words"));
        }),
        ("hooks.timeout", t =>
        {
            TestContainer container = t.Container().Hook("createRuntime", "/bin/sleep", "sleep", "50");
            container.Spec["hooks"]!["createRuntime"]![0]!["timeout"] = 1;
            Refuses(container);
        }),
        ("hooks.failure", t =>
        {
            Refuses(t.Container().Hook("createRuntime", "/bin/false", "false"));
            Assert.Equal("on", t.Container().Hook("poststop", "/bin/false", "false").Script("echo on").Output());
        }),
    ];

    private string OnTerminal(string script, string? size = null)
    {
        TestContainer container = Container().Mount("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620").Script($"{script}; echo end");
        container.Process["terminal"] = true;
        if (size is not null)
            container.Process["consoleSize"] = Json(size);
        using ConsoleListener console = new($"{Scratch}/console");
        container.Create("--console-socket", console.Path).Good();
        using TerminalMaster master = console.Receive();
        container.Start().Good();
        return master.ReadUntil("end");
    }

    private string Capability(string set, string[] bounding, string[]? permitted = null, string[]? effective = null, string[]? inheritable = null, string[]? ambient = null, int user = 0)
    {
        TestContainer container = Container().Capabilities(bounding, effective ?? [], permitted ?? [], inheritable ?? [], ambient ?? []);
        container.Process["user"] = new JsonObject { ["uid"] = user, ["gid"] = user };
        if (set is "CapPrm" or "CapEff")
            container.Process["user"] = new JsonObject { ["uid"] = 0, ["gid"] = 0 };
        return container.Script($"grep {set} /proc/self/status | cut -f2").Output();
    }

    private void Confined(string module, string member, string label)
    {
        if (!File.Exists("/sys/kernel/security/lsm") || !File.ReadAllText("/sys/kernel/security/lsm").Split(',').Contains(module))
            Assert.Skip($"needs a kernel with {module}: ./dev vm");
        Assert.StartsWith(label, Says($"process.{member}", $"\"{label}\"", "cat /proc/self/attr/current"), StringComparison.Ordinal);
    }

    /// <summary>A field of /proc/PID/stat, counted from 1 as proc(5) does, of a program with a scheduler.</summary>
    private string Scheduled(string scheduler, int field)
    {
        TestContainer container = With("process.scheduler", scheduler).Args("/bin/sleep", "1000");
        if (container.Create() is { Status: not 0 } refused && refused.Error.Contains("EPERM", StringComparison.Ordinal))
            Assert.Skip("the caller may not have this policy");
        container.Start().Good();
        string stat = File.ReadAllText($"/proc/{container.Pid()}/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[field - 3];
    }

    private string OfRunning(string path, string json, params string[] command)
    {
        TestContainer container = With(path, json).Args("/bin/sleep", "1000").Up();
        using BoundedProcess process = BoundedProcess.Start($"{Scratch}/tool", [.. command, Number(container.Pid())]);
        return process.Wait().Good().Output;
    }

    private string Affinity(string affinity)
    {
        TestContainer container = With("process.execCPUAffinity", affinity).Args("/bin/sleep", "1000").Up();
        if (affinity.Contains("initial", StringComparison.Ordinal))
            return container.Exec("/bin/true").Status == 0 ? "0" : "failed"; // gone before anybody could see it
        return container.Exec("/bin/sh", "-c", "grep Cpus_allowed_list /proc/self/status | cut -f2").Good().Output.Trim();
    }

    private string Hooked(string stage, string after)
    {
        string made = $"{Scratch}/made";
        TestContainer container = Container().Hook(stage, "/bin/sh", "sh", "-c", $"echo created >{made}");
        if (stage == "createContainer") // in the container's namespaces, with the host's files
            container.Spec["hooks"]![stage]![0]!["args"]![2] = $"echo created >{made}";
        container.Create().Good();
        Assert.Equal(after == "create", File.Exists(made));
        int pid = container.Pid();
        container.Start().Good();
        if (after == "start")
            return File.ReadAllText(made).Trim();
        container.WaitForEnd(pid);
        if (after == "delete")
            Assert.False(File.Exists(made));
        container.Runtime("delete", container.Id).Good();
        return File.ReadAllText(made).Trim();
    }
}
