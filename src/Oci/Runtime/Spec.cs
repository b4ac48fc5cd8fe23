namespace Rundlet.Oci;

/// <summary>A container as <c>config.json</c> of a bundle describes it (runtime-spec 1.3, config.md; the Linux and the common parts).</summary>
public sealed class Spec
{
    /// <summary>Version of the runtime specification, SemVer 2.0 (config.md, Specification version).</summary>
    public required string OciVersion { get; set; }

    /// <summary>The program to run; needed by the time of <c>start</c> (config.md, Process).</summary>
    public Process? Process { get; set; }

    /// <summary>The root file system (config.md, Root).</summary>
    public Root? Root { get; set; }

    /// <summary>Host name inside the uts namespace (config.md, Hostname).</summary>
    public string? Hostname { get; set; }

    /// <summary>NIS domain name inside the uts namespace (config.md, Domainname).</summary>
    public string? Domainname { get; set; }

    /// <summary>Mounts besides the root, in the order they are made (config.md, Mounts).</summary>
    public List<Mount>? Mounts { get; set; }

    /// <summary>Programs run at points of the life cycle (config.md, POSIX-platform Hooks).</summary>
    public Hooks? Hooks { get; set; }

    /// <summary>Free metadata; keys are usually reverse domain names (config.md, Annotations).</summary>
    public Dictionary<string, string>? Annotations { get; set; }

    /// <summary>The Linux part (config-linux.md).</summary>
    public LinuxSpec? Linux { get; set; }
}
