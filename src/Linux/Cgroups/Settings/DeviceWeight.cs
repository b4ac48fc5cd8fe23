namespace Rundlet.Linux.Cgroups;

/// <summary>Weights of one block device, 10 to 1000; zero leaves one as it is.</summary>
public readonly record struct DeviceWeight(uint Major, uint Minor, ushort Weight, ushort LeafWeight = 0);
