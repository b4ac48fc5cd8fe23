using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests;

public sealed class SeccompTests : ContainerTest
{
    private const int SIGSYS = 31;

    [Theory]
    [SpecRow("linux.seccomp.actions.trap", "linux.seccomp.actions.kill")]
    [InlineData("SCMP_ACT_TRAP")]
    [InlineData("SCMP_ACT_KILL_PROCESS")]
    [InlineData("SCMP_ACT_KILL_THREAD")]
    [InlineData("SCMP_ACT_KILL")]
    public void A_call_ends_its_process_with_SIGSYS(string action)
    {
        TestContainer container = Container().Script("mkdir /tmp/x; echo $?; ls /tmp");
        Filter(container, "SCMP_ACT_ALLOW", Rule(action, "mkdir", "mkdirat"));
        Assert.Equal($"{128 + SIGSYS}", container.Output());
    }

    [Theory]
    [SpecRow("linux.seccomp.actions.log", "linux.seccomp.actions.trace", "linux.seccomp.actions.errno", "linux.seccomp.syscalls.errnoRet")]
    [InlineData("SCMP_ACT_LOG", null, "0")]
    [InlineData("SCMP_ACT_TRACE", 7, "Function not implemented")] // nobody traces
    [InlineData("SCMP_ACT_ERRNO", 95, "Operation not supported")]
    [InlineData("SCMP_ACT_ERRNO", null, "Operation not permitted")]
    public void A_call_is_done_or_fails_as_the_action_says(string action, int? errno, string result)
    {
        TestContainer container = Container().Script("mkdir /tmp/x 2>&1 && echo 0; true");
        JsonObject rule = Rule(action, "mkdir", "mkdirat");
        if (errno is not null)
            rule["errnoRet"] = errno;
        Filter(container, "SCMP_ACT_ALLOW", rule);
        Assert.EndsWith(result, container.Output(), StringComparison.Ordinal);
    }

    [Fact]
    [SpecRow("linux.seccomp.defaultAction", "linux.seccomp.defaultErrnoRet")]
    public void What_no_rule_names_fails_with_the_default_errno()
    {
        TestContainer container = Container().Script("mkdir /tmp/x 2>&1; true");
        Filter(container, "SCMP_ACT_ERRNO", Rule("SCMP_ACT_ALLOW", AllBut("mkdir", "mkdirat")));
        container.LinuxPart["seccomp"]!["defaultErrnoRet"] = 95;
        Assert.EndsWith("Operation not supported", container.Output(), StringComparison.Ordinal);
        container.LinuxPart["seccomp"]!.AsObject().Remove("defaultErrnoRet");
        Assert.EndsWith("Operation not permitted", container.Output(), StringComparison.Ordinal);
    }

    // kill(2): its second argument is the signal; 0 only asks.
    [Theory]
    [SpecRow("linux.seccomp.syscalls.args")]
    [InlineData("SCMP_CMP_EQ", 12, 0, "fails passes passes")]
    [InlineData("SCMP_CMP_NE", 12, 0, "passes fails fails")]
    [InlineData("SCMP_CMP_LT", 12, 0, "passes fails passes")]
    [InlineData("SCMP_CMP_LE", 12, 0, "fails fails passes")]
    [InlineData("SCMP_CMP_GT", 12, 0, "passes passes fails")]
    [InlineData("SCMP_CMP_GE", 12, 0, "fails passes fails")]
    [InlineData("SCMP_CMP_MASKED_EQ", 8, 8, "fails fails passes")]
    [InlineData("SCMP_CMP_EQ", 0x1_0000_000C, 0, "passes passes passes")] // all 64 bits count
    public void An_argument_decides(string comparison, long value, long valueTwo, string result)
    {
        TestContainer container = Container().Script("trap '' USR1 USR2 CHLD; for s in USR2 USR1 CHLD; do kill -$s $$ 2>/dev/null && echo passes || echo fails; done");
        JsonObject rule = Rule("SCMP_ACT_ERRNO", "kill");
        rule["args"] = new JsonArray(new JsonObject { ["index"] = 1, ["value"] = value, ["valueTwo"] = valueTwo, ["op"] = comparison });
        Filter(container, "SCMP_ACT_ALLOW", rule);
        Assert.Equal(result, container.Output().Replace('\n', ' '));
    }

