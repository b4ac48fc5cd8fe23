namespace Rundlet.Runtime;

/// <summary>Who makes a container's cgroup.</summary>
public enum CgroupManager
{
    /// <summary>The runtime, in the cgroup file systems.</summary>
    Cgroupfs,

    /// <summary>systemd, as a scope; <c>cgroupsPath</c> is then <c>slice:prefix:name</c>.</summary>
    Systemd,

    /// <summary>Nobody: the container stays in the caller's cgroup, and limits are refused.</summary>
    Disabled,
}
