using System.Text.Json.Nodes;
using Rundlet.Linux;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Tests;

public sealed partial class ConformanceTests
{
    private static readonly (string Row, Action<ConformanceTests> Probe)[] s_lifecycle =
    [
        ("runtime.state", t =>
        {
            TestContainer container = Created(t.Container());
            JsonObject state = container.State();
            Assert.Equal((container.Id, "created", container.Bundle), ((string?)state["id"], (string?)state["status"], (string?)state["bundle"]));
            Assert.True((int)state["pid"]! > 0);
            Assert.NotNull(state["ociVersion"]);
        }),
        ("runtime.state.missing", t => Assert.NotEqual(0, t.Container().Runtime("state", "nosuch").Status)),
        ("runtime.create", t =>
        {
            TestContainer container = Created(t.Container().Script("touch /ran"));
            Assert.Equal("created", container.Status());
            Assert.False(File.Exists($"{container.Rootfs}/ran"));
        }),
        ("runtime.create.unique", t =>
        {
            TestContainer container = Created(t.Container());
            Assert.NotEqual(0, container.Create().Status);
            Assert.NotEqual(0, container.Runtime("create", "--bundle", container.Bundle, "a/../b").Status);
        }),
        ("runtime.create.frozen", t =>
        {
            TestContainer container = t.Container().Script("echo before");
            container.Create().Good();
            File.WriteAllText($"{container.Bundle}/config.json", "{");
            Assert.Equal("before", container.StartAndWait());
        }),
        ("runtime.create.failure", t => Refuses(t.Container().Mount("/m", "nosuchfs", "none"))),
        ("runtime.start", t =>
        {
            TestContainer container = t.Container().Args("/bin/sleep", "1000").Up();
            Assert.Equal("running", container.Status());
        }),
        ("runtime.start.twice", t =>
        {
            TestContainer container = t.Container().Args("/bin/sleep", "1000").Up();
            Assert.NotEqual(0, container.Start().Status);
            Assert.Equal("running", container.Status());
        }),
        ("runtime.kill", t =>
        {
            TestContainer container = t.Container().Args("/bin/sleep", "1000").Up();
            int pid = container.Pid();
            container.Runtime("kill", container.Id, "KILL").Good();
            container.WaitForEnd(pid);
            Assert.Equal("stopped", container.Status());
        }),
        ("runtime.kill.stopped", t =>
        {
            TestContainer container = Created(t.Container());
            container.StartAndWait();
            Assert.NotEqual(0, container.Runtime("kill", container.Id, "TERM").Status);
        }),
        ("runtime.delete", t =>
        {
            TestContainer container = Created(t.Container());
            string cgroup = Path.GetDirectoryName(TestContainer.CgroupFile(container.Pid(), "pids", "cgroup.procs"))!;
            container.StartAndWait();
            container.Runtime("delete", container.Id).Good();
            Assert.False(Directory.Exists(cgroup));
            Assert.True(Directory.Exists(container.Rootfs));
            Assert.NotEqual(0, container.Runtime("state", container.Id).Status);
        }),
        ("runtime.delete.running", t =>
        {
            TestContainer container = t.Container().Args("/bin/sleep", "1000").Up();
            Assert.NotEqual(0, container.Runtime("delete", container.Id).Status);
            Assert.Equal("running", container.Status());
        }),
    ];

