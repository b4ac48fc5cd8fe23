using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Rundlet.Syscalls;

namespace Rundlet.Init;

/// <summary>
/// Answers for questions that the .NET runtime asks while it starts, and whose true answers take longer than they are worth to a
/// program that lives for milliseconds. The linker option <c>--wrap</c> sends the runtime's calls here.
/// </summary>
/// <remarks>
/// The heap has its limit (<c>eng/aot.props</c>), so nobody needs the limits of the cgroup. The stack of the first thread is known since
/// the entry: /proc/self/maps is not read. docs/adr/0002-native-aot-start-up.md.
/// </remarks>
internal static unsafe class EarlyRuntime
{
    private const nuint MainStackSize = 8 << 20; // RLIMIT_STACK of all usual machines; only a bound for looking at the stack

    private const nint RegionSize = 4 << 20; // of the garbage collector's heap, to which its regions are aligned
    private const nuint PageSize = 4096; // or more: a hint only
    private const nuint HeapLeast = 64 << 20; // no other mapping is as large
    private const int ProcessorsConfigured = 83; // _SC_NPROCESSORS_CONF
    private const int ProcessorsOnline = 84; // _SC_NPROCESSORS_ONLN

    private static nint _heap; // the first region of the heap
    private static nint _heapEnd; // 0 for none
    private static ulong _usable; // a bit for each of its first regions

    /// <summary>The upper end of the first thread's stack.</summary>
    public static nint StackEnd;

    /// <summary>The stack of a child that shares this process' memory: its lower end, and its upper one.</summary>
    public static nint ChildStack, ChildStackEnd;

