using Rundlet.Oci;

namespace Rundlet.Runtime.Planning;

/// <summary>The five sets of a process as masks, bit n for capability n; see capabilities(7).</summary>
internal readonly record struct ProcessCapabilities(ulong Bounding, ulong Effective, ulong Permitted, ulong Inheritable, ulong Ambient)
{
    /// <summary>The sets that a process gets: what the spec names, cut down to what the caller can give.</summary>
    /// <exception cref="Rundlet.Linux.ContainerException">A name is unknown.</exception>
    public static ProcessCapabilities From(Capabilities? spec, ulong limit)
    {
        if (spec is null)
            return default;
        ulong permitted = MaskOf(spec.Permitted, "permitted") & limit;
        ulong inheritable = MaskOf(spec.Inheritable, "inheritable") & limit;
        // The kernel raises an ambient capability only where it is permitted and inheritable. Callers name more since they
        // leave the inheritable set empty (buildah 1.28); as with runc and crun they get less, not an error.
        ulong ambient = MaskOf(spec.Ambient, "ambient") & permitted & inheritable;
        return new ProcessCapabilities(MaskOf(spec.Bounding, "bounding") & limit, MaskOf(spec.Effective, "effective") & limit, permitted, inheritable, ambient);
    }

    private static ulong MaskOf(List<string>? names, string set)
    {
        ulong mask = 0;
        foreach (string name in names ?? [])
            mask |= 1UL << CapabilityTable.NumberOf(name, set);
        return mask;
    }
}
