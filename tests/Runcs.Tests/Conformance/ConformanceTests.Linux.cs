using System.Text.Json.Nodes;

namespace Rundlet.Runcs.Tests;

public sealed partial class ConformanceTests
{
    private static readonly (string Row, Action<ConformanceTests> Probe)[] s_linux =
    [
        ("linux.defaultFilesystems", t => Assert.Equal("devpts proc sysfs tmpfs", t.Container()
            .Mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro").Mount("/dev/pts", "devpts", "devpts", "newinstance", "ptmxmode=0666").Mount("/dev/shm", "tmpfs", "shm", "mode=1777", "size=64k")
            .Script("grep -E ' (/proc|/sys|/dev/pts|/dev/shm) ' /proc/self/mounts | cut -d' ' -f3 | sort | tr '\\n' ' '").Output().TrimEnd())),
        ("linux.namespaces.pid", t => t.IsNew("pid")),
        ("linux.namespaces.network", t => t.IsNew("network", "net")),
        ("linux.namespaces.mount", t => t.IsNew("mount", "mnt")),
        ("linux.namespaces.ipc", t => t.IsNew("ipc")),
        ("linux.namespaces.uts", t => t.IsNew("uts")),
        ("linux.namespaces.cgroup", t => t.IsNew("cgroup")),
        ("linux.namespaces.user", t => Assert.NotEqual(Own("user"), t.Mapped().Script("readlink /proc/self/ns/user").Output())),
        ("linux.namespaces.time", t =>
        {
            if (!File.Exists("/proc/self/ns/time"))
                Assert.Skip("needs a kernel with time namespaces");
            Assert.NotEqual(Own("time"), t.Container().Namespace("time").Script("readlink /proc/self/ns/time").Output());
        }),
        ("linux.namespaces.path", t =>
        {
            Assert.Equal(Own("net"), t.Container().Namespace("network", $"/proc/{Environment.ProcessId}/ns/net").Script("readlink /proc/self/ns/net").Output());
            Refuses(t.Container().Namespace("network", $"/proc/{Environment.ProcessId}/ns/ipc"));
            Refuses(t.Container().Namespace("network", "/etc/passwd"));
        }),
        ("linux.namespaces.inherited", t => Assert.Equal(Own("ipc"), t.Container().RemoveNamespace("ipc").Script("readlink /proc/self/ns/ipc").Output())),
        ("linux.namespaces.duplicate", t =>
        {
            TestContainer container = t.Container();
            container.LinuxPart["namespaces"]!.AsArray().Add(Json("""{"type": "ipc"}"""));
            Refuses(container);
        }),
        ("linux.uidMappings", t => Assert.Equal(" 0 100000 1000", t.Mapped().Script("tr -s ' ' </proc/self/uid_map").Output())),
        ("linux.gidMappings", t => Assert.Equal(" 0 200000 1000", t.Mapped().Script("tr -s ' ' </proc/self/gid_map").Output())),
        ("linux.timeOffsets", t => Assert.True(int.Parse(t.With("linux.timeOffsets", """{"boottime": {"secs": 500000000}}""").Namespace("time").Script("cut -d. -f1 /proc/uptime").Output(), null) > 500000000)),
        ("linux.devices", t =>
        {
            TestContainer container = t.With("linux.devices", """[{"type": "c", "path": "/dev/nought", "major": 1, "minor": 5}, {"type": "p", "path": "/dev/pipe"}, {"type": "b", "path": "/dev/block", "major": 7, "minor": 0}]""");
            Assert.Equal("character special file\nfifo\nblock special file", container.Script("stat -c %F /dev/nought /dev/pipe /dev/block").Output());
        }),
        ("linux.devices.fileMode", t => Assert.Equal("640", t.Says("linux.devices", """[{"type": "c", "path": "/dev/nought", "major": 1, "minor": 5, "fileMode": 416}]""", "stat -c %a /dev/nought"))),
        ("linux.devices.owner", t => Assert.Equal("7:9", t.Says("linux.devices", """[{"type": "c", "path": "/dev/nought", "major": 1, "minor": 5, "uid": 7, "gid": 9}]""", "stat -c %u:%g /dev/nought"))),
        ("linux.devices.mismatch", t =>
        {
            TestContainer container = t.With("linux.devices", """[{"type": "c", "path": "/etc/taken", "major": 1, "minor": 5}]""");
            File.WriteAllText($"{container.Rootfs}/etc/taken", "another file");
            Refuses(container);
        }),
        ("linux.defaultDevices", t => Assert.Equal("1:3 1:5 1:7 1:8 1:9 5:0", t.Container().Script("echo $(stat -c %t:%T /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty)").Output())),
        ("linux.defaultDevices.console", t => Assert.Contains("/dev/console is devpts", t.OnTerminal("grep ' /dev/console ' /proc/self/mounts | while read a b c d; do echo $b is $c; done"), StringComparison.Ordinal)),
        ("linux.defaultDevices.ptmx", t => Assert.Contains("ptmx", t.Container().Mount("/dev/pts", "devpts", "devpts", "newinstance", "ptmxmode=0666").Script("readlink /dev/ptmx || grep -o ' /dev/ptmx ' /proc/self/mounts").Output(), StringComparison.Ordinal)),
        ("linux.devLinks", t => Assert.Equal("/proc/self/fd /proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2", t.Container().Script("echo $(readlink /dev/fd; readlink /dev/stdin; readlink /dev/stdout; readlink /dev/stderr)").Output())),
        ("linux.fileDescriptors", t => Assert.Equal("0\n1\n2\n3", t.Container().Args("/bin/ls", "/proc/self/fd").Output())), // 3 is that folder
        ("linux.netDevices", t => t.MovesDevice()),
        ("linux.sysctl", t =>
        {
            Assert.Equal("77", t.Says("linux.sysctl", """{"net.ipv4.ip_default_ttl": "77"}""", "cat /proc/sys/net/ipv4/ip_default_ttl"));
            Refuses(t.With("linux.sysctl", """{"vm.swappiness": "61"}"""));
        }),
        ("linux.rootfsPropagation", t => Assert.Contains("shared:", t.Says("linux.rootfsPropagation", "\"shared\"", "grep ' / ' /proc/self/mountinfo"), StringComparison.Ordinal)),
        ("linux.maskedPaths", t => Assert.Equal("0 0", t.Says("linux.maskedPaths", """["/proc/version", "/proc/bus"]""", "echo $(cat /proc/version | wc -c) $(ls /proc/bus | wc -l)"))),
        ("linux.readonlyPaths", t => Assert.Equal("refused", t.Says("linux.readonlyPaths", """["/tmp"]""", "touch /tmp/x 2>/dev/null || echo refused"))),
        ("linux.mountLabel", t =>
        {
            if (!Directory.Exists("/sys/fs/selinux/class"))
                Assert.Skip("needs a kernel with SELinux: VM_KERNEL='security=selinux selinux=1' ./dev vm");
            Assert.Contains("context=", string.Join(',', MountLine(t.With("linux.mountLabel", "\"system_u:object_r:tmp_t:s0\"").Mount("/m", "tmpfs", "tmpfs"), "/m")), StringComparison.Ordinal);
        }),
        ("linux.personality.domain", t => Assert.Equal("00000008", t.OfFile("linux.personality", """{"domain": "LINUX32"}""", "personality"))),
        ("linux.memoryPolicy.mode", t => Assert.Contains("interleave", t.OfFile("linux.memoryPolicy", """{"mode": "MPOL_INTERLEAVE", "nodes": "0"}""", "numa_maps"), StringComparison.Ordinal)),
        ("linux.memoryPolicy.nodes", t => Assert.Contains("bind:0", t.OfFile("linux.memoryPolicy", """{"mode": "MPOL_BIND", "nodes": "0"}""", "numa_maps"), StringComparison.Ordinal)),
        ("linux.memoryPolicy.flags", t => Assert.Contains("bind=static:0", t.OfFile("linux.memoryPolicy", """{"mode": "MPOL_BIND", "nodes": "0", "flags": ["MPOL_F_STATIC_NODES"]}""", "numa_maps"), StringComparison.Ordinal)),
        ("linux.intelRdt", t =>
        {
            if (File.ReadAllText("/proc/mounts").Contains(" resctrl ", StringComparison.Ordinal))
                Assert.Skip("needs a machine without resctrl");
            Refuses(t.With("linux.intelRdt", """{"closID": "nosuch", "l3CacheSchema": "L3:0=f"}"""));
        }),
        ("linux.rootless", t => t.RunsWithoutRoot()),
    ];

