using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rundlet.Syscalls;

/// <summary>
/// The system calls of the child between clone3(2) and execve(2), and clone3 itself: no transition of the garbage
/// collector, no allocation, no throw. Nothing but <c>Init</c> may use it; everything it reaches is on the list that
/// <c>./dev childcheck</c> compares with the disassembly.
/// </summary>
public static unsafe class ChildSys
{
    [DllImport("libc", EntryPoint = "syscall"), SuppressGCTransition]
    private static extern nint libc_syscall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

    [DllImport("libc", EntryPoint = "__errno_location"), SuppressGCTransition]
    private static extern int* libc_errno();

    /// <summary>A system call; errors come back negated.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static nint Call(nint number, nint a = 0, nint b = 0, nint c = 0, nint d = 0, nint e = 0, nint f = 0)
    {
        nint answer = libc_syscall(number, a, b, c, d, e, f);
        return answer == -1 ? -*libc_errno() : answer;
    }
}
