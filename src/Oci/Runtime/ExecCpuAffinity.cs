namespace Rundlet.Oci;

/// <summary>CPUs on which a process added by <c>exec</c> may run (config.md, Linux Process).</summary>
public sealed class ExecCpuAffinity
{
    /// <summary>CPU list such as <c>0-3,7</c>, in force before the process enters the container’s cgroup.</summary>
    public string? Initial { get; set; }

    /// <summary>CPU list in force after it.</summary>
    public string? Final { get; set; }
}
