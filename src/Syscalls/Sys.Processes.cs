namespace Rundlet.Syscalls;

public static unsafe partial class Sys
{
    /// <summary>unshare(2) for the calling thread.</summary>
    public static int unshare(ulong flags) => (int)Call(SYS.unshare, (nint)flags);

    /// <summary>setns(2) with a namespace fd or, since Linux 5.8, a pidfd and several flags.</summary>
    public static int setns(int fd, ulong flags) => (int)Call(SYS.setns, fd, (nint)flags);

    /// <summary>kill(2).</summary>
    public static int kill(int pid, int signal) => (int)Call(SYS.kill, pid, signal);

    /// <summary>pidfd_open(2), Linux 5.3.</summary>
    public static int pidfd_open(int pid, uint flags = 0) => (int)Call(SYS.pidfd_open, pid, (nint)flags);

    /// <summary>pidfd_send_signal(2), Linux 5.1.</summary>
    public static int pidfd_send_signal(int pidfd, int signal) => (int)Call(SYS.pidfd_send_signal, pidfd, signal, 0, 0);

    /// <summary>pidfd_getfd(2), Linux 5.6.</summary>
    public static int pidfd_getfd(int pidfd, int target) => (int)Call(SYS.pidfd_getfd, pidfd, target, 0);

    /// <summary>waitid(2). <paramref name="info"/> stays zero with <c>WNOHANG</c> and nothing to report.</summary>
    public static int waitid(int idType, int id, out siginfo_t info, int options)
    {
        info = default;
        fixed (siginfo_t* i = &info)
            return (int)Call(SYS.waitid, idType, id, (nint)i, options, 0);
    }

    /// <summary>execveat(2); comes back only with an error. The vectors end with a null pointer.</summary>
    public static int execveat(int dirfd, CString path, byte** arguments, byte** environment, int flags)
    {
        fixed (byte* p = path)
            return (int)Call(SYS.execveat, dirfd, (nint)p, (nint)arguments, (nint)environment, flags);
    }

    /// <summary>getpid(2).</summary>
    public static int getpid() => (int)Call(SYS.getpid);

    /// <summary>getppid(2).</summary>
    public static int getppid() => (int)Call(SYS.getppid);

    /// <summary>gettid(2).</summary>
    public static int gettid() => (int)Call(SYS.gettid);

    /// <summary>setsid(2).</summary>
    public static int setsid() => (int)Call(SYS.setsid);

    /// <summary>geteuid(2).</summary>
    public static uint geteuid() => (uint)Call(SYS.geteuid);

    /// <summary>getegid(2).</summary>
    public static uint getegid() => (uint)Call(SYS.getegid);

    /// <summary>prctl(2).</summary>
    public static int prctl(int option, nint a = 0, nint b = 0, nint c = 0, nint d = 0) => (int)Call(SYS.prctl, option, a, b, c, d);

    /// <summary>prctl(2) with a text, for <c>PR_SET_NAME</c>.</summary>
    public static int prctl(int option, CString text)
    {
        fixed (byte* t = text)
            return (int)Call(SYS.prctl, option, (nint)t, 0, 0, 0);
    }

    /// <summary>umask(2): the mask that was in force.</summary>
    public static int umask(uint mask) => (int)Call(SYS.umask, (nint)mask);

    /// <summary>capget(2), version 3.</summary>
    public static int capget(int pid, Span<cap_user_data> data)
    {
        cap_user_header header = new() { version = CAP.VERSION_3, pid = pid };
        fixed (cap_user_data* d = data)
            return (int)Call(SYS.capget, (nint)(&header), (nint)d);
    }

    /// <summary>prlimit64(2).</summary>
    public static int prlimit64(int pid, int resource, rlimit64* limit, rlimit64* old) =>
        (int)Call(SYS.prlimit64, pid, resource, (nint)limit, (nint)old);

    /// <summary>seccomp(2).</summary>
    public static int seccomp(uint operation, uint flags, void* argument) => (int)Call(SYS.seccomp, (nint)operation, (nint)flags, (nint)argument);

    /// <summary>exit_group(2): ends the process at once.</summary>
    public static void exit_group(int status) => Call(SYS.exit_group, status);

    /// <summary>rt_sigprocmask(2) with a 64-bit set: the set that was in force goes to <paramref name="old"/>.</summary>
    public static int rt_sigprocmask(int how, ulong set, out ulong old)
    {
        ulong before = 0;
        int answer = (int)Call(SYS.rt_sigprocmask, how, (nint)(&set), (nint)(&before), sizeof(ulong));
        old = before;
        return answer;
    }

    /// <summary>signalfd4(2): a new signalfd for a 64-bit set; always with <c>SFD_CLOEXEC</c>.</summary>
    public static int signalfd4(ulong set, int flags) => (int)Call(SYS.signalfd4, -1, (nint)(&set), sizeof(ulong), flags | O.CLOEXEC);

    /// <summary>uname(2).</summary>
    public static int uname(out utsname name)
    {
        fixed (utsname* n = &name)
            return (int)Call(SYS.uname, (nint)n);
    }

    /// <summary>getrandom(2).</summary>
    public static nint getrandom(Span<byte> buffer)
    {
        fixed (byte* b = buffer)
            return Call(SYS.getrandom, (nint)b, buffer.Length, 0);
    }

    /// <summary>clock_gettime(2).</summary>
    public static int clock_gettime(int clock, out timespec time)
    {
        fixed (timespec* t = &time)
            return (int)Call(SYS.clock_gettime, clock, (nint)t);
    }
}
