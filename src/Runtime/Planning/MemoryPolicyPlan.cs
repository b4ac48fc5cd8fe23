using Rundlet.Linux;
using Rundlet.Oci;
using Rundlet.Syscalls;

namespace Rundlet.Runtime.Planning;

/// <summary>From <c>linux.memoryPolicy</c> to the arguments of set_mempolicy(2).</summary>
/// <param name="Mode">Mode and flags.</param>
/// <param name="Nodes">The nodes as bits; empty for none.</param>
internal readonly record struct MemoryPolicyPlan(uint Mode, byte[] Nodes)
{
    /// <summary>The arguments; checks what the kernel would answer with a bare EINVAL.</summary>
    /// <exception cref="ContainerException"><see cref="ContainerErrorKind.InvalidArgument"/>, naming the member.</exception>
    public static MemoryPolicyPlan Of(MemoryPolicy policy)
    {
        uint mode = ModeOf(policy.Mode);
        byte[] nodes = NumberSet.Parse(policy.Nodes ?? "", "linux.memoryPolicy.nodes");
        if (nodes.Length > 0 && mode is (MPOL.DEFAULT or MPOL.LOCAL))
            throw Invalid("nodes", $"must be empty for {policy.Mode}");
        if (nodes.Length == 0 && mode is not (MPOL.DEFAULT or MPOL.LOCAL or MPOL.PREFERRED))
            throw Invalid("nodes", $"must not be empty for {policy.Mode}");
        uint flags = 0;
        foreach (string flag in policy.Flags ?? [])
            flags |= FlagOf(flag);
        const uint Both = MPOL.F_STATIC_NODES | MPOL.F_RELATIVE_NODES;
        if ((flags & Both) == Both)
            throw Invalid("flags", "has MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES, which exclude each other");
        if (flags != 0 && nodes.Length == 0)
            throw Invalid("flags", $"has no meaning for {policy.Mode} without nodes");
        return new MemoryPolicyPlan(mode | flags, nodes);
    }

    private static uint ModeOf(string mode) => mode switch
    {
        "MPOL_DEFAULT" => MPOL.DEFAULT,
        "MPOL_PREFERRED" => MPOL.PREFERRED,
        "MPOL_BIND" => MPOL.BIND,
        "MPOL_INTERLEAVE" => MPOL.INTERLEAVE,
        "MPOL_LOCAL" => MPOL.LOCAL,
        "MPOL_PREFERRED_MANY" => MPOL.PREFERRED_MANY,
        "MPOL_WEIGHTED_INTERLEAVE" => MPOL.WEIGHTED_INTERLEAVE,
        _ => throw Invalid("mode", $"has the unknown value '{mode}'"),
    };

    private static uint FlagOf(string flag) => flag switch
    {
        "MPOL_F_STATIC_NODES" => MPOL.F_STATIC_NODES,
        "MPOL_F_RELATIVE_NODES" => MPOL.F_RELATIVE_NODES,
        "MPOL_F_NUMA_BALANCING" => MPOL.F_NUMA_BALANCING,
        _ => throw Invalid("flags", $"has the unknown value '{flag}'"),
    };

    private static ContainerException Invalid(string member, string what) => new(ContainerErrorKind.InvalidArgument, $"linux.memoryPolicy.{member} {what}");
}
