using System.Text;

namespace Rundlet.Torture;

/// <summary>Values that somebody got wrong once: what programs choke on, and words of the specification in wrong places.</summary>
internal static class Garbage
{
    public static readonly string[] Numbers =
    [
        "0", "-0", "1", "-1", "2", "7", "64", "100", "255", "256", "511", "1000", "4095", "4096", "65535", "65536", "1048576", "2147483647", "2147483648",
        "-2147483648", "-2147483649", "4294967294", "4294967295", "4294967296", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
        "-9223372036854775809", "18446744073709551615", "18446744073709551616", "1e3", "1.5", "1e400", "-1e400", "1e-400", "0.0", "99999999999999999999999999999999",
    ];

    public static readonly string[] Words =
    [
        "null", "true", "false", "{}", "[]", "\"\"", "[[]]", "[null]", "[{}]", "{\"\":null}", "[\"\"]", "[0]", "\"null\"", "\"0\"", "\"-1\"", "NaN", "Infinity", "undefined", "'x'", "01", "+1", ".5", "",
    ];

    public static readonly string[] Texts =
    [
        "/", "//", ".", "..", "/..", "../..", "/../../..", "./", "a", "relative/path", "/proc", "/proc/self", "/proc/self/fd", "/proc/self/exe", "/proc/1/root", "/proc/self/ns/net",
        "/proc/self/ns/mnt", "/proc/self/ns/pid", "/proc/1/ns/user", "/proc/1/ns/uts", "/proc/self/ns/cgroup", "/proc/thread-self/attr/exec", "/sys", "/sys/fs/cgroup", "/dev", "/dev/null", "/dev/console",
        "/dev/pts", "/dev/ptmx", "/dev/fd/0", "/etc/passwd", "/missing/deep/path", "/tmp/torture/fifo", "/tmp/torture/socket", "/tmp/torture/source", "/tmp/torture/source/file", "/link", "/loop", "/up", "/dangling", "/bin/true", "true", "/bin",
        "/data/../../x", "a\nb", "a\tb", " ", "-", "--help", "=", "=x", "x=", "PATH=", "PATH=/bin", "LD_PRELOAD=/x.so", "%s%n", "$(true)", "`true`", ";", "*", "a,b", "a=b,c=d", "\\", "\"", "\u001b[2J", "\u0085", "\u2028", "ü", "日本", "😀", "\ufeff",
        "pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time", "net", "mnt", "PID", "bind", "rbind", "ro", "rw", "rro", "nosuid", "dev", "exec", "remount", "private", "rshared", "rslave", "unbindable", "shared", "slave", "idmap", "ridmap", "tmpcopyup",
        "size=0", "size=-1", "size=1k", "mode=9999", "mode=", "uid=4294967295", "gid=5", "nr_inodes=1", "ptmxmode=0666", "newinstance", "lowerdir=/", "upperdir=/tmp", "source=/", "context=x", "norelatime", "strictatime", "nodiratime", "nosymfollow", "sync", "dirsync", "mand", "iversion", "silent", "loud", "defaults", "rnoexec", "ratime",
        "tmpfs", "proc", "sysfs", "devpts", "mqueue", "cgroup2", "overlay", "none", "nosuchfs", "ramfs", "securityfs",
        "CAP_SYS_ADMIN", "CAP_CHOWN", "cap_chown", "CAP_", "CAP_FLY", "ALL", "RLIMIT_NOFILE", "RLIMIT_CPU", "RLIMIT_AS", "RLIMIT_STACK", "RLIMIT_NPROC", "RLIMIT_", "nofile",
        "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_NOTIFY", "SCMP_ACT_TRACE", "SCMP_ACT_KILL_PROCESS", "SCMP_CMP_EQ", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_GT", "SCMP_ARCH_X86_64", "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64", "SCMP_ARCH_NATIVE", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_TSYNC", "execve", "read", "write", "openat", "clone3", "nosuchcall",
        "c", "b", "u", "p", "a", "rwm", "r", "z", "0-1", "0", "1-0", "0-99999", "0,", "max", "2MB", "1GB", "8:0", "1.0.2", "1.3.0", "2.0.0", "0.0.1", "", "1", "65536",
        "net.ipv4.ip_forward", "net.core.somaxconn", "kernel.shmmax", "kernel.msgmax", "fs.mqueue.msg_max", "kernel.domainname", "kernel.hostname", "net..x", "net/../kernel/x", "/net", "memory.high", "cgroup.freeze", "cgroup.procs", "cgroup.type", "cgroup.kill", "../cgroup.freeze", "pids.max",
        "SCHED_OTHER", "SCHED_BATCH", "SCHED_IDLE", "SCHED_DEADLINE", "IOPRIO_CLASS_RT", "IOPRIO_CLASS_IDLE", "LINUX", "LINUX32", "MPOL_BIND", "MPOL_DEFAULT", "MPOL_LOCAL", "run.oci.keep_original_groups", "org.systemd.property.X", "unconfined", "system_u:object_r:x:s0",
    ];

