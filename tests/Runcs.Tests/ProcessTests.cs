using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests;

public sealed class ProcessTests : ContainerTest
{
    private const string ShowCapabilities = "grep '^Cap' /proc/self/status | tr -d '\\t'";

    [Fact]
    public void User_groups_and_umask_are_what_the_spec_says()
    {
        TestContainer container = Container().Script("id -u; id -g; grep ^Groups: /proc/self/status | tr -d '\\t'; umask; grep '^[UG]id' /proc/self/status | tr '\\t' ' '");
        container.Process["user"] = new JsonObject { ["uid"] = 1001, ["gid"] = 1002, ["additionalGids"] = new JsonArray(7, 5, 1002), ["umask"] = 0x3F };
        Assert.Equal(["1001", "1002", "Groups:5 7 1002 ", "0077", "Uid: 1001 1001 1001 1001", "Gid: 1002 1002 1002 1002"], container.Output().Split('\n'));
    }

    [Fact]
    public void Without_additional_groups_none_of_the_callers_stay()
    {
        TestContainer container = Container().Script("grep ^Groups: /proc/self/status | tr -d '\\t '; umask");
        Assert.Equal(["Groups:", "0022"], container.Output().Split('\n'));
    }

    [Fact]
    public void The_environment_is_the_specs_and_nothing_else()
    {
        TestContainer container = Container().Args("/bin/env");
        container.Process["env"] = TestContainer.Texts("PATH=/bin", "HOME=/root", "EMPTY=", "TEXT=two words = one");
        container.Save();
        Finished run = container.Redirected("", "run", "--bundle", container.Bundle, container.Id).Good();
        Assert.Equal(["EMPTY=", "HOME=/root", "PATH=/bin", "TEXT=two words = one"], run.Lines.Order(StringComparer.Ordinal));
    }