    private static readonly (string Row, Action<ConformanceTests> Probe)[] s_seccomp =
    [
        ("linux.seccomp.defaultAction", t => Assert.Contains("Operation not permitted", t.Filtered("""{"names": ["nosuch"], "action": "SCMP_ACT_ALLOW"}""", "mkdir /x 2>&1", others: "SCMP_ACT_ERRNO"), StringComparison.Ordinal)),
        ("linux.seccomp.defaultErrnoRet", t => Assert.Contains("No space left", t.Filtered("""{"names": ["nosuch"], "action": "SCMP_ACT_ALLOW"}""", "mkdir /x 2>&1", others: "SCMP_ACT_ERRNO", errno: 28), StringComparison.Ordinal)),
        ("linux.seccomp.architectures", t =>
        {
            TestContainer container = t.With("linux.seccomp", """{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"], "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}]}""");
            Assert.Contains("No space left", container.Script("mkdir /x 2>&1; true").Output(), StringComparison.Ordinal);
            Refuses(t.With("linux.seccomp", """{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_NOSUCH"]}"""));
        }),
        ("linux.seccomp.flags", t => Assert.Equal("2", t.Says("linux.seccomp", """{"defaultAction": "SCMP_ACT_ALLOW", "flags": ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"], "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"}]}""", "grep Seccomp: /proc/self/status | cut -f2"))),
        ("linux.seccomp.listenerPath", t => Assert.Equal("seccompFd", (string?)t.Notified()["fds"]![0])),
        ("linux.seccomp.listenerMetadata", t => Assert.Equal("opaque", (string?)t.Notified()["metadata"])),
        ("linux.seccomp.actions.notify", t => Assert.NotNull(t.Notified()["state"]!["id"])),
        ("linux.seccomp.syscalls.names", t => Assert.Contains("No space left", t.Filtered("""{"names": ["nosuch", "mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}""", "mkdir /x 2>&1"), StringComparison.Ordinal)),
        ("linux.seccomp.syscalls.errnoRet", t => Assert.Contains("No space left", t.Filtered("""{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}""", "mkdir /x 2>&1"), StringComparison.Ordinal)),
        ("linux.seccomp.syscalls.args", t =>
        {
            // kill(2) with one signal, and with those that a comparison names.
            foreach ((string op, string passed) in ((string, string)[])[("EQ", "9 11"), ("NE", "10"), ("LT", "10 11"), ("LE", "11"), ("GT", "9 10"), ("GE", "9")])
            {
                string rule = "{\"names\": [\"kill\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 28, \"args\": [{\"index\": 1, \"value\": 10, \"op\": \"SCMP_CMP_" + op + "\"}]}";
                Assert.Equal(passed, t.Filtered(rule, "echo $(for s in 9 10 11; do kill -$s 999 2>&1 | grep -q 'No such process' && echo $s; done)"));
            }
        }),
        ("linux.seccomp.actions.errno", t => Assert.Contains("Operation not permitted", t.Filtered("""{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}""", "mkdir /x 2>&1"), StringComparison.Ordinal)),
        ("linux.seccomp.actions.kill", t => Assert.Equal("159 159", t.Filtered("""{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_KILL_PROCESS"}, {"names": ["rmdir"], "action": "SCMP_ACT_KILL"}""", "mkdir /x 2>/dev/null; a=$?; rmdir /x 2>/dev/null; echo $a $?"))),
        ("linux.seccomp.actions.trap", t => Assert.Equal("159", t.Filtered("""{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_TRAP"}""", "mkdir /x 2>/dev/null; echo $?"))),
        ("linux.seccomp.actions.trace", t => Assert.Contains("not implemented", t.Filtered("""{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_TRACE"}""", "mkdir /x 2>&1"), StringComparison.Ordinal)),
        ("linux.seccomp.actions.log", t => Assert.Equal("made", t.Filtered("""{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_LOG"}""", "mkdir /x && echo made"))),
    ];

