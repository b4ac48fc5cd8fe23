namespace Rundlet.Linux.Seccomp;

/// <summary>A compiled filter.</summary>
/// <param name="Filter">Instructions of classic BPF, <c>struct sock_filter</c>, eight bytes each, as seccomp(2) takes them.</param>
/// <param name="Flags">Flags to load it with.</param>
/// <param name="Notifies">Whether it has <see cref="SeccompAction.Notify"/> in it: then it is loaded with <c>SECCOMP_FILTER_FLAG_NEW_LISTENER</c>.</param>
public readonly record struct SeccompProgram(byte[] Filter, uint Flags, bool Notifies)
{
    /// <summary>Number of instructions, 1 to 4096.</summary>
    public int Length => Filter.Length / 8;
}
