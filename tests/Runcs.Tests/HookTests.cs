using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Rundlet.Linux.Proc;

namespace Rundlet.Runcs.Tests;

/// <summary>Programs at points of a container's life: config.md, POSIX-platform Hooks, and runtime.md, Lifecycle.</summary>
public sealed class HookTests : ContainerTest
{
    private static readonly string[] s_points = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"];

    private string Log => $"{Scratch}/log";

    private string[] LogLines => File.Exists(Log) ? File.ReadAllLines(Log) : [];

    [Fact]
    [SpecRow("hooks.prestart", "hooks.createRuntime", "hooks.createContainer", "hooks.startContainer", "hooks.poststart", "hooks.poststop", "hooks.state")]
    public void Hooks_run_at_their_points_in_order_and_get_the_state()
    {
        RuntimeProgram.SkipUnlessOurs("older runtimes run poststart hooks before the program");
        TestContainer container = Container().Script("exec sleep 1000");
        container.Spec["annotations"] = new JsonObject { ["org.test"] = "a\nb\"c" };
        foreach (string point in s_points)
        {
            Add(container, point, Recorder(container, point), [$"{point}-0"]);
            Add(container, point, Recorder(container, point), [$"{point}-1"]);
        }
        container.Create().Good();
        Assert.Equal(["prestart-0", "prestart-1", "createRuntime-0", "createRuntime-1", "createContainer-0", "createContainer-1"], LogLines.Select(NameOf));
        int pid = container.Pid();
        container.Start().Good();
        Assert.Equal(["startContainer-0", "startContainer-1", "poststart-0", "poststart-1"], LogLines.Skip(6).Select(NameOf));
        Assert.Equal("running", container.Status());
        container.Runtime("delete", "--force", container.Id).Good();
        Assert.Equal(["poststop-0", "poststop-1"], LogLines.Skip(10).Select(NameOf));
        foreach (string line in LogLines)
        {
            JsonObject state = StateOf(line);
            string point = NameOf(line)[..^2];
            Assert.Equal(container.Id, (string)state["id"]!);
            Assert.Equal("1.0.2", (string)state["ociVersion"]!);
            Assert.Equal(container.Bundle, (string)state["bundle"]!);
            Assert.Equal("a\nb\"c", (string)state["annotations"]!["org.test"]!);
            (string status, int? seen) = point switch
            {
                "prestart" or "createRuntime" => ("creating", pid),
                "createContainer" => ("creating", 1),
                "startContainer" => ("created", 1),
                "poststart" => ("running", pid),
                _ => ("stopped", (int?)null),
            };
            Assert.Equal(status, (string)state["status"]!);
            Assert.Equal(seen, (int?)state["pid"]);
        }
    }

    [Fact]
    [SpecRow("hooks.prestart", "hooks.createRuntime", "hooks.createContainer")]
    public void Hooks_of_create_run_in_the_namespaces_that_the_specification_says()
    {
        TestContainer container = Container().Script("exec sleep 1000");
        foreach (string point in (string[])["prestart", "createRuntime", "createContainer"])
            Add(container, point, HostScript($"echo $1 $(readlink /proc/self/ns/mnt) $(readlink /proc/self/ns/net) $(readlink /proc/self/ns/pid) >>{Log}"), [point]);
        container.Create().Good();
        string host = string.Join(' ', new[] { "mnt", "net", "pid" }.Select(ns => File.ResolveLinkTarget($"/proc/self/ns/{ns}", false)!.Name));
        string inner = string.Join(' ', new[] { "mnt", "net", "pid" }.Select(ns => File.ResolveLinkTarget($"/proc/{container.Pid()}/ns/{ns}", false)!.Name));
        Assert.Equal([$"prestart {host}", $"createRuntime {host}", $"createContainer {inner}"], LogLines);
    }

    [Fact]
    public void A_mount_that_a_createContainer_hook_makes_in_the_rootfs_is_the_containers_alone()
    {
        TestContainer container = Container().Script("cat /tmp/x/mark");
        Directory.CreateDirectory($"{container.Rootfs}/tmp/x");
        Add(container, "createContainer", HostScript($"mount -t tmpfs none {container.Rootfs}/tmp/x && echo mounted >{container.Rootfs}/tmp/x/mark"), []);
        Assert.Equal("mounted", container.Output());
        Assert.DoesNotContain(MountInfo.Read(), mount => mount.Point.StartsWith(container.Rootfs, StringComparison.Ordinal));
    }