    private static string Own(string name) => new FileInfo($"/proc/self/ns/{name}").LinkTarget!;

    private void IsNew(string type, string? file = null) =>
        Assert.NotEqual(Own(file ?? type), Container().Namespace(type).Script($"readlink /proc/self/ns/{file ?? type}").Output());

    private TestContainer Mapped()
    {
        TestContainer container = Container().Namespace("user");
        container.LinuxPart["uidMappings"] = Json("""[{"containerID": 0, "hostID": 100000, "size": 1000}]""");
        container.LinuxPart["gidMappings"] = Json("""[{"containerID": 0, "hostID": 200000, "size": 1000}]""");
        return container;
    }

    private string OfFile(string path, string json, string file)
    {
        TestContainer container = With(path, json).Args("/bin/sleep", "1000").Up();
        return File.ReadAllText($"/proc/{container.Pid()}/{file}").Trim();
    }

    private string Filtered(string rules, string script, string others = "SCMP_ACT_ALLOW", int errno = 1)
    {
        if (others == "SCMP_ACT_ALLOW")
            return Says("linux.seccomp", "{\"defaultAction\": \"" + others + "\", \"syscalls\": [" + rules + "]}", $"{script}; true");
        // Everything that a shell and mkdir need, and not mkdir.
        string profile = "{\"defaultAction\": \"" + others + "\", \"defaultErrnoRet\": " + Number(errno) + ", \"syscalls\": [" + rules + ", {\"names\": [" + string.Join(", ", s_harmless.Select(name => $"\"{name}\"")) + "], \"action\": \"SCMP_ACT_ALLOW\"}]}";
        return Says("linux.seccomp", profile, $"{script}; true");
    }

