namespace Rundlet.Oci;

/// <summary>Network classes and priorities, cgroup v1 only (config-linux.md, Network).</summary>
public sealed class NetworkResources
{
    /// <summary>Class of the container’s packets, for tc(8).</summary>
    public uint? ClassId { get; set; }

    /// <summary>Priorities by interface.</summary>
    public List<InterfacePriority>? Priorities { get; set; }
}