    [Fact]
    [SpecRow("linux.seccomp.syscalls.args")]
    public void Several_rules_for_one_call_are_alternatives_and_several_arguments_are_all_demanded()
    {
        TestContainer container = Container().Script("trap '' USR1 USR2 CHLD; for s in USR2 USR1 CHLD; do kill -$s $$ 2>/dev/null && echo passes || echo fails; done");
        JsonObject first = Rule("SCMP_ACT_ERRNO", "kill"), second = Rule("SCMP_ACT_ERRNO", "kill");
        first["args"] = new JsonArray(Equal(1, 12), Equal(0, 1)); // SIGUSR2 to process 1, which the shell is
        second["args"] = new JsonArray(Equal(1, 10), Equal(0, 2)); // SIGUSR1, but to another
        Filter(container, "SCMP_ACT_ALLOW", first, second);
        Assert.Equal("fails passes passes", container.Output().Replace('\n', ' '));
        second["args"] = new JsonArray(Equal(1, 17));
        Filter(container, "SCMP_ACT_ALLOW", first, second);
        Assert.Equal("fails passes fails", container.Output().Replace('\n', ' '));

        static JsonObject Equal(int index, int value) => new() { ["index"] = index, ["value"] = value, ["op"] = "SCMP_CMP_EQ" };
    }

    [Theory]
    [SpecRow("linux.seccomp.syscalls.names")]
    [InlineData("SCMP_ACT_ERRNO", "SCMP_ACT_ALLOW")]
    [InlineData("SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO")]
    public void Names_that_no_kernel_has_yet_are_passed_over(string byDefault, string action)
    {
        TestContainer container = Container().Script("echo fine");
        Filter(container, byDefault, Rule("SCMP_ACT_ALLOW", AllBut()), Rule(action, "call_of_2030"));
        Assert.Equal("fine", container.Output());
    }

    [Theory]
    [SpecRow("linux.seccomp.flags", "linux.seccomp.architectures")]
    [InlineData("flags", "SECCOMP_FILTER_FLAG_NEW_LISTENER", "SECCOMP_FILTER_FLAG_NEW_LISTENER")]
    [InlineData("architectures", "SCMP_ARCH_Z80", "SCMP_ARCH_Z80")]
    public void Unknown_words_are_refused_by_name(string member, string word, string told)
    {
        if (member == "flags")
            RuntimeProgram.SkipUnlessOurs("runc 1.1.5 knows no flags");
        TestContainer container = Container();
        Filter(container, "SCMP_ACT_ALLOW");
        container.LinuxPart["seccomp"]![member] = TestContainer.Texts(word);
        container.Run().Refused(1, told);
    }

    [Fact]
    [SpecRow("linux.seccomp.flags")]
    public void Flags_are_taken()
    {
        RuntimeProgram.SkipUnlessOurs("runc 1.1.5 knows no flags");
        TestContainer container = Container().Script("grep ^Seccomp: /proc/self/status | tr -dc 0-9");
        Filter(container, "SCMP_ACT_ALLOW", Rule("SCMP_ACT_ERRNO", "mkdir"));
        foreach (string flag in (string[])["SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"])
        {
            container.LinuxPart["seccomp"]!["flags"] = TestContainer.Texts(flag);
            Assert.Equal("2", container.Output());
        }
    }