    [Fact]
    [SpecRow("process.env")]
    public void Of_two_variables_of_one_name_the_last_counts()
    {
        TestContainer container = Container().Args("tool");
        Directory.CreateDirectory($"{container.Rootfs}/opt");
        TestRootfs.WriteScript($"{container.Rootfs}/opt/tool", "#!/bin/sh\nexec /bin/env\n");
        container.Process["env"] = TestContainer.Texts("PATH=/none", "A=1", "HOME=/first", "A=", "PATH=/opt", "A=2", "HOME=/last");
        Assert.Equal(["A=2", "HOME=/last", "PATH=/opt"], container.Output().Split('\n').Where(line => !line.StartsWith("PWD=", StringComparison.Ordinal) && !line.StartsWith("SHLVL=", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Variables_of_supervisors_do_not_leak_in()
    {
        TestContainer container = Container().Args("/bin/env");
        container.Process["env"] = TestContainer.Texts("PATH=/bin", "HOME=/");
        container.Save();
        using BoundedProcess process = BoundedProcess.Start($"{Scratch}/run",
            ["env", "_OCI_SYNCPIPE=3", "_OCI_STARTPIPE=4", "NOTIFY_SOCKET=/x", "SECRET=1", RuntimeProgram.Path, "--root", container.StateRoot, "run", "-b", container.Bundle, container.Id]);
        string[] allowed = ["HOME=/", "NOTIFY_SOCKET=/run/notify/notify.sock", "PATH=/bin"]; // the socket is the runtime's own, never the caller's
        Assert.All(process.Wait().Good().Lines, line => Assert.Contains(line, allowed));
    }

    [Fact]
    public void The_working_folder_is_entered_and_made_where_it_is_missing()
    {
        TestContainer container = Container().Script("pwd");
        container.Process["cwd"] = "/srv/not/there";
        Assert.Equal("/srv/not/there", container.Output());
        container.Process["cwd"] = "/tmp";
        Assert.Equal("/tmp", container.Output());
    }

    [Theory]
    [InlineData("/proc/self/fd/9")]
    [InlineData("/proc/self/fd/9/../..")]
    [InlineData("/proc/thread-self/fd/9")]
    public void A_working_folder_never_leads_out_by_an_inherited_descriptor(string folder)
    {
        File.WriteAllText($"{Scratch}/canary", "");
        TestContainer container = Container().Script("ls; pwd");
        container.Process["cwd"] = folder;
        container.Save();
        Finished run = container.Redirected($"9<{Scratch}", "run", "-b", container.Bundle, container.Id);
        Assert.NotEqual(0, run.Status);
        Assert.DoesNotContain("canary", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_is_found_along_the_path_of_its_own_environment()
    {
        TestContainer container = Container().Args("tool");
        container.Process["env"] = TestContainer.Texts("PATH=/none:/opt/a:/opt/b");
        foreach (string folder in new[] { "a", "b" })
        {
            Directory.CreateDirectory($"{container.Rootfs}/opt/{folder}");
            TestRootfs.WriteScript($"{container.Rootfs}/opt/{folder}/tool", $"#!/bin/sh\necho {folder}\n");
        }
        File.SetUnixFileMode($"{container.Rootfs}/opt/a/tool", (UnixFileMode)0x1A4);
        Assert.Equal("b", container.Output()); // the first is not executable
    }

    [Theory]
    [InlineData("nosuch", "executable file not found in $PATH")]
    [InlineData("/bin/nosuch", "no such file or directory")]
    [InlineData("/etc/plain", "permission denied")]
    [InlineData("/etc", "permission denied")]
    [InlineData("/etc/text", "exec format error")]
    public void A_program_that_cannot_be_executed_is_told_in_the_words_that_engines_look_for(string program, string words)
    {
        TestContainer container = Container().Args(program);
        File.WriteAllText($"{container.Rootfs}/etc/plain", "#!/bin/sh\n");
        TestRootfs.WriteScript($"{container.Rootfs}/etc/text", "no program\n");
        if (program == "/etc" && !RuntimeProgram.IsOurs)
            RuntimeProgram.SkipUnlessOurs();
        container.Run().Refused(1, words);
    }

    [Fact]
    public void Limits_are_set()
    {
        TestContainer container = Container().Script("ulimit -n; ulimit -Hn; ulimit -c; ulimit -u");
        container.Process["rlimits"] = new JsonArray(
            new JsonObject { ["type"] = "RLIMIT_NOFILE", ["soft"] = 100, ["hard"] = 200 },
            new JsonObject { ["type"] = "RLIMIT_CORE", ["soft"] = 0, ["hard"] = 0 },
            new JsonObject { ["type"] = "RLIMIT_NPROC", ["soft"] = 55, ["hard"] = 55 });
        Assert.Equal(["100", "200", "0", "55"], container.Output().Split('\n'));
    }

    [Fact]
    public void A_limit_above_the_callers_is_clamped_where_it_may_not_be_raised()
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Container().Script("ulimit -n");
        container.Process["rlimits"] = new JsonArray(new JsonObject { ["type"] = "RLIMIT_NOFILE", ["soft"] = 1000000000, ["hard"] = 1000000000 });
        container.Save();
        // As on a host that took CAP_SYS_RESOURCE away.
        using BoundedProcess process = BoundedProcess.Start($"{Scratch}/run",
            ["setpriv", "--bounding-set=-sys_resource", "--inh-caps=-sys_resource", "sh", "-c", "ulimit -n 512; exec \"$@\"", "sh", RuntimeProgram.Path, "--root", container.StateRoot, "run", "-b", container.Bundle, container.Id]);
        Assert.Equal("512", process.Wait().Good().Output.Trim());
    }

    [Fact]
    public void The_five_capability_sets_are_exactly_the_specs()
    {
        TestContainer container = Container().Capabilities(
            bounding: ["CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW", "CAP_SETGID"],
            effective: ["CAP_CHOWN"],
            permitted: ["CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW"],
            inheritable: ["CAP_KILL", "CAP_NET_RAW"],
            ambient: ["CAP_NET_RAW"]);
        container.Args("/bin/grep", "^Cap", "/proc/self/status");
        container.Process["user"] = new JsonObject { ["uid"] = 1000, ["gid"] = 1000 };
        // execve(2) of a user who is not root leaves the ambient set as permitted and effective, capabilities(7).
        Assert.Equal(["CapInh:\t0000000000002020", "CapPrm:\t0000000000002000", "CapEff:\t0000000000002000", "CapBnd:\t0000000000002061", "CapAmb:\t0000000000002000"], container.Output().Split('\n'));
    }

    [Fact]
    public void An_ambient_capability_that_is_not_inheritable_is_left_out_as_the_kernel_wants_it()
    {
        TestContainer container = Container().Capabilities(bounding: ["CAP_KILL"], effective: ["CAP_KILL"], permitted: ["CAP_KILL"], inheritable: [], ambient: ["CAP_KILL"]);
        container.Args("/bin/grep", "^Cap[PA]", "/proc/self/status");
        Assert.Equal(["CapPrm:\t0000000000000020", "CapAmb:\t0000000000000000"], container.Output().Split('\n'));
    }

    [Fact]
    public void Without_capabilities_there_are_none()
    {
        TestContainer container = Container().Script(ShowCapabilities);
        foreach (string line in container.Output().Split('\n'))
            Assert.EndsWith(":0000000000000000", line, StringComparison.Ordinal);
        container.Process.Remove("capabilities");
        foreach (string line in container.Output().Split('\n'))
            Assert.EndsWith(":0000000000000000", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Root_has_what_its_bounding_set_lets_through_and_can_use_it()
    {
        TestContainer container = Container().Capabilities("CAP_CHOWN").Script($"{ShowCapabilities}; touch /tmp/f && chmod 600 /tmp/f && mknod /tmp/n c 1 3 || echo refused");
        string[] lines = container.Output().Split('\n');
        Assert.Equal(["CapInh:0000000000000000", "CapPrm:0000000000000001", "CapEff:0000000000000001", "CapBnd:0000000000000001", "CapAmb:0000000000000000", "refused"], lines);
    }

    [Theory]
    [InlineData(true, "1")]
    [InlineData(false, "0")]
    public void No_new_privs_is_set_or_not(bool set, string shown)
    {
        TestContainer container = Container().Script("grep NoNewPrivs /proc/self/status | tr -dc 01");
        container.Process["noNewPrivileges"] = set;
        Assert.Equal(shown, container.Output());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_seccomp_rule_decides_what_a_call_answers(bool noNewPrivileges)
    {
        TestContainer container = Container().Script("grep ^Seccomp: /proc/self/status | tr -dc 012; echo; mkdir /tmp/x 2>&1; touch /tmp/y && echo made");
        container.Process["noNewPrivileges"] = noNewPrivileges;
        container.LinuxPart["seccomp"] = new JsonObject
        {
            ["defaultAction"] = "SCMP_ACT_ALLOW",
            ["architectures"] = TestContainer.Texts("SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"),
            ["syscalls"] = new JsonArray(new JsonObject { ["names"] = TestContainer.Texts("mkdir", "mkdirat"), ["action"] = "SCMP_ACT_ERRNO", ["errnoRet"] = 28 }),
        };
        Assert.Equal(["2", "mkdir: can't create directory '/tmp/x': No space left on device", "made"], container.Output().Split('\n'));
    }

    [Fact]
    public void A_seccomp_rule_that_kills_ends_the_program()
    {
        TestContainer container = Container().Script("mkdir /tmp/x; echo $?");
        container.LinuxPart["seccomp"] = new JsonObject
        {
            ["defaultAction"] = "SCMP_ACT_ALLOW",
            ["syscalls"] = new JsonArray(new JsonObject { ["names"] = TestContainer.Texts("mkdir", "mkdirat"), ["action"] = "SCMP_ACT_KILL_PROCESS" }),
        };
        Assert.Equal("159", container.Output().Split('\n')[^1]); // 128 + SIGSYS
    }

    [Fact]
    public void The_oom_score_is_set()
    {
        TestContainer container = Container().Script("cat /proc/self/oom_score_adj");
        container.Process["oomScoreAdj"] = 500;
        Assert.Equal("500", container.Output());
    }

    [Fact]
    public void Signals_have_their_default_actions_and_none_is_blocked()
    {
        TestContainer container = Container().Args("/bin/grep", "^Sig\\(Blk\\|Ign\\)", "/proc/self/status");
        container.Save();
        string output = container.Redirected("", "run", "-b", container.Bundle, container.Id).Good().Output;
        Assert.Equal("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n", output);
    }
}