    private static readonly string[] s_harmless =
    [
        "read", "write", "open", "openat", "close", "stat", "fstat", "lstat", "newfstatat", "poll", "lseek", "mmap", "mprotect", "munmap", "brk", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn",
        "ioctl", "access", "pipe", "pipe2", "dup2", "dup", "getpid", "clone", "fork", "vfork", "execve", "exit", "exit_group", "wait4", "kill", "uname", "fcntl", "getcwd", "chdir", "umask", "getuid", "getgid",
        "geteuid", "getegid", "getppid", "arch_prctl", "set_tid_address", "set_robust_list", "rseq", "prlimit64", "getrandom", "readlink", "writev", "futex", "getdents64", "statx", "setgid", "setuid", "capset",
        "prctl", "setresuid", "setresgid", "setgroups", "close_range", "fchdir", "execveat", "faccessat", "faccessat2", "tgkill", "gettid", "sigaltstack", "nanosleep", "sched_yield", "epoll_pwait", "epoll_ctl", "capget",
        "sendmsg", "recvmsg", "sendto", "recvfrom", "openat2", "fstatfs", "statfs", "seccomp", "keyctl", "madvise", "sched_getaffinity", "set_mempolicy", "personality", "ppoll", "eventfd2", "epoll_create1",
    ];
}