    [Theory]
    [SpecRow("process.noNewPrivileges")]
    [InlineData(true)]
    [InlineData(false)]
    public void The_filter_is_there_with_and_without_no_new_privs_for_root_and_others_and_for_exec(bool noNewPrivileges)
    {
        TestContainer container = Container().Script("grep -E '^(NoNewPrivs|Seccomp|Seccomp_filters):' /proc/self/status | tr -d '\\t'; mkdir /tmp/x 2>/dev/null || echo denied; sleep 1000");
        container.Process["noNewPrivileges"] = noNewPrivileges;
        container.Process["user"] = new JsonObject { ["uid"] = 1001, ["gid"] = 1001 };
        Filter(container, "SCMP_ACT_ALLOW", Rule("SCMP_ACT_ERRNO", "mkdir", "mkdirat"));
        container.Up();
        container.AwaitText(container.OutputFile, "denied");
        string[] expected = [$"NoNewPrivs:{(noNewPrivileges ? 1 : 0)}", "Seccomp:2", "Seccomp_filters:1", "denied"];
        Assert.Equal(expected, container.ContainerOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(expected, container.Exec("sh", "-c", "grep -E '^(NoNewPrivs|Seccomp|Seccomp_filters):' /proc/self/status | tr -d '\\t'; mkdir /tmp/x 2>/dev/null || echo denied").Lines);
    }

    // What the runtime calls after the filter would end the process.
    [Fact]
    [SpecRow("process.noNewPrivileges")]
    public void With_no_new_privs_nothing_of_the_runtimes_but_execve_comes_after_the_filter()
    {
        RuntimeProgram.SkipUnlessOurs();
        TestContainer container = Container().Args("/bin/true");
        container.Process["noNewPrivileges"] = true;
        Filter(container, "SCMP_ACT_ALLOW", Rule("SCMP_ACT_KILL_PROCESS", "read", "write", "sendto", "sendmsg", "recvfrom", "recvmsg", "close", "close_range", "fcntl", "dup3",
            "openat", "openat2", "statx", "faccessat2", "chdir", "getcwd", "setsid", "setresuid", "setresgid", "setgroups", "capset", "capget", "umask", "setns", "unshare",
            "mount", "umount2", "pivot_root", "seccomp", "poll", "ppoll", "exit"));
        container.Run().Good();
        container.Create().Good();
        int pid = container.Pid();
        container.Start().Good();
        container.WaitForEnd(pid);
    }

    // Engines keep profiles from before openat2(2), close_range(2) and faccessat2(2): no call of ours may depend on them.
    [Theory]
    [SpecRow("process.noNewPrivileges", "linux.seccomp.defaultAction")]
    [InlineData(true, 0)]
    [InlineData(true, 1001)]
    [InlineData(false, 0)]
    [InlineData(false, 1001)]
    public void A_profile_needs_to_know_no_more_than_its_program_does(bool noNewPrivileges, int user)
    {
        RuntimeProgram.SkipUnlessOurs("runc makes calls of its own under the filter");
        TestContainer container = Container().Script("while read line; do case $line in Cap*|Seccomp:*) echo $line;; esac; done < /proc/self/status; exec sleep 1000");
        container.Process["noNewPrivileges"] = noNewPrivileges;
        container.Process["user"] = new JsonObject { ["uid"] = user, ["gid"] = user };
        Filter(container, "SCMP_ACT_KILL_PROCESS", Rule("SCMP_ACT_ALLOW",
            "access", "arch_prctl", "brk", "clock_nanosleep", "close", "dup2", "execve", "exit_group", "fcntl", "fstat", "getcwd", "getegid", "geteuid", "getgid", "getpid", "getppid",
            "getrandom", "getuid", "ioctl", "lseek", "lstat", "mmap", "mprotect", "munmap", "nanosleep", "newfstatat", "open", "openat", "poll", "prctl", "prlimit64", "read", "readlink",
            "readlinkat", "rseq", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "set_robust_list", "set_tid_address", "setgid", "setuid", "stat", "uname", "write"));
        string[] expected = ["CapInh: 0000000000000000", "CapPrm: 0000000000000000", "CapEff: 0000000000000000", "CapBnd: 0000000000000000", "CapAmb: 0000000000000000", "Seccomp: 2"];
        container.Up();
        container.AwaitText(container.OutputFile, "Seccomp: 2");
        Assert.Equal(expected, container.ContainerOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Replace("\t", " ", StringComparison.Ordinal)));
        Assert.Equal(expected[..5], container.Exec("sh", "-c", "while read line; do case $line in Cap*) echo $line;; esac; done < /proc/self/status").Good().Lines.Select(line => line.Replace("\t", " ", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_filter_that_was_kept_is_the_same_filter_and_a_damaged_one_is_not_taken()
    {
        RuntimeProgram.SkipUnlessOurs("others keep none");
        string mark = Guid.NewGuid().ToString("n");
        TestContainer container = Container().Script("mkdir /tmp/x 2>/dev/null && echo made || echo denied");
        Filter(container, "SCMP_ACT_ALLOW", Rule("SCMP_ACT_ERRNO", "mkdir", "mkdirat"), Rule("SCMP_ACT_ALLOW", [.. AllBut(), .. Enumerable.Range(0, 200).Select(i => $"call_{i}")]));
        container.LinuxPart["seccomp"]!["listenerPath"] = $"/{mark}"; // nothing notifies: only there so that no other section is this one
        Assert.Equal("denied", container.Output());
        string entry = Directory.GetFiles("/run/runcs-seccomp").Single(file => File.ReadAllText(file).Contains(mark, StringComparison.Ordinal));
        byte[] whole = File.ReadAllBytes(entry);
        Assert.Equal("denied", container.Output());
        Assert.Equal(whole, File.ReadAllBytes(entry));
        // Every answer in it made "allow".
        byte[] damaged = [.. whole];
        int errnos = 0;
        for (int i = 0; i + 8 <= damaged.Length; i++)
        {
            if (damaged.AsSpan(i, 8).SequenceEqual((byte[])[6, 0, 0, 0, 1, 0, 5, 0]))
            {
                damaged.AsSpan(i + 4, 4).Clear();
                damaged[i + 6] = 0xff;
                damaged[i + 7] = 0x7f;
                errnos++;
            }
        }
        Assert.NotEqual(0, errnos);
        File.WriteAllBytes(entry, damaged);
        Assert.Equal("denied", container.Output());
        Assert.Equal(whole, File.ReadAllBytes(entry)); // made anew
        File.Delete(entry);
    }

    private static void Filter(TestContainer container, string byDefault, params JsonObject[] rules) => container.LinuxPart["seccomp"] = new JsonObject
    {
        ["defaultAction"] = byDefault,
        ["syscalls"] = new JsonArray([.. rules.Select(rule => rule.DeepClone())]),
    };

    private static JsonObject Rule(string action, params string[] names) => new() { ["names"] = TestContainer.Texts(names), ["action"] = action };

    /// <summary>What a shell and its programs call, and runc on the way there.</summary>
    private static string[] AllBut(params string[] denied) => [.. new[]
    {
        "access", "arch_prctl", "brk", "capget", "capset", "chdir", "chmod", "clone", "clone3", "close", "close_range", "dup", "dup2", "dup3", "epoll_create1",
        "epoll_ctl", "epoll_pwait", "epoll_wait", "eventfd2", "execve", "execveat", "exit", "exit_group", "faccessat", "faccessat2", "fchdir", "fcntl", "fstat",
        "fstatfs", "futex", "getcwd", "getdents64", "getegid", "geteuid", "getgid", "getpgrp", "getpid", "getppid", "getrandom", "getrlimit", "getsid",
        "gettid", "getuid", "ioctl", "kill", "lseek", "lstat", "madvise", "mkdir", "mkdirat", "mmap", "mprotect", "munmap", "nanosleep", "newfstatat", "open",
        "openat", "openat2", "pipe", "pipe2", "poll", "ppoll", "prctl", "pread64", "prlimit64", "read", "readlink", "readlinkat", "recvfrom", "recvmsg",
        "rseq", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sched_getaffinity", "sched_yield", "sendmsg", "sendto", "set_robust_list",
        "set_tid_address", "setgid", "setgroups", "setpgid", "setresgid", "setresuid", "setsid", "setuid", "sigaltstack", "stat", "statfs", "statx", "sysinfo",
        "tgkill", "umask", "uname", "unlink", "vfork", "wait4", "waitid", "write", "writev", "keyctl", "fchown",
    }.Except(denied)];
}
