namespace Rundlet.Linux.Cgroups;

/// <summary>Pressure stall information: how much tasks waited for a resource.</summary>
/// <param name="Some">Some of the tasks.</param>
/// <param name="Full">All of them at once.</param>
public readonly record struct PressureStats(PressureLine Some, PressureLine Full);
