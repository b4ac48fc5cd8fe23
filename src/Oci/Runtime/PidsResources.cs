namespace Rundlet.Oci;

/// <summary>Number of tasks (config-linux.md, PIDs).</summary>
public sealed class PidsResources
{
    /// <summary>Tasks; -1 is no limit, absent leaves it alone.</summary>
    public long? Limit { get; set; }
}
