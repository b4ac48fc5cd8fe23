namespace Rundlet.Linux.Cgroups;

/// <summary>Number of tasks.</summary>
/// <param name="Current">Now.</param>
/// <param name="Limit">The most; <see cref="ulong.MaxValue"/> for none.</param>
public readonly record struct PidsStats(ulong Current, ulong Limit);