    [Fact]
    public void A_createRuntime_hook_reaches_the_container_by_its_pid()
    {
        TestContainer container = Container().Script("cat /sys/class/net/front/mtu").Mount("/sys", "sysfs", "sysfs", "ro");
        Add(container, "createRuntime", HostScript("pid=$(sed 's/.*\"pid\": *\\([0-9]*\\).*/\\1/'); exec /usr/bin/nsenter --net=/proc/$pid/ns/net /sbin/ip link add front mtu 1312 type veth peer name back"), [], "PATH=/usr/sbin:/usr/bin:/sbin:/bin");
        if (!File.Exists("/sbin/ip"))
            Assert.Skip("needs the Debian package iproute2");
        Assert.Equal("1312", container.Output());
    }

    [Fact]
    [SpecRow("hooks.args")]
    public void A_hook_has_the_arguments_and_the_environment_that_the_spec_gives_and_no_more()
    {
        RuntimeProgram.SkipUnlessOurs("older runtimes pass their own environment on");
        TestContainer container = Container();
        Add(container, "createRuntime", "/usr/bin/env", ["whatever", "/bin/sh", "-c", $"env >>{Log}", "x"], "A=1", "B=two words");
        Add(container, "createContainer", HostScript($"tr '\\0' '\\n' </proc/$$/environ >>{Log}; echo $# $* >>{Log}"), null);
        container.Run().Good();
        Assert.Equal(["A=1", "B=two words", "0"], LogLines.Where(line => !line.StartsWith("PWD=", StringComparison.Ordinal) && !line.StartsWith("_=", StringComparison.Ordinal) && !line.StartsWith("SHLVL", StringComparison.Ordinal)).Select(line => line.Trim()));
    }

    [Theory]
    [InlineData("prestart")]
    [InlineData("createRuntime")]
    [InlineData("createContainer")]
    [SpecRow("hooks.failure")]
    public void A_hook_of_create_that_fails_undoes_the_container(string point)
    {
        TestContainer container = Container().Script("echo ran");
        Add(container, point, Recorder(container, point), ["before"]);
        Add(container, point, HostScript("echo to stdout; echo the reason >&2; exit 7"), []);
        Add(container, point, Recorder(container, point), ["after"]);
        Add(container, "poststop", Recorder(container, "poststop"), ["stop"]);
        Finished failed = container.Run();
        failed.Refused(1, "the reason");
        if (RuntimeProgram.IsOurs)
            Assert.Contains($"error running {point} hook #1 '{HostFolder}/script", failed.Error, StringComparison.Ordinal);
        Assert.Contains("exit status 7", failed.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("ran", failed.Lines);
        Assert.Equal(["before", "stop"], LogLines.Select(NameOf));
        Assert.NotEqual(0, container.Runtime("state", container.Id).Status);
    }

    [Fact]
    [SpecRow("hooks.failure")]
    public void A_startContainer_hook_that_fails_stops_and_removes_the_container()
    {
        RuntimeProgram.SkipUnlessOurs("older runtimes leave it stopped");
        TestContainer container = Container().Script("echo ran");
        TestRootfs.WriteScript($"{container.Rootfs}/bin/hook", "#!/bin/sh\nexit 3\n");
        Add(container, "startContainer", "/bin/hook", null);
        Add(container, "poststop", Recorder(container, "poststop"), ["stop"]);
        container.Create().Good();
        container.Start().Refused(1, "error running startContainer hook #0 '/bin/hook': exit status 3");
        Assert.Equal("", container.ContainerOutput);
        Assert.Equal(["stop"], LogLines.Select(NameOf));
        container.Runtime("state", container.Id).Refused(1, "container does not exist");
        container.Run().Refused(1, "error running startContainer hook #0 '/bin/hook': exit status 3");
    }

    [Fact]
    public void A_startContainer_hook_that_is_missing_is_named()
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Container().Script("echo ran");
        Add(container, "startContainer", "/bin/true", null, "PATH=/bin");
        Add(container, "startContainer", "/no/such", null);
        container.Create().Good();
        container.Start().Refused(1, "error running startContainer hook #1 '/no/such': exec: \"/no/such\": stat /no/such: no such file or directory");
    }

