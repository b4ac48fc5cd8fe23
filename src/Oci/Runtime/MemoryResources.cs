namespace Rundlet.Oci;

/// <summary>Memory limits in bytes; -1 is no limit (config-linux.md, Memory).</summary>
public sealed class MemoryResources
{
    /// <summary>Memory.</summary>
    public long? Limit { get; set; }

    /// <summary>Soft limit.</summary>
    public long? Reservation { get; set; }

    /// <summary>Memory and swap together.</summary>
    public long? Swap { get; set; }

    /// <summary>Kernel memory; deprecated, new kernels have no such limit.</summary>
    public long? Kernel { get; set; }

    /// <summary>TCP buffers; cgroup v1 only.</summary>
    public long? KernelTcp { get; set; }

    /// <summary>Readiness to swap, 0 to 100; cgroup v1 only.</summary>
    public ulong? Swappiness { get; set; }

    /// <summary>No OOM killer: tasks wait for memory; cgroup v1 only.</summary>
    public bool? DisableOomKiller { get; set; }

    /// <summary>Count memory of child cgroups too; cgroup v1 only.</summary>
    public bool? UseHierarchy { get; set; }

    /// <summary>Refuse an update to a limit below what is used now.</summary>
    public bool? CheckBeforeUpdate { get; set; }
}
