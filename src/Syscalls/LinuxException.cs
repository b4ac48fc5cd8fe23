using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Rundlet.Syscalls;

/// <summary>
/// A system call that failed: which one, on what, and the kernel's reason. Reads
/// <c>open_tree 'layers/3': EPERM (Operation not permitted)</c>.
/// </summary>
public sealed class LinuxException : Exception
{
    /// <summary>Names the failed call.</summary>
    /// <param name="errno">The kernel's reason.</param>
    /// <param name="operation">The call, or what it was for (<c>openat2</c>, <c>mount proc on</c>).</param>
    /// <param name="subject">The object, without quotes; empty where there is none.</param>
    public LinuxException(Errno errno, string operation, string subject = "")
        : base(Describe(errno, operation, subject))
    {
        Errno = errno;
        Operation = operation;
        Subject = subject;
    }

    /// <summary>The kernel's reason.</summary>
    public Errno Errno { get; }

    /// <summary>Whether there was no space, on the disk or in the caller's share of it.</summary>
    public bool IsDiskFull => IsFull(Errno);

    /// <summary>The call, or what it was for.</summary>
    public string Operation { get; }

    /// <summary>The object, without quotes; empty where there is none.</summary>
    public string Subject { get; }

    /// <inheritdoc cref="IsDiskFull"/>
    public static bool IsFull(Errno errno) => errno is Errno.ENOSPC or Errno.EDQUOT;

    /// <summary>Passes a good answer of <see cref="Sys"/> on and throws for a negated errno.</summary>
    /// <exception cref="LinuxException">The answer is an error.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ThrowIfError(int answer, string operation, string subject = "")
    {
        if (answer < 0)
            Throw(answer, operation, subject);
        return answer;
    }

    /// <inheritdoc cref="ThrowIfError(int, string, string)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint ThrowIfError(nint answer, string operation, string subject = "")
    {
        if (Sys.ErrorOf(answer) != Errno.None)
            Throw(answer, operation, subject);
        return answer;
    }

    [DoesNotReturn]
    private static void Throw(nint answer, string operation, string subject) =>
        throw new LinuxException(Sys.ErrorOf(answer), operation, subject);

    private static string Describe(Errno errno, string operation, string subject)
    {
        string reason = $"{ErrnoText.Name(errno)} ({ErrnoText.Meaning(errno)})";
        return subject.Length == 0 ? $"{operation}: {reason}" : $"{operation} '{subject}': {reason}";
    }
}
