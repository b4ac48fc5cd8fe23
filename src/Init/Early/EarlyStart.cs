using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Rundlet.Syscalls;

namespace Rundlet.Init;

/// <summary>
/// What <c>runcs</c> does before the C library and the .NET runtime exist: it makes sure to run from a read-only copy of its own
/// file, so that no container can ever write to the host's binary through <c>/proc/self/exe</c> (CVE-2019-5736), and holds signals
/// back so that the runtime's own threads never take one.
/// </summary>
/// <remarks>
/// The linker option <c>--wrap=__libc_start_main</c> sends the entry of the program here. A program that will execute its copy has no
/// use for a C library: setting one up asks the processor for its caches a hundred times, and under a hypervisor each answer
/// takes microseconds. There is neither C library nor runtime yet: nothing may allocate, throw, touch a static that needs a
/// constructor, or call memset and its kin; the method that goes on to the C library may have no stackalloc.
/// </remarks>
internal static unsafe class EarlyStart
{
    private const int ReadOnlyMount = 1; // ST_RDONLY of statvfs(3)
    private const int ArchPrctl = 158; // of x86_64 alone: not in SYS, whose names all architectures have
    private const int SetThreadPointer = 0x1002; // ARCH_SET_FS of arch_prctl(2)
    private const int ThreadData = 2048; // more than all thread-local variables of the program

