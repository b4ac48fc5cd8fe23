namespace Rundlet.Oci;

/// <summary>NUMA memory policy of the container’s processes, set_mempolicy(2) (config-linux.md, Memory Policy; since 1.3).</summary>
public sealed class MemoryPolicy
{
    /// <summary><c>MPOL_BIND</c>, <c>MPOL_INTERLEAVE</c>, ….</summary>
    public required string Mode { get; set; }

    /// <summary>Node list: <c>0-3,7</c>.</summary>
    public string? Nodes { get; set; }

    /// <summary><c>MPOL_F_STATIC_NODES</c>, ….</summary>
    public List<string>? Flags { get; set; }
}
