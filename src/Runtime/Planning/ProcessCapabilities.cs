using Rundlet.Linux.Capabilities;
using Rundlet.Oci;

namespace Rundlet.Runtime.Planning;

/// <summary>The five sets of a process as masks, bit n for capability n; see capabilities(7).</summary>
internal readonly record struct ProcessCapabilities(ulong Bounding, ulong Effective, ulong Permitted, ulong Inheritable, ulong Ambient)
{
    /// <summary>The sets that a process gets: what the spec names and this build knows, cut down to what the caller can give.</summary>
    public static ProcessCapabilities From(Capabilities? spec, ulong limit)
    {
        if (spec is null)
            return default;
        ulong permitted = MaskOf(spec.Permitted) & limit;
        ulong inheritable = MaskOf(spec.Inheritable) & limit;
        // The kernel raises an ambient capability only where it is permitted and inheritable. Callers name more since they
        // leave the inheritable set empty (buildah 1.28); as with runc and crun they get less, not an error.
        ulong ambient = MaskOf(spec.Ambient) & permitted & inheritable;
        return new ProcessCapabilities(MaskOf(spec.Bounding) & limit, MaskOf(spec.Effective) & limit, permitted, inheritable, ambient);
    }

    private static ulong MaskOf(List<string>? names)
    {
        ulong mask = 0;
        foreach (string name in names ?? [])
            mask |= Capability.TryFromName(name, out uint number) ? 1UL << (int)number : 0;
        return mask;
    }
}
