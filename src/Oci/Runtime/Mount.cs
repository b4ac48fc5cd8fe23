namespace Rundlet.Oci;

/// <summary>One mount inside the container (config.md, Mounts).</summary>
public sealed class Mount
{
    /// <summary>Where, absolute inside the container.</summary>
    public required string Destination { get; set; }

    /// <summary>File system type as in <c>/proc/filesystems</c>; for bind mounts ignored.</summary>
    public string? Type { get; set; }

    /// <summary>Device, file or folder on the host; relative to the bundle for bind mounts.</summary>
    public string? Source { get; set; }

    /// <summary>Options as of mount(8), with those of config.md such as <c>rbind</c>, <c>tmpcopyup</c> and <c>idmap</c>.</summary>
    public List<string>? Options { get; set; }

    /// <summary>User id mapping of the mount, mount_setattr(2); comes with <see cref="GidMappings"/>.</summary>
    public List<IdMapping>? UidMappings { get; set; }

    /// <summary>Group id mapping of the mount.</summary>
    public List<IdMapping>? GidMappings { get; set; }
}
