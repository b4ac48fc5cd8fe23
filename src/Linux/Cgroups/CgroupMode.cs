namespace Rundlet.Linux.Cgroups;

/// <summary>How control groups are mounted on this machine.</summary>
public enum CgroupMode
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>v1 hierarchies only.</summary>
    V1,

    /// <summary>v1 hierarchies and a cgroup2 mount beside them.</summary>
    Hybrid,

    /// <summary>cgroup2 only.</summary>
    V2,
}
