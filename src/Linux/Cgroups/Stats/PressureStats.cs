namespace Rundlet.Linux.Cgroups;

/// <summary>Pressure stall information: how long tasks waited, in microseconds.</summary>
/// <param name="SomeTotal">Some of the tasks.</param>
/// <param name="FullTotal">All of them at once.</param>
/// <param name="SomeAverage10">Share of the last 10 seconds in which some waited, in hundredths of a percent.</param>
/// <param name="FullAverage10">Share of the last 10 seconds in which all waited, in hundredths of a percent.</param>
public readonly record struct PressureStats(ulong SomeTotal, ulong FullTotal, uint SomeAverage10, uint FullAverage10);