    [RuntimeImport("*", "__real_opendir"), MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void* OpenFolder(byte* path);

    [RuntimeImport("*", "__real_sysconf"), MethodImpl(MethodImplOptions.InternalCall)]
    private static extern nint Configuration(int name);

    [RuntimeImport("*", "__real_mmap64"), MethodImpl(MethodImplOptions.InternalCall)]
    private static extern nint Map(nint address, nuint size, int protection, int flags, int fd, nint offset);

    [RuntimeImport("*", "__real_mprotect"), MethodImpl(MethodImplOptions.InternalCall)]
    private static extern int Protect(nint address, nuint size, int protection);

    [RuntimeImport("*", "__real_RhpGcPoll"), MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void Poll();

    [RuntimeImport("*", "__real_madvise"), MethodImpl(MethodImplOptions.InternalCall)]
    private static extern int Advise(nint address, nuint size, int advice);

    [RuntimeImport("*", "__real_pthread_getattr_np"), MethodImpl(MethodImplOptions.InternalCall)]
    private static extern int GetAttributes(nint thread, void* attributes);

    [RuntimeImport("*", "pthread_attr_init"), MethodImpl(MethodImplOptions.InternalCall)]
    private static extern int InitAttributes(void* attributes);

    [RuntimeImport("*", "pthread_attr_setstack"), MethodImpl(MethodImplOptions.InternalCall)]
    private static extern int SetStack(void* attributes, nint lowest, nuint size);

    [RuntimeImport("*", "getrandom"), MethodImpl(MethodImplOptions.InternalCall)]
    private static extern nint GetRandom(byte* buffer, nuint length, uint flags);

    // Seeds of hash codes: the runtime opens /dev/urandom for them, and keeps it open.
    [RuntimeExport("__wrap_SystemNative_GetNonCryptographicallySecureRandomBytes")]
    private static void AnswerRandomBytes(byte* buffer, int length)
    {
        while (length > 0)
        {
            nint got = GetRandom(buffer, (nuint)length, 0);
            if (got <= 0)
                continue; // interrupted; it has no other error for a good buffer
            buffer += got;
            length -= (int)got;
        }
    }

    // The runtime uses fopen(3) for its own questions alone: what memory its cgroup allows, and how much of it is used. Without an
    // answer it keeps to the heap's limit.
    [RuntimeExport("__wrap_fopen64")]
    private static void* AnswerOpenFile(byte* path, byte* mode) => null;

    // NUMA nodes, to place many heaps; there is one.
    [RuntimeExport("__wrap_opendir")]
    private static void* AnswerOpenFolder(byte* path) => Is(path, "/sys/devices/system/node\0"u8) ? null : OpenFolder(path);

    // Processors, to divide work among threads; there is one thread. How many could be there only sizes a mask for
    // sched_getaffinity(2), which wants one at least as large as the kernel's.
    [RuntimeExport("__wrap_sysconf")]
    private static nint AnswerConfiguration(int name) => name switch
    {
        ProcessorsOnline => 1,
        ProcessorsConfigured => 1024,
        _ => Configuration(name),
    };

    // The heap is reserved at once and made usable in pieces of 64 KiB: here in whole regions, a call for each.
    [RuntimeExport("__wrap_mprotect")]
    private static int AnswerProtect(nint address, nuint size, int protection)
    {
        const int Usable = PROT.READ | PROT.WRITE;
        nint region = address & -RegionSize;
        if (protection != Usable || _heapEnd == 0 || region < _heap || region + RegionSize > _heapEnd || region - _heap >= 64 * RegionSize || address + (nint)size > region + RegionSize)
            return Protect(address, size, protection);
        ulong bit = 1UL << (int)((region - _heap) / RegionSize);
        if ((_usable & bit) == 0)
        {
            if (Protect(region, (nuint)RegionSize, Usable) != 0)
                return Protect(address, size, protection);
            _usable |= bit;
        }
        // Where the runtime asks for more it is about to write to all of it: one call in place of sixteen page faults.
        if (size > PageSize)
            Advise(address, size, MADV.POPULATE_WRITE);
        return 0;
    }

    // A mapping at a fixed place takes a part of the heap back: from then on the runtime's pieces are as it says.
    [RuntimeExport("__wrap_mmap64")]
    private static nint AnswerMap(nint address, nuint size, int protection, int flags, int fd, nint offset)
    {
        nint mapped = Map(address, size, protection, flags, fd, offset);
        if ((flags & MAP.FIXED) != 0)
            _heapEnd = 0;
        else if (protection == 0 && size > HeapLeast && mapped != -1)
            (_heap, _heapEnd) = ((mapped + RegionSize - 1) & -RegionSize, mapped + (nint)size);
        return mapped;
    }

    // A child that shares the memory is no thread of the runtime, and nothing of it waits for a collection.
    [RuntimeExport("__wrap_RhpGcPoll")]
    private static void AnswerPoll()
    {
        byte here;
        if ((nint)(&here) < ChildStack || (nint)(&here) >= ChildStackEnd)
            Poll();
    }

    [RuntimeExport("__wrap_madvise")]
    private static int AnswerAdvise(nint address, nuint size, int advice) => advice switch
    {
        MADV.DODUMP => 0, // a core file leaves out what was never touched anyway
        MADV.DONTDUMP => size > HeapLeast ? Advise(address, size, MADV.NOHUGEPAGE) : 0, // a huge page would be cleared whole
        _ => Advise(address, size, advice),
    };

    // For the first thread only: its frames lie within eight megabytes of the stack's end, those of others do not.
    [RuntimeExport("__wrap_pthread_getattr_np")]
    private static int AnswerAttributes(nint thread, void* attributes)
    {
        nint here = (nint)(&thread);
        if (here >= StackEnd || (nuint)(StackEnd - here) > MainStackSize)
            return GetAttributes(thread, attributes);
        int answer = InitAttributes(attributes);
        return answer != 0 ? answer : SetStack(attributes, StackEnd - (nint)MainStackSize, MainStackSize);
    }

    private static bool Is(byte* path, ReadOnlySpan<byte> name)
    {
        byte* known = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(name));
        for (int i = 0; i < name.Length; i++)
        {
            if (path[i] != known[i])
                return false;
        }
        return true;
    }
}