    private static readonly (string Row, Action<ConformanceTests> Probe)[] s_commands =
    [
        ("cli.create", t => Assert.Equal("created", Created(t.Container()).Status())),
        ("cli.start", t => Assert.Equal("running", t.Container().Args("/bin/sleep", "1000").Up().Status())),
        ("cli.run", t => Assert.Equal(7, t.Container().Script("exit 7").Run().Status)),
        ("cli.run.detach", t =>
        {
            TestContainer container = t.Container().Args("/bin/sleep", "1000");
            container.Run("--detach").Good();
            Assert.Equal("running", container.Status());
        }),
        ("cli.state", t => Assert.Equal("created", Created(t.Container()).Status())),
        ("cli.kill", t =>
        {
            foreach (string name in (string[])["TERM", "SIGTERM", "15"])
            {
                TestContainer container = t.Container().RemoveNamespace("pid").Args("/bin/sleep", "1000").Up();
                int pid = container.Pid();
                container.Runtime("kill", container.Id, name).Good();
                container.WaitForEnd(pid);
            }
        }),
        ("cli.delete", t =>
        {
            TestContainer container = t.Container().Args("/bin/sleep", "1000").Up();
            container.Runtime("delete", "--force", container.Id).Good();
            container.Runtime("delete", "--force", container.Id).Good();
        }),
        ("cli.list", t =>
        {
            TestContainer container = Created(t.Container());
            Assert.Contains(container.Id, Json(container.Runtime("list", "--format", "json").Good().Output).AsArray().Select(item => (string?)item!["id"]));
            Assert.Contains("created", container.Runtime("list").Good().Lines.Single(line => line.StartsWith(container.Id, StringComparison.Ordinal)), StringComparison.Ordinal);
            Assert.Equal([container.Id], container.Runtime("list", "--quiet").Good().Lines);
        }),
        ("cli.exec", t =>
        {
            TestContainer container = t.Container().Args("/bin/sleep", "1000").Up();
            Finished exec = container.Runtime("exec", "--user", "7:9", "--cwd", "/etc", "--env", "A=b", container.Id, "/bin/sh", "-c", "echo $(id -u):$(id -g) $(pwd) $A; exit 3");
            Assert.Equal((3, "7:9 /etc b\n"), (exec.Status, exec.Output));
        }),
        ("cli.exec.tty", t =>
        {
            TestContainer container = t.Container().Mount("/dev/pts", "devpts", "devpts", "newinstance", "ptmxmode=0666", "mode=0620").Args("/bin/sleep", "1000").Up();
            using ConsoleListener console = new($"{t.Scratch}/console");
            string pid = $"{t.Scratch}/pid";
            container.Runtime("exec", "--detach", "--tty", "--console-socket", console.Path, "--pid-file", pid, container.Id, "/bin/sh", "-c", "tty; read line").Good();
            using TerminalMaster master = console.Receive();
            master.ReadUntil("/dev/pts/");
            master.Write("on\n");
            // Its creator has left it to this process; the container cannot end before it was collected.
            LinuxException.ThrowIfError(Sys.waitid(P.PID, int.Parse(File.ReadAllText(pid), null), out _, W.EXITED), "waitid");
        }),
        ("cli.spec", t =>
        {
            TestContainer container = t.Container();
            File.Delete($"{container.Bundle}/config.json");
            container.Runtime("spec", "--bundle", container.Bundle).Good();
            Assert.NotNull(Json(File.ReadAllText($"{container.Bundle}/config.json"))["ociVersion"]);
        }),
        ("cli.pause", t => Assert.Equal("paused", t.Paused().Status())),
        ("cli.resume", t =>
        {
            TestContainer container = t.Paused();
            container.Runtime("resume", container.Id).Good();
            Assert.Equal("running", container.Status());
        }),
        ("cli.ps", t =>
        {
            TestContainer container = t.Container().Args("/bin/sleep", "1000").Up();
            Assert.Equal([container.Pid()], Json(container.Runtime("ps", "--format", "json", container.Id).Good().Output).AsArray().Select(pid => (int)pid!));
        }),
        ("cli.update", t =>
        {
            CgroupMounts.IsLegacy("pids");
            TestContainer container = t.Container().Args("/bin/sleep", "1000").Up();
            container.Runtime("update", "--pids-limit", "77", container.Id).Good();
            Assert.Equal("77", File.ReadAllText(TestContainer.CgroupFile(container.Pid(), "pids", "pids.max")).Trim());
        }),
        ("cli.events", t =>
        {
            TestContainer container = t.Container().Args("/bin/sleep", "1000").Up();
            Assert.Equal("stats", (string?)Json(container.Runtime("events", "--stats", container.Id).Good().Output)["type"]);
        }),
        ("cli.features", t => Assert.Contains("mount", Json(t.Container().Runtime("features").Good().Output)["linux"]!["namespaces"]!.AsArray().Select(name => (string?)name))),
        ("cli.version", t => Assert.Contains(" version ", t.Container().Runtime("--version").Good().Output, StringComparison.Ordinal)),
        ("cli.log", t =>
        {
            TestContainer container = t.Container().Args("/nosuch");
            container.Save();
            Assert.NotEqual(0, container.Runtime("--log", $"{t.Scratch}/log", "--log-format", "json", "create", "--bundle", container.Bundle, container.Id).Status);
            JsonNode line = Json(File.ReadAllLines($"{t.Scratch}/log").Last(text => text.Length > 0));
            Assert.Equal("error", (string?)line["level"]);
            Assert.Contains("nosuch", (string?)line["msg"], StringComparison.Ordinal);
        }),
        ("cli.pidFile", t =>
        {
            TestContainer container = t.Container();
            container.Create("--pid-file", $"{t.Scratch}/pid").Good();
            Assert.Equal(Number(container.Pid()), File.ReadAllText($"{t.Scratch}/pid"));
        }),
        ("cli.preserveFds", t =>
        {
            TestContainer container = t.Container().Script("cat <&3");
            container.Save();
            File.WriteAllText($"{t.Scratch}/given", "given");
            Assert.Equal("given", container.Redirected($"3<{t.Scratch}/given", "run", "--bundle", container.Bundle, "--preserve-fds", "1", container.Id).Good().Output);
        }),
        ("cli.listenFds", t =>
        {
            TestContainer container = t.Container().Script("echo $LISTEN_FDS; cat <&3");
            container.Save();
            File.WriteAllText($"{t.Scratch}/given", "given");
            using BoundedProcess run = BoundedProcess.Start($"{t.Scratch}/run", ["sh", "-c", "export LISTEN_FDS=1 LISTEN_PID=$$; exec \"$@\"", "sh", RuntimeProgram.Path, "--root", container.StateRoot, "run", "--bundle", container.Bundle, container.Id], $"3<{t.Scratch}/given");
            Assert.Equal("1\ngiven", run.Wait().Good().Output);
        }),
    ];

    private TestContainer Paused()
    {
        TestContainer container = Container().Args("/bin/sleep", "1000").Up();
        container.Runtime("pause", container.Id).Good();
        return container;
    }
}
