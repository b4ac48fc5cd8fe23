namespace Rundlet.Linux.Seccomp;

// What belongs in this folder: system call filters, from a profile in terms of names to a program of classic BPF.
// What does not: loading it, which the child of a container start does last.

/// <summary>An ABI that system calls are made in. The values are columns of the table of numbers.</summary>
public enum SeccompArchitecture
{
    /// <summary>64-bit Intel and AMD.</summary>
    X86_64,

    /// <summary>32-bit pointers on x86_64.</summary>
    X32,

    /// <summary>32-bit Intel.</summary>
    X86,

    /// <summary>64-bit ARM.</summary>
    Aarch64,

    /// <summary>32-bit ARM, EABI.</summary>
    Arm,
}