    [Fact]
    public void A_startContainer_hook_runs_as_the_containers_user_with_its_output()
    {
        TestContainer container = Container().Script("echo program");
        container.Process["user"] = new JsonObject { ["uid"] = 12, ["gid"] = 34 };
        Add(container, "startContainer", "/bin/sh", ["sh", "-c", "id -u; pwd"], "PATH=/bin");
        container.Process["cwd"] = "/tmp";
        RuntimeProgram.SkipUnlessOurs("runc keeps the output of hooks to itself");
        Assert.Equal("12\n/tmp\nprogram", container.Output());
    }

    [Fact]
    [SpecRow("hooks.failure")]
    public void A_poststart_hook_that_fails_stops_and_removes_the_container()
    {
        RuntimeProgram.SkipUnlessOurs("the specification has it so since 1.3");
        TestContainer container = Container().Script("exec sleep 1000");
        Add(container, "poststart", HostScript("exit 9"), []);
        Add(container, "poststop", Recorder(container, "poststop"), ["stop"]);
        container.Create().Good();
        int pid = container.Pid();
        container.Start().Refused(1, "error running poststart hook #0");
        container.WaitForEnd(pid);
        container.Runtime("state", container.Id).Refused(1, "container does not exist");
        Assert.Equal(["stop"], LogLines.Select(NameOf));
        container.Run().Refused(1, "exit status 9");
        container.Run("--detach").Refused(1, "exit status 9");
    }

