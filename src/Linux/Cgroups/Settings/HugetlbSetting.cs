namespace Rundlet.Linux.Cgroups;

/// <summary>Limit on huge pages of one size.</summary>
/// <param name="PageSize">As the kernel writes it: <c>2MB</c>, <c>1GB</c>.</param>
/// <param name="Limit">Bytes.</param>
public readonly record struct HugetlbSetting(string PageSize, ulong Limit);
