namespace Rundlet.Syscalls;

/// <summary>Sets of signals as the kernel has them: bit n-1 for signal n.</summary>
public static class Signals
{
    /// <summary>
    /// All that another process may send and a program may hold back: not those that a fault of its own raises, and not
    /// 32 and 33, which the C library keeps for itself, nor the one that the .NET runtime stops its threads with.
    /// </summary>
    public static ulong All => ulong.MaxValue
        & ~(1UL << (SIG.SEGV - 1)) & ~(1UL << (SIG.BUS - 1)) & ~(1UL << (SIG.FPE - 1)) & ~(1UL << (SIG.ILL - 1)) & ~(1UL << (SIG.TRAP - 1)) & ~(7UL << 31);
}
