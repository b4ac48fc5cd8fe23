namespace Rundlet.Linux.Cgroups;

/// <summary>One of the sorts of memory that have a limit, in bytes.</summary>
/// <param name="Usage">In use.</param>
/// <param name="MaxUsage">The most that was in use; zero where the kernel does not say.</param>
/// <param name="Limit">The limit; <see cref="ulong.MaxValue"/> for none.</param>
/// <param name="FailCount">How often the limit was hit.</param>
public readonly record struct MemoryFigure(ulong Usage, ulong MaxUsage, ulong Limit, ulong FailCount);
