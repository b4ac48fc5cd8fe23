namespace Rundlet.Oci;

/// <summary>Limit on huge pages of one size (config-linux.md, Huge page limits).</summary>
public sealed class HugepageLimit
{
    /// <summary>Size with unit: <c>2MB</c>, <c>1GB</c>.</summary>
    public required string PageSize { get; set; }

    /// <summary>Bytes.</summary>
    public required ulong Limit { get; set; }
}
