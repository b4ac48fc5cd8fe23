namespace Rundlet.Oci;

/// <summary>Limits on one RDMA device (config-linux.md, RDMA).</summary>
public sealed class RdmaLimit
{
    /// <summary>Open handles; absent is no limit.</summary>
    public uint? HcaHandles { get; set; }

    /// <summary>Objects; absent is no limit.</summary>
    public uint? HcaObjects { get; set; }
}
