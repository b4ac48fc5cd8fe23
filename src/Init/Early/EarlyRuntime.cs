using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rundlet.Init;

/// <summary>
/// Answers for questions that the .NET runtime asks while it starts, and whose true answers take longer than they are worth to a
/// program that lives for milliseconds. The linker option <c>--wrap</c> sends the runtime's calls here.
/// </summary>
/// <remarks>
/// The heap has its limit (<c>eng/aot.props</c>), so nobody needs the limits of the cgroup: two readings of mountinfo and of eight
/// files are saved. The stack of the first thread is known since the entry: /proc/self/maps is not read. docs/adr/0002-native-aot-start-up.md.
/// </remarks>
internal static unsafe class EarlyRuntime
{
    private const nuint MainStackSize = 8 << 20; // RLIMIT_STACK of all usual machines; only a bound for looking at the stack

    /// <summary>The upper end of the first thread's stack.</summary>
    public static nint StackEnd;

    [RuntimeImport("*", "__real_fopen64"), MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void* OpenFile(byte* path, byte* mode);

    [RuntimeImport("*", "__real_pthread_getattr_np"), MethodImpl(MethodImplOptions.InternalCall)]
    private static extern int GetAttributes(nint thread, void* attributes);

    [RuntimeImport("*", "pthread_attr_init"), MethodImpl(MethodImplOptions.InternalCall)]
    private static extern int InitAttributes(void* attributes);

    [RuntimeImport("*", "pthread_attr_setstack"), MethodImpl(MethodImplOptions.InternalCall)]
    private static extern int SetStack(void* attributes, nint lowest, nuint size);

    // Whoever cannot read the mounts looks for no cgroup. The runtime uses fopen(3) for its own questions alone.
    [RuntimeExport("__wrap_fopen64")]
    private static void* AnswerOpenFile(byte* path, byte* mode) =>
        IsMountInfo(path) ? null : OpenFile(path, mode);

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

    private static bool IsMountInfo(byte* path)
    {
        ReadOnlySpan<byte> name = "/proc/self/mountinfo\0"u8;
        byte* known = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(name));
        for (int i = 0; i < name.Length; i++)
        {
            if (path[i] != known[i])
                return false;
        }
        return true;
    }
}
