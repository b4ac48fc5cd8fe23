using Rundlet.Oci;

namespace Rundlet.Runtime.Planning;

/// <summary>The five sets of a process as masks, bit n for capability n; see capabilities(7).</summary>
internal readonly record struct ProcessCapabilities(ulong Bounding, ulong Effective, ulong Permitted, ulong Inheritable, ulong Ambient)
{
    /// <summary>The sets that a process gets: what the spec names, cut down to what the caller can give.</summary>
    /// <exception cref="Rundlet.Linux.ContainerException">A name is unknown.</exception>
    public static ProcessCapabilities From(Capabilities? spec, ulong limit) => spec is null
        ? default
        : new ProcessCapabilities(
            MaskOf(spec.Bounding, "bounding") & limit,
            MaskOf(spec.Effective, "effective") & limit,
            MaskOf(spec.Permitted, "permitted") & limit,
            MaskOf(spec.Inheritable, "inheritable") & limit,
            MaskOf(spec.Ambient, "ambient") & limit);

    private static ulong MaskOf(List<string>? names, string set)
    {
        ulong mask = 0;
        foreach (string name in names ?? [])
            mask |= 1UL << CapabilityTable.NumberOf(name, set);
        return mask;
    }
}
