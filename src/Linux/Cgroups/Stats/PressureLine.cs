namespace Rundlet.Linux.Cgroups;

/// <summary>How long tasks waited; averages are shares of the last seconds in hundredths of a percent.</summary>
/// <param name="Average10">Of the last 10 seconds.</param>
/// <param name="Average60">Of the last 60 seconds.</param>
/// <param name="Average300">Of the last 300 seconds.</param>
/// <param name="Total">In all, in microseconds.</param>
public readonly record struct PressureLine(uint Average10, uint Average60, uint Average300, ulong Total);
