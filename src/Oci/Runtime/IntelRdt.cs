namespace Rundlet.Oci;

/// <summary>Intel Resource Director Technology, through resctrl (config-linux.md, IntelRdt).</summary>
public sealed class IntelRdt
{
    /// <summary>Class of service: name of the folder in resctrl; absent is the container’s id.</summary>
    public string? ClosId { get; set; }

    /// <summary>Lines for the <c>schemata</c> file, as they are (since 1.3).</summary>
    public List<string>? Schemata { get; set; }

    /// <summary>Line for the L3 cache: <c>L3:0=f;1=f0</c>.</summary>
    public string? L3CacheSchema { get; set; }

    /// <summary>Line for memory bandwidth: <c>MB:0=20;1=70</c>.</summary>
    public string? MemBwSchema { get; set; }

    /// <summary>Make a monitoring group of the container’s own (since 1.3).</summary>
    public bool EnableMonitoring { get; set; }

    /// <summary>Cache monitoring (before 1.3).</summary>
    public bool EnableCmt { get; set; }

    /// <summary>Memory bandwidth monitoring (before 1.3).</summary>
    public bool EnableMbm { get; set; }
}
