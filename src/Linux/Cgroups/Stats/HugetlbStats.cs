namespace Rundlet.Linux.Cgroups;

/// <summary>Huge pages of one size, in bytes.</summary>
/// <param name="PageSize">As the kernel writes it: <c>2MB</c>.</param>
/// <param name="Usage">In use.</param>
/// <param name="MaxUsage">The most that was in use; v1 only, else zero.</param>
/// <param name="Limit">The limit; <see cref="ulong.MaxValue"/> for none.</param>
/// <param name="FailCount">How often the limit was hit.</param>
public readonly record struct HugetlbStats(string PageSize, ulong Usage, ulong MaxUsage, ulong Limit, ulong FailCount);