    [Fact]
    [SpecRow("hooks.failure")]
    public void A_poststop_hook_that_fails_is_told_and_the_others_run()
    {
        RuntimeProgram.SkipUnlessOurs("older runtimes fail");
        TestContainer container = Container();
        Add(container, "poststop", HostScript("echo why >&2; exit 2"), []);
        Add(container, "poststop", "/no/such", null);
        Add(container, "poststop", Recorder(container, "poststop"), ["stop"]);
        container.Create().Good();
        container.StartAndWait();
        Finished deleted = container.Runtime("--log", $"{Scratch}/runtime.log", "--log-format", "json", "delete", container.Id).Good();
        Assert.Equal(2, deleted.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Count(line => line.StartsWith("runcs: warning: error running poststop hook #", StringComparison.Ordinal)));
        Assert.Contains("exit status 2: why", deleted.Error, StringComparison.Ordinal);
        Assert.False(File.Exists($"{Scratch}/runtime.log"));
        Assert.Equal(["stop"], LogLines.Select(NameOf));
        Assert.Contains("warning", container.Run().Good().Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("createRuntime")]
    [InlineData("createContainer")]
    [SpecRow("hooks.timeout")]
    public void A_hook_that_takes_too_long_is_killed_with_all_that_it_started(string point)
    {
        RuntimeProgram.SkipUnlessOurs("runc kills the hook alone, and waits for what it started");
        TestContainer container = Container();
        string mark = $"1{Environment.ProcessId}{container.Id.Split('-')[1]}";
        JsonObject hook = Add(container, point, HostScript($"sleep {mark} & sleep {mark}"), [], "PATH=/bin");
        hook["timeout"] = 1;
        Stopwatch watch = Stopwatch.StartNew();
        container.Run().Refused(1, "timeout");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30));
        Assert.Empty(Alive(mark));
    }

    [Fact]
    public void A_startContainer_hook_that_takes_too_long_is_killed()
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Container();
        Add(container, "startContainer", "/bin/sleep", ["sleep", "1000"])["timeout"] = 1;
        container.Create().Good();
        container.Start().Refused(1, "startContainer hook #0 '/bin/sleep': it ran past its timeout");
    }

    [Theory]
    [InlineData("createRuntime")]
    [InlineData("createContainer")]
    [SpecRow("hooks.state")]
    public void A_hook_that_does_not_read_a_long_state_disturbs_nobody(string point)
    {
        TestContainer container = Container().Script("echo fine");
        container.Spec["annotations"] = new JsonObject { ["long"] = new string('x', 500_000) };
        Add(container, point, HostScript("exec 0<&-; exit 0"), []);
        Add(container, point, HostScript($"exec wc -c >>{Log}"), [], "PATH=/usr/bin");
        Assert.Equal("fine", container.Output());
        Assert.InRange(int.Parse(Assert.Single(LogLines), CultureInfo.InvariantCulture), 500_000, 510_000);
    }

    [Theory]
    [InlineData("createRuntime")]
    [InlineData("createContainer")]
    public void A_hook_may_write_as_much_as_it_likes(string point)
    {
        TestContainer container = Container().Script("echo fine");
        Add(container, point, HostScript("head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2"), [], "PATH=/usr/bin:/bin");
        Assert.Equal("fine", container.Output());
    }

    [Theory]
    [InlineData("createRuntime")]
    [InlineData("poststop")]
    public void What_a_hook_leaves_in_the_background_is_not_waited_for(string point)
    {
        RuntimeProgram.SkipUnlessOurs("runc waits for the end of the pipe");
        TestContainer container = Container().Script("echo fine");
        string mark = $"2{Environment.ProcessId}{container.Id.Split('-')[1]}";
        Add(container, point, HostScript($"sleep {mark} & echo $! >{Scratch}/background"), [], "PATH=/bin");
        Assert.Equal("fine", container.Output());
        Assert.NotEmpty(Alive(mark));
        _ = Syscalls.Sys.kill(int.Parse(File.ReadAllText($"{Scratch}/background"), CultureInfo.InvariantCulture), Syscalls.SIG.KILL);
    }

    [Theory]
    [InlineData("prestart")]
    [InlineData("createRuntime")]
    [InlineData("createContainer")]
    public void A_hook_that_cannot_be_executed_is_named(string point)
    {
        RuntimeProgram.SkipUnlessOurs("messages of ours");
        File.WriteAllText($"{HostFolder}/plain", "#!/bin/sh\n");
        foreach ((string path, string reason) in new[] { ("/no/such/hook", "no such file or directory"), ($"{HostFolder}/plain", "permission denied"), ("/tmp", "is a directory") })
        {
            TestContainer container = Container();
            Add(container, point, path, null);
            container.Run().Refused(1, $"error running {point} hook #0 '{path}': exec: \"{path}\": ");
            container.Run().Refused(1, reason);
        }
    }

    [Fact]
    public void A_container_that_is_killed_in_a_hook_of_start_has_not_started()
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Container().Script("echo ran");
        container.Mount("/log", "bind", Scratch, "rbind", "rw");
        Add(container, "startContainer", "/bin/sh", ["sh", "-c", "echo here >/log/log; sleep 1000"], "PATH=/bin");
        container.Create().Good();
        int pid = container.Pid();
        using BoundedProcess start = container.Begin("", "start", container.Id);
        container.AwaitText(Log, "here");
        container.Runtime("kill", container.Id, "KILL").Good();
        start.Wait().Refused(1, "its first process is gone");
        container.WaitForEnd(pid);
        Assert.Equal("stopped", container.Status());
    }

    [Fact]
    public void A_create_that_is_killed_in_a_hook_takes_the_hook_along_and_delete_runs_poststop()
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Container();
        string mark = $"3{Environment.ProcessId}{container.Id.Split('-')[1]}";
        Add(container, "createRuntime", HostScript($"echo here >>{Log}; exec sleep {mark}"), [], "PATH=/bin");
        Add(container, "poststop", Recorder(container, "poststop"), ["stop"]);
        container.Save();
        using (BoundedProcess create = container.Begin("", "create", "-b", container.Bundle, container.Id))
        {
            container.AwaitText(Log, "here");
            Assert.Equal("creating", container.Status());
            create.Kill();
            create.Wait();
        }
        container.Runtime("delete", "--force", container.Id).Good();
        Assert.Equal(["here", "stop"], LogLines.Select(NameOf));
        Assert.Empty(Alive(mark));
    }

    [Fact]
    public void A_create_that_fails_before_its_hooks_runs_no_poststop_and_one_that_fails_later_does()
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer early = Container().Mount("/x", "bind", "/no/such/source", "bind");
        Add(early, "createRuntime", Recorder(early, "createRuntime"), ["create"]);
        Add(early, "poststop", Recorder(early, "poststop"), ["stop"]);
        early.Create().Refused(1, "/no/such/source");
        Assert.Empty(LogLines);
        TestContainer late = Container().Args("/no/such/program");
        Add(late, "createRuntime", Recorder(late, "createRuntime"), ["create"]);
        Add(late, "poststop", Recorder(late, "poststop"), ["stop"]);
        late.Create().Refused(1, "no such file or directory");
        Assert.Equal(["create", "stop"], LogLines.Select(NameOf));
    }

    [Theory]
    [InlineData("path must be an absolute path", "{\"path\":\"bin/x\"}")]
    [InlineData("path must be an absolute path", "{\"path\":\"\"}")]
    [InlineData("timeout must be above 0", "{\"path\":\"/x\",\"timeout\":0}")]
    [InlineData("timeout must be above 0", "{\"path\":\"/x\",\"timeout\":-5}")]
    [InlineData("env must be NAME=value", "{\"path\":\"/x\",\"env\":[\"X\"]}")]
    [InlineData("NUL", "{\"path\":\"/x\",\"args\":[\"a\\u0000b\"]}")]
    [InlineData("path", "{\"args\":[\"x\"]}")]
    public void A_hook_that_the_specification_forbids_is_refused(string text, string hook)
    {
        RuntimeProgram.SkipUnlessOurs();
        foreach (string point in s_points)
        {
            TestContainer container = Container();
            container.Spec["hooks"] = new JsonObject { [point] = new JsonArray(JsonNode.Parse(hook)) };
            container.Create().Refused(1, text);
        }
    }

    private string HostFolder => Directory.CreateDirectory($"{Scratch}/host").FullName;

    private static JsonObject Add(TestContainer container, string point, string path, string[]? args, params string[] env)
    {
        JsonObject hook = new() { ["path"] = path };
        if (args is not null)
            hook["args"] = TestContainer.Texts([path, .. args]);
        if (env.Length > 0)
            hook["env"] = TestContainer.Texts(env);
        if (path == "/usr/bin/env" || path.StartsWith("/bin/s", StringComparison.Ordinal))
            hook["args"] = TestContainer.Texts(args!);
        container.Spec["hooks"] ??= new JsonObject();
        JsonObject hooks = container.Spec["hooks"]!.AsObject();
        hooks[point] ??= new JsonArray();
        hooks[point]!.AsArray().Add(hook);
        return hook;
    }

    private string HostScript(string text)
    {
        string path = $"{HostFolder}/script{Directory.GetFiles(HostFolder).Length}";
        TestRootfs.WriteScript(path, $"#!/bin/sh\n{text}\n");
        return path;
    }

    // Appends its argument and its stdin, which is one line of JSON. In the container the log is a bind mount.
    private string Recorder(TestContainer container, string point)
    {
        if (point != "startContainer")
            return HostScript($"printf '%s %s\\n' \"$1\" \"$(/bin/cat)\" >>{Log}");
        if (container.Mounts.Any(mount => (string?)mount!["destination"] == "/log"))
            return "/bin/recorder";
        container.Mount("/log", "bind", Scratch, "rbind", "rw");
        TestRootfs.WriteScript($"{container.Rootfs}/bin/recorder", "#!/bin/sh\n/bin/busybox printf '%s %s\\n' \"$1\" \"$(/bin/busybox cat)\" >>/log/log\n");
        return "/bin/recorder";
    }

    private static string NameOf(string line) => line.Split(' ')[0];

    private static JsonObject StateOf(string line) => JsonNode.Parse(line[(line.IndexOf(' ') + 1)..])!.AsObject();

    private static List<string> Alive(string mark)
    {
        List<string> alive = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out int pid) || ProcStat.TryRead(pid) is not { IsAlive: true })
                continue;
            try
            {
                string command = File.ReadAllText($"{folder}/cmdline");
                if (command.Split('\0') is ["sleep", var time, ..] && time == mark)
                    alive.Add(command);
            }
            catch (IOException)
            {
                // ended meanwhile
            }
        }
        return alive;
    }
}
