using System.Runtime.InteropServices;
using System.Text;
using Rundlet.Syscalls;

namespace Rundlet.Reaper;

// rundlet-init -- PROGRAM [ARG...]
//
// Pid 1 of a container, mounted into it read-only. One managed thread, nothing but system calls:
//
//   signals are blocked ──► start the program, none blocked ──► signalfd ─┬─► SIGCHLD: reap all; the program's end is ours
//        │ not yet                                                        └─► any other: pass it on
//        └──► block them and execute ourselves again
//
// They must be blocked from the first instruction on: the finalizer's thread is older than Main, and would take a signal now
// and then. The supervisor sees to that; other runtimes do not.

/// <summary>The life of a container's first process.</summary>
internal static class Program
{
    private const int OwnFailure = 125, CannotExecute = 126, NotFound = 127;
    private const int KernelSent = 0x80; // SI_KERNEL: a key of the terminal, which the program has got as well

    // All but those that cannot be, those that a fault raises, those of the C library (32, 33) and the one of .NET (34).
    private static readonly ulong s_passed = ~(Bit(SIG.KILL) | Bit(SIG.STOP) | Bit(SIG.SEGV) | Bit(SIG.BUS) | Bit(SIG.FPE) | Bit(SIG.ILL) | Bit(SIG.TRAP) | Bit(32) | Bit(33) | Bit(34));
    private static readonly ulong s_least = Bit(SIG.CHLD) | Bit(SIG.TERM);

    private static int Main()
    {
        byte[] words = ReadAll("/proc/self/cmdline"), environment = ReadAll("/proc/self/environ");
        int own = words.AsSpan().IndexOf((byte)0) + 1;
        ReadOnlySpan<byte> command = words.AsSpan(own);
        if (command.StartsWith("--\0"u8))
            command = command[3..];
        if (own <= 1 || command.IsEmpty)
            return Fail("rundlet-init is started by rundlet, as the first process of a container\n"u8, OwnFailure);
        if (Sys.rt_sigprocmask(SIG_HOW.SETMASK, s_passed, out ulong blocked) < 0)
            return Fail("rundlet-init: cannot block signals\n"u8, OwnFailure);
        if ((blocked & s_least) != s_least)
            return Fail(RawProgram.Replace("/proc/self/exe\0"u8, words, environment), "itself"u8);
        _ = Sys.prctl(PR.SET_NAME, "rundlet-init"u8); // ignored: cannot fail; executed through procfs, the name would be "exe"
        _ = Sys.prctl(PR.SET_CHILD_SUBREAPER, 1); // ignored: cannot fail; means something where the container shares its host's pids
        int signals = Sys.signalfd4(s_passed, 0);
        int program = ProgramPath.Start(command, environment);
        return program < 0 ? Fail(program, command[..command.IndexOf((byte)0)]) : Serve(signals, program);
    }

    private static int Serve(int signals, int program)
    {
        Span<byte> buffer = stackalloc byte[Marshal.SizeOf<signalfd_siginfo>()];
        while (true)
        {
            if (Sys.read(signals, buffer) != buffer.Length)
                continue; // EINTR
            signalfd_siginfo info = MemoryMarshal.Read<signalfd_siginfo>(buffer);
            if (info.ssi_signo != SIG.CHLD)
            {
                if (info.ssi_code != KernelSent)
                    _ = Sys.kill(program, (int)info.ssi_signo); // ignored: it has ended, and its SIGCHLD is on its way
                continue;
            }
            // One SIGCHLD may stand for several children.
            while (Sys.waitid(P.ALL, 0, out siginfo_t child, W.EXITED | W.NOHANG) >= 0 && child.si_pid != 0)
            {
                if (child.si_pid == program)
                    return child.si_code == CLD.EXITED ? child.si_status : 128 + child.si_status;
            }
        }
    }

    private static int Fail(int answer, ReadOnlySpan<byte> name)
    {
        LinuxException error = new(Sys.ErrorOf(answer), "execute", Encoding.UTF8.GetString(name));
        return Fail(Encoding.UTF8.GetBytes($"rundlet-init: {error.Message}\n"), error.Errno is Errno.ENOENT or Errno.ENOTDIR ? NotFound : CannotExecute);
    }

    private static int Fail(ReadOnlySpan<byte> text, int code)
    {
        _ = Sys.write(2, text); // ignored: the code says it too
        return code;
    }

    // Bytes, not strings: arguments need not be UTF-8.
    private static byte[] ReadAll(string path)
    {
        int fd = Sys.openat(Sys.AT_FDCWD, path, O.RDONLY | O.CLOEXEC);
        if (fd < 0)
            return [];
        byte[] bytes = new byte[4096];
        int length = 0;
        while (true)
        {
            nint got = Sys.read(fd, bytes.AsSpan(length));
            if (Sys.Is(got, Errno.EINTR))
                continue;
            if (got <= 0)
                break;
            length += (int)got;
            if (length == bytes.Length)
                Array.Resize(ref bytes, 2 * length);
        }
        _ = Sys.close(fd); // ignored: it was only read
        return bytes[..length];
    }

    private static ulong Bit(int signal) => 1UL << (signal - 1);
}