    public static readonly string[] Names =
    [
        "ociVersion", "process", "terminal", "consoleSize", "height", "width", "user", "uid", "gid", "umask", "additionalGids", "args", "env", "cwd", "capabilities", "bounding", "effective", "inheritable", "permitted", "ambient", "rlimits",
        "hard", "soft", "type", "noNewPrivileges", "apparmorProfile", "selinuxLabel", "oomScoreAdj", "scheduler", "policy", "nice", "flags", "ioPriority", "class", "priority", "execCPUAffinity", "initial", "final", "root", "readonly", "hostname", "domainname",
        "mounts", "destination", "options", "uidMappings", "gidMappings", "containerID", "hostID", "size", "hooks", "createRuntime", "startContainer", "poststop", "timeout", "annotations", "linux", "namespaces", "timeOffsets", "monotonic", "secs", "nanosecs", "devices",
        "major", "minor", "fileMode", "netDevices", "name", "resources", "allow", "access", "memory", "limit", "swap", "cpu", "shares", "period", "cpus", "pids", "blockIO", "weight", "hugepageLimits", "pageSize", "network", "rdma", "unified", "intelRdt", "memoryPolicy", "sysctl", "seccomp",
        "defaultAction", "defaultErrnoRet", "architectures", "syscalls", "names", "action", "errnoRet", "index", "value", "valueTwo", "op", "listenerPath", "listenerMetadata", "rootfsPropagation", "maskedPaths", "readonlyPaths", "mountLabel", "personality", "domain", "", "x", "__proto__", "ü",
    ];

    // No decoder may read these as something harmless: cut off, overlong, surrogates, NUL.
    private static readonly byte[][] s_bytes =
    [
        [0xFF], [0xC0, 0x80], [0xC3], [0xE2, 0x82], [0xF0, 0x9F], [0xED, 0xA0, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0], [0x1F], [0x80],
        "\\u0000"u8.ToArray(), "\\ud800"u8.ToArray(), "\\udc00x"u8.ToArray(), "\\u12"u8.ToArray(), "\\x"u8.ToArray(), "\\"u8.ToArray(), "\n"u8.ToArray(), "\""u8.ToArray(),
    ];

    /// <summary>A text with its quotes; not always valid.</summary>
    public static byte[] Text(Random random)
    {
        switch (random.Next(16))
        {
            case 0 when random.Next(3) == 0:
                return Bytes(random);
            case 1:
                int length = random.Next(6) switch { 0 => 255, 1 => 256, 2 => 4095, 3 => 4097, 4 => 65537, _ => random.Next(2000) };
                return Leaf.Quote(new string("/ax."[random.Next(4)], length));
            case 2:
                return Leaf.Quote(Pick(random, Texts) + Pick(random, Texts));
            case 3:
                return Leaf.Quote("/" + string.Join('/', Enumerable.Repeat(Pick(random, Texts).Trim('/'), random.Next(1, 300))));
            case 4:
                return Leaf.Quote(Pick(random, Texts) + "/");
            default:
                return Leaf.Quote(Pick(random, Texts));
        }
    }

    private static byte[] Bytes(Random random)
    {
        using MemoryStream made = new();
        made.WriteByte((byte)'"');
        made.Write(Encoding.UTF8.GetBytes(random.Next(2) == 0 ? "/" : "a"));
        made.Write(s_bytes[random.Next(s_bytes.Length)]);
        made.Write("b"u8);
        made.WriteByte((byte)'"');
        return made.ToArray();
    }

    /// <summary>One of a list.</summary>
    public static T Pick<T>(Random random, IReadOnlyList<T> from) => from[random.Next(from.Count)];
}
