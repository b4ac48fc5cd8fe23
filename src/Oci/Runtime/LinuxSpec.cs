namespace Rundlet.Oci;

/// <summary>The <c>linux</c> object of a spec (config-linux.md).</summary>
public sealed class LinuxSpec
{
    /// <summary>Namespaces to make or join; any type not listed is shared with the runtime (Namespaces).</summary>
    public List<Namespace>? Namespaces { get; set; }

    /// <summary>User id mapping of the user namespace (User namespace mappings).</summary>
    public List<IdMapping>? UidMappings { get; set; }

    /// <summary>Group id mapping of the user namespace (User namespace mappings).</summary>
    public List<IdMapping>? GidMappings { get; set; }

    /// <summary>Offsets of the time namespace by clock: <c>monotonic</c>, <c>boottime</c> (Offset for Time Namespace).</summary>
    public Dictionary<string, TimeOffset>? TimeOffsets { get; set; }

    /// <summary>Device nodes besides the default ones (Devices).</summary>
    public List<Device>? Devices { get; set; }

    /// <summary>Network devices of the host to move into the container, by name on the host (Network Devices).</summary>
    public Dictionary<string, NetDevice>? NetDevices { get; set; }

    /// <summary>Cgroup of the container: a path, or <c>slice:prefix:name</c> for systemd (Cgroups Path).</summary>
    public string? CgroupsPath { get; set; }

    /// <summary>Limits (Control groups).</summary>
    public Resources? Resources { get; set; }

    /// <summary>Cache and memory bandwidth control (IntelRdt).</summary>
    public IntelRdt? IntelRdt { get; set; }

    /// <summary>NUMA memory policy (Memory Policy).</summary>
    public MemoryPolicy? MemoryPolicy { get; set; }

    /// <summary>Kernel parameters of the container’s namespaces, sysctl(8) (Sysctl).</summary>
    public Dictionary<string, string>? Sysctl { get; set; }

    /// <summary>System call filter (Seccomp).</summary>
    public Seccomp? Seccomp { get; set; }

    /// <summary><c>shared</c>, <c>slave</c>, <c>private</c> or <c>unbindable</c>, mount_namespaces(7) (Rootfs Mount Propagation).</summary>
    public string? RootfsPropagation { get; set; }

    /// <summary>Absolute paths that the container must not read (Masked Paths).</summary>
    public List<string>? MaskedPaths { get; set; }

    /// <summary>Absolute paths that the container must not write (Readonly Paths).</summary>
    public List<string>? ReadonlyPaths { get; set; }

    /// <summary>SELinux label of the mounts (Mount Label).</summary>
    public string? MountLabel { get; set; }

    /// <summary>Execution domain, personality(2) (Personality).</summary>
    public Personality? Personality { get; set; }
}
