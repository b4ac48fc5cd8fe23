using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rundlet.Syscalls;

// What belongs in this project: the kernel's ABI (numbers, constants, structs) and every P/Invoke of the product.
// What does not: decisions. A method here is one system call in the kernel's spelling, and says what the kernel said.
//
// Convention: each wrapper returns the kernel's own answer, a value >= 0 or a negated errno. Nothing here throws
// except for a string that cannot be a C string. `LinuxException.ThrowIfError` turns an answer into an exception.

/// <summary>
/// Linux system calls, one method each, named as in section 2 of the manual. Every answer is the kernel's: a value
/// of zero or more, or the error number negated.
/// </summary>
public static unsafe partial class Sys
{
    /// <summary>The calling process' working folder, wherever a <c>dirfd</c> is wanted.</summary>
    public const int AT_FDCWD = -100;

    [DllImport("libc", EntryPoint = "syscall")]
    private static extern nint libc_syscall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

    [DllImport("libc", EntryPoint = "__errno_location"), SuppressGCTransition]
    private static extern int* libc_errno();

    /// <summary>Any system call by number; see syscall(2). The answer is the kernel's, errors negated.</summary>
    public static nint Call(int number, nint a = 0, nint b = 0, nint c = 0, nint d = 0, nint e = 0, nint f = 0)
    {
        nint answer = libc_syscall(number, a, b, c, d, e, f);
        return answer == -1 ? -*libc_errno() : answer;
    }

    /// <summary>The error in an answer of this class, or <see cref="Errno.None"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Errno ErrorOf(nint answer) => answer is < 0 and >= -4095 ? (Errno)(int)-answer : Errno.None;

    /// <summary>Whether an answer of this class is that error.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Is(nint answer, Errno errno) => answer == -(nint)(int)errno;
}
