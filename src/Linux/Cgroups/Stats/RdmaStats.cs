namespace Rundlet.Linux.Cgroups;

/// <summary>Use of one RDMA device.</summary>
public readonly record struct RdmaStats(string Device, ulong Handles, ulong Objects);
