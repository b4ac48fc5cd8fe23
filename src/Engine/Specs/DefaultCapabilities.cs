using Rundlet.Engine.Options;
using Rundlet.Linux.Capabilities;
using Rundlet.Oci;

namespace Rundlet.Engine.Specs;

/// <summary>What root in a container may do.</summary>
public static class DefaultCapabilities
{
    private static readonly string[] s_names =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
    ];

    /// <summary>The set for some options. <c>ALL</c> is taken first, then what is named: <c>--cap-add ALL --cap-drop NET_RAW</c> is all but one.</summary>
    /// <param name="options">What the user wants.</param>
    /// <param name="known">What this machine can give: its kernel's, cut to our own bounding set.</param>
    /// <exception cref="Rundlet.Linux.ContainerException">InvalidArgument: there is no such capability.</exception>
    public static CapabilitySet For(SecurityOptions options, CapabilitySet known)
    {
        if (options.Privileged)
            return known;
        CapabilitySet set = CapabilitySet.FromNames(s_names);
        if (options.CapAdd.Any(IsAll))
            set = known;
        if (options.CapDrop.Any(IsAll))
            set = CapabilitySet.None;
        foreach (string name in options.CapAdd.Where(name => !IsAll(name)))
            set = set.With(Capability.Parse(name));
        foreach (string name in options.CapDrop.Where(name => !IsAll(name)))
            set = set.Without(Capability.Parse(name));
        return set;
    }

    /// <summary>As the specification has it. Nothing is inheritable or ambient: a user other than root has none of them.</summary>
    public static Oci.Capabilities ToSpec(CapabilitySet set) => new()
    {
        Bounding = set.ToNames(),
        Effective = set.ToNames(),
        Permitted = set.ToNames(),
        Inheritable = [],
        Ambient = [],
    };

    private static bool IsAll(string name) => name.Equals("ALL", StringComparison.OrdinalIgnoreCase) || name.Equals("CAP_ALL", StringComparison.OrdinalIgnoreCase);
}
