namespace Rundlet.Linux.Cgroups;

/// <summary>A rate on one block device, in bytes or operations a second; zero for no limit.</summary>
public readonly record struct DeviceRate(uint Major, uint Minor, ulong Rate);
