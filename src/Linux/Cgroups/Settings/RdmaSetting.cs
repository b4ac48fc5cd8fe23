namespace Rundlet.Linux.Cgroups;

/// <summary>Limits on one RDMA device; null for no limit.</summary>
/// <param name="Device">Its name, such as <c>mlx5_1</c>.</param>
/// <param name="Handles">Open handles.</param>
/// <param name="Objects">Objects.</param>
public readonly record struct RdmaSetting(string Device, uint? Handles, uint? Objects);
