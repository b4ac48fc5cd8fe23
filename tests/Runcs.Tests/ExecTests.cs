using System.Globalization;
using System.Text.Json.Nodes;
using Rundlet.Linux.Proc;
using Rundlet.Syscalls;

namespace Rundlet.Runcs.Tests;

public sealed class ExecTests : ContainerTest
{
    private static int Failure => RuntimeProgram.IsOurs ? 255 : 1;

    [Fact]
    public void A_process_is_in_all_of_the_containers_namespaces_and_its_cgroup()
    {
        RuntimeProgram.SkipUnlessOurs("runc waits for ever for a first process whose exec'd children nobody has collected");
        TestContainer container = Sleeper().Mount("/sys", "sysfs", "sysfs", "ro").Up();
        int pid = container.Pid();
        string inside = container.Exec("sh", "-c", "for n in pid net mnt uts ipc user cgroup; do readlink /proc/self/ns/$n; done").Good().Output;
        string[] names = ["pid", "net", "mnt", "uts", "ipc", "user", "cgroup"];
        Assert.Equal(names.Select(name => new FileInfo($"/proc/{pid}/ns/{name}").LinkTarget), inside.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        container.Runtime("exec", "--detach", "--pid-file", $"{Scratch}/pid", container.Id, "sleep", "1000").Good();
        int second = int.Parse(File.ReadAllText($"{Scratch}/pid"), CultureInfo.InvariantCulture);
        Assert.Equal(File.ReadAllText($"/proc/{pid}/cgroup"), File.ReadAllText($"/proc/{second}/cgroup"));
    }

    [Fact]
    public void Output_errors_and_status_are_the_programs()
    {
        TestContainer container = Sleeper().Up();
        Finished exec = container.Exec("sh", "-c", "echo out; echo err >&2; exit 42");
        Assert.Equal((42, "out\n", "err\n"), (exec.Status, exec.Output, exec.Error));
        Assert.Equal(128 + 15, container.Exec("sh", "-c", "kill -TERM $$").Status);
        Assert.Equal("running", container.Status());
    }

    [Fact]
    public void Flags_after_the_id_are_the_programs() =>
        Assert.Equal("-t --env\n", Sleeper().Up().Exec("echo", "-t", "--env").Good().Output);

    [Fact]
    public void User_folder_environment_and_groups_come_from_the_flags()
    {
        TestContainer container = Sleeper().Up();
        Finished exec = container.Runtime("exec", "--user", "1001:1002", "--cwd", "/tmp", "--env", "A=1", "--env", "B=two words", container.Id, "sh", "-c", "id -u; id -g; pwd; echo $A $B");
        Assert.Equal(["1001", "1002", "/tmp", "1 two words"], exec.Good().Lines);
        if (RuntimeProgram.IsOurs)
            Assert.Equal(["Groups:7 8"], [container.Runtime("exec", "-g", "8", "-g", "7", container.Id, "sh", "-c", "grep ^Groups /proc/self/status | tr -d '\\t'").Good().Output.Trim()]);
    }

    [Fact]
    public void A_variable_from_a_flag_takes_the_place_of_the_containers()
    {
        TestContainer container = Sleeper();
        container.Process["env"] = TestContainer.Texts("PATH=/bin", "HOME=/", "COLOUR=red");
        container.Up();
        string[] lines = container.Runtime("exec", "--env", "COLOUR=blue", container.Id, "env").Good().Lines;
        Assert.Equal(["COLOUR=blue"], lines.Where(line => line.StartsWith("COLOUR=", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("4294967295")]
    [InlineData("4294967296")]
    [InlineData("1:4294967296")]
    [InlineData("root")]
    [InlineData("")]
    [InlineData("1:2:3")]
    public void A_user_that_is_no_number_in_range_never_becomes_root(string user)
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Sleeper().Up();
        container.Runtime("exec", "--user", user, container.Id, "id").Refused(255, "--user");
    }

    [Fact]
    public void A_process_may_come_from_a_file()
    {
        TestContainer container = Sleeper().Up();
        JsonObject process = new()
        {
            ["args"] = TestContainer.Texts("/bin/sh", "-c", "id -u; pwd; echo $X; grep CapEff /proc/self/status | tr -d '\\t'"),
            ["cwd"] = "/tmp",
            ["env"] = TestContainer.Texts("X=from the file"),
            ["user"] = new JsonObject { ["uid"] = 0, ["gid"] = 0 },
            ["capabilities"] = new JsonObject { ["bounding"] = TestContainer.Texts("CAP_KILL"), ["effective"] = TestContainer.Texts("CAP_KILL"), ["permitted"] = TestContainer.Texts("CAP_KILL") },
        };
        File.WriteAllText($"{Scratch}/process.json", process.ToJsonString());
        Assert.Equal(["0", "/tmp", "from the file", "CapEff:0000000000000020"], container.Runtime("exec", "--process", $"{Scratch}/process.json", container.Id).Good().Lines);
    }

    [Fact]
    public void Capabilities_no_new_privs_and_the_filter_are_the_containers()
    {
        TestContainer container = Sleeper().Capabilities("CAP_CHOWN", "CAP_KILL");
        container.Process["noNewPrivileges"] = true;
        container.LinuxPart["seccomp"] = new JsonObject
        {
            ["defaultAction"] = "SCMP_ACT_ALLOW",
            ["syscalls"] = new JsonArray(new JsonObject { ["names"] = TestContainer.Texts("mkdir", "mkdirat"), ["action"] = "SCMP_ACT_ERRNO", ["errnoRet"] = 28 }),
        };
        container.Up();
        string[] lines = container.Exec("sh", "-c", "grep -E '^(Cap|NoNew|Seccomp:)' /proc/self/status | tr -d '\\t'; mkdir /tmp/x 2>&1").Lines;
        Assert.Equal(
            [
                "CapInh:0000000000000000", "CapPrm:0000000000000021", "CapEff:0000000000000021", "CapBnd:0000000000000021", "CapAmb:0000000000000000",
                "NoNewPrivs:1", "Seccomp:2", "mkdir: can't create directory '/tmp/x': No space left on device",
            ], lines);
        if (RuntimeProgram.IsOurs)
            Assert.Equal("CapEff:0000000000002021", container.Runtime("exec", "--cap", "CAP_NET_RAW", container.Id, "sh", "-c", "grep CapEff /proc/self/status | tr -d '\\t'").Good().Output.Trim());
    }

    [Theory]
    [InlineData("nosuch", "executable file not found in $PATH")]
    [InlineData("/nosuch", "no such file or directory")]
    [InlineData("/etc/passwd", "no such file or directory")]
    public void A_program_that_is_not_there_is_told_in_the_words_that_engines_look_for(string program, string words) =>
        Sleeper().Up().Exec(program).Refused(Failure, words);

    [Fact]
    public void A_created_container_takes_a_process()
    {
        TestContainer container = Sleeper();
        container.Create().Good();
        Assert.Equal("hi\n", container.Exec("echo", "hi").Good().Output);
        Assert.Equal("created", container.Status());
    }

    [Fact]
    public void A_stopped_container_takes_none()
    {
        TestContainer container = Container();
        container.Create().Good();
        container.StartAndWait();
        container.Exec("true").Refused(Failure, "cannot exec in a stopped container");
    }

    [Fact]
    public void A_process_cannot_be_traced_or_borrowed_from_before_its_program_runs()
    {
        // The container looks for descriptors of any newcomer that are not its own: there may never be one (CVE-2016-9962) but the
        // socket by which it talks to its maker.
        TestContainer container = Container().Capabilities("CAP_SYS_PTRACE")
            .Script("while :; do for p in /proc/[0-9]*; do for f in $p/fd/*; do [ ${f%/fd/*} = /proc/1 ] || [ ${f%/fd/*} = /proc/self ] || readlink $f; done; done; done 2>/dev/null | grep -v '/dev/null\\|socket:\\|pipe:\\|/proc\\|/tmp/seen\\|out$\\|err$' > /tmp/seen");
        container.Up();
        for (int i = 0; i < 20; i++)
            container.Exec("true").Good();
        Assert.Equal("", File.ReadAllText($"{container.Rootfs}/tmp/seen"));
    }

    [Fact]
    public void Processes_of_exec_end_with_the_container()
    {
        RuntimeProgram.SkipUnlessOurs("runc waits for ever for a first process whose exec'd children nobody has collected");
        TestContainer container = Sleeper().Up();
        container.Runtime("exec", "-d", "--pid-file", $"{Scratch}/pid", container.Id, "sleep", "1000").Good();
        int pid = int.Parse(File.ReadAllText($"{Scratch}/pid"), CultureInfo.InvariantCulture);
        Assert.True(ProcStat.Read(pid).IsAlive);
        container.Runtime("delete", "--force", container.Id).Good();
        container.WaitForEnd(pid);
        Assert.NotEqual(true, ProcStat.TryRead(pid)?.IsAlive);
    }

    [Fact]
    public void A_container_with_a_user_namespace_takes_a_process()
    {
        TestContainer container = Sleeper().Namespace("user");
        container.LinuxPart["uidMappings"] = new JsonArray(new JsonObject { ["containerID"] = 0, ["hostID"] = 100000, ["size"] = 1000 });
        container.LinuxPart["gidMappings"] = new JsonArray(new JsonObject { ["containerID"] = 0, ["hostID"] = 100000, ["size"] = 1000 });
        using (BoundedProcess chown = BoundedProcess.Start($"{Scratch}/chown", ["chown", "-R", "100000:100000", container.Rootfs]))
            chown.Wait().Good();
        container.Up();
        Assert.Equal(["0", "7"], [container.Exec("id", "-u").Good().Output.Trim(), container.Runtime("exec", "-u", "7:7", container.Id, "id", "-u").Good().Output.Trim()]);
    }

    [Fact]
    [SpecRow("cli.exec")]
    public void What_a_process_file_leaves_out_is_the_containers()
    {
        TestContainer container = Sleeper().Capabilities("CAP_CHOWN", "CAP_KILL");
        container.Process["oomScoreAdj"] = 500;
        container.Up();
        string Effective(string members)
        {
            File.WriteAllText($"{Scratch}/process.json", $$"""{"args":["/bin/sh","-c","grep CapEff /proc/self/status | tr -d '\t'; cat /proc/self/oom_score_adj"],"cwd":"/","env":["PATH=/bin"],"user":{"uid":0,"gid":0}{{members}}}""");
            return container.Runtime("exec", "--process", $"{Scratch}/process.json", container.Id).Good().Output.Trim();
        }
        Assert.Equal("CapEff:0000000000000021\n500", Effective(""));
        Assert.Equal("CapEff:0000000000000000\n500", Effective(",\"capabilities\":{}"));
        Assert.Equal("CapEff:0000000000000020\n500", Effective(",\"capabilities\":{\"bounding\":[\"CAP_KILL\"],\"effective\":[\"CAP_KILL\"],\"permitted\":[\"CAP_KILL\"]}"));
    }

    [Fact]
    [SpecRow("cli.exec")]
    public void Groups_of_a_flag_come_beside_the_containers()
    {
        TestContainer container = Sleeper();
        container.Process["user"] = new JsonObject { ["uid"] = 0, ["gid"] = 0, ["additionalGids"] = new JsonArray(5) };
        container.Up();
        Assert.Equal("Groups:5 9", container.Runtime("exec", "--additional-gids", "9", container.Id, "sh", "-c", "grep ^Groups /proc/self/status | tr -d '\\t'").Good().Output.Trim());
    }

    [Fact]
    [SpecRow("cli.pidFile")]
    public void A_pid_file_that_cannot_be_written_leaves_no_process()
    {
        TestContainer container = Sleeper().Up();
        container.Runtime("exec", "--detach", "--pid-file", $"{Scratch}/missing/pid", container.Id, "sleep", "1000").Refused(Failure, "no such file or directory");
        Assert.Equal($"[{container.Pid()}]", container.Runtime("ps", "--format", "json", container.Id).Good().Output.Trim());
    }

    private TestContainer Sleeper() => Container().Script("exec sleep 1000");
}