    [RuntimeImport("*", "syscall"), MethodImpl(MethodImplOptions.InternalCall)]
    private static extern nint Call(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

#if ARM64
    // There the thread pointer is a register that C# cannot set: the C library goes first.
    [RuntimeImport("*", "__real_main"), MethodImpl(MethodImplOptions.InternalCall)]
    private static extern int RealMain(int count, byte** arguments, byte** environment);

    [RuntimeExport("__wrap_main")]
    private static int Main(int count, byte** arguments, byte** environment)
    {
        Prepare(arguments, environment);
        return RealMain(count, arguments, environment);
    }
#else
    [RuntimeImport("*", "__real___libc_start_main"), MethodImpl(MethodImplOptions.InternalCall)]
    private static extern int StartLibrary(nint main, int count, byte** arguments, nint init, nint finish, nint finishLoader, nint stackEnd);

    [RuntimeExport("__wrap___libc_start_main")]
    private static int Start(nint main, int count, byte** arguments, nint init, nint finish, nint finishLoader, nint stackEnd)
    {
        Prepare(arguments, arguments + count + 1);
        EarlyRuntime.StackEnd = stackEnd;
        return StartLibrary(main, count, arguments, init, finish, finishLoader, stackEnd);
    }
#endif

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Prepare(byte** arguments, byte** environment)
    {
        // The library's syscall(2) leaves the error in errno, which lies beside the thread pointer, and there is none yet. This one
        // is good until the library sets its own.
#if !ARM64
        byte* thread = stackalloc byte[2 * ThreadData];
        Call(ArchPrctl, SetThreadPointer, (nint)(thread + ThreadData), 0, 0, 0, 0);
#endif
        FillStdio();
        if (!IsProtected())
        {
            ExecuteReadOnlyMount(arguments, environment);
            // Where mounts may not be made, a sealed copy in memory. A caller who is not root cannot write to the
            // host's binary either, unless it is their own.
            ExecuteSealedCopy(arguments, environment);
            if (Call(SYS.geteuid, 0, 0, 0, 0, 0, 0) == 0)
                Refuse();
        }
        HoldSignals();
    }
    // Where the caller closed stdin, stdout or stderr, the next file that is opened would be taken for it: a socket of
    // ours would get error texts, or be the container's stdin.
    private static void FillStdio()
    {
        for (nint fd = 0; fd <= 2; fd++)
        {
            if (Call(SYS.fcntl, fd, F.GETFD, 0, 0, 0, 0) < 0)
                Call(SYS.openat, Sys.AT_FDCWD, Text("/dev/null\0"u8), O.RDWR, 0, 0, 0);
        }
    }

    // Either the file lies on a read-only mount, or it is a sealed memfd.
    private static bool IsProtected()
    {
        statfs_t info;
        nint fd = Call(SYS.openat, Sys.AT_FDCWD, Text("/proc/self/exe\0"u8), O.RDONLY | O.CLOEXEC, 0, 0, 0);
        if (fd < 0)
            return false;
        bool readOnly = Call(SYS.fstatfs, fd, (nint)(&info), 0, 0, 0, 0) == 0 && (info.f_flags & ReadOnlyMount) != 0;
        nint seals = Call(SYS.fcntl, fd, F.GET_SEALS, 0, 0, 0, 0);
        Call(SYS.close, fd, 0, 0, 0, 0, 0);
        return readOnly || (seals > 0 && (seals & F.SEAL_WRITE) != 0);
    }

    private static void ExecuteReadOnlyMount(byte** arguments, byte** environment)
    {
        mount_attr attributes;
        attributes.attr_set = MOUNT_ATTR.RDONLY;
        attributes.attr_clr = 0;
        attributes.propagation = 0;
        attributes.userns_fd = 0;
        nint empty = Text("\0"u8);
        nint tree = Call(SYS.open_tree, Sys.AT_FDCWD, Text("/proc/self/exe\0"u8), (nint)(MOUNT.OPEN_TREE_CLONE | MOUNT.OPEN_TREE_CLOEXEC), 0, 0, 0);
        if (tree < 0)
            return;
        if (Call(SYS.mount_setattr, tree, empty, AT.EMPTY_PATH, (nint)(&attributes), sizeof(mount_attr), 0) == 0)
            Call(SYS.execveat, tree, empty, (nint)arguments, (nint)environment, AT.EMPTY_PATH, 0);
        Call(SYS.close, tree, 0, 0, 0, 0, 0);
    }

    private static void ExecuteSealedCopy(byte** arguments, byte** environment)
    {
        const int Seals = F.SEAL_SEAL | F.SEAL_SHRINK | F.SEAL_GROW | F.SEAL_WRITE;
        nint self = Call(SYS.openat, Sys.AT_FDCWD, Text("/proc/self/exe\0"u8), O.RDONLY | O.CLOEXEC, 0, 0, 0);
        nint copy = Call(SYS.memfd_create, Text("runcs\0"u8), (nint)(MFD.CLOEXEC | MFD.ALLOW_SEALING), 0, 0, 0, 0);
        if (self < 0 || copy < 0)
            return;
        while (Call(SYS.sendfile, copy, self, 0, 1 << 30, 0, 0) > 0)
        {
        }
        if (Call(SYS.fcntl, copy, F.ADD_SEALS, Seals, 0, 0, 0) == 0)
            Call(SYS.execveat, copy, Text("\0"u8), (nint)arguments, (nint)environment, AT.EMPTY_PATH, 0);
        Call(SYS.close, self, 0, 0, 0, 0, 0);
        Call(SYS.close, copy, 0, 0, 0, 0, 0);
    }

    private static void Refuse()
    {
        ReadOnlySpan<byte> message = "runcs: cannot make a read-only copy of itself, and will not run from a file that a container could change\nhint: is /proc mounted, and may this process mount or use memfd_create\n"u8;
        Call(SYS.write, 2, (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(message)), message.Length, 0, 0, 0);
        Call(SYS.exit_group, 1, 0, 0, 0, 0, 0);
    }

    // The runtime's threads inherit the mask; the main thread lets signals through again in Main.
    private static void HoldSignals()
    {
        ulong held = Signals.All;
        Call(SYS.rt_sigprocmask, SIG_HOW.BLOCK, (nint)(&held), 0, sizeof(ulong), 0, 0);
        Call(SYS.prctl, PR.SET_NAME, Text("runcs\0"u8), 0, 0, 0, 0);
    }

    private static nint Text(ReadOnlySpan<byte> literal) => (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(literal));
}
